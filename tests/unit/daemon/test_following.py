"""A daemon follows what it can of settings that change in config.enc, and goes on if they are wrong."""

import pytest

from list_sync.config import load_settings
from list_sync.config.encrypted import EncryptedStore
from list_sync.daemon.following import follow_settings
from list_sync.providers import available_providers


class Used:
    """A session that goes by settings."""

    def __init__(self, settings):
        self.settings = settings

    def use(self, settings):
        self.settings = settings


@pytest.fixture
def stored(tmp_path):
    return EncryptedStore(tmp_path / "config.enc", None)


@pytest.fixture
def session(tmp_path):
    variables = {"DATA_DIR": str(tmp_path), "IMDB_LISTS": "top"}
    return Used(load_settings(variables, providers=available_providers(), dotenv=None))


def test_caps_keys_and_lists_count_without_a_restart(session, stored):
    stored.set({"MAX_REQUESTS_PER_DAY": "5", "MDBLIST_API_KEY": "key", "STEVENLU_LISTS": "stevenlu"})

    assert follow_settings(session) == ()
    household = session.settings.household
    assert household.max_requests_per_day == 5
    assert "MDBLIST_API_KEY" in household.credentials
    assert [ref.name for ref in household.lists] == ["imdb:top", "stevenlu:stevenlu"]


def test_what_clients_were_built_with_stays_until_a_restart(session, stored):
    stored.set({"OVERSEERR_URL": "http://elsewhere.example", "LOG_LEVEL": "DEBUG"})

    before = session.settings
    assert follow_settings(session) == ()
    assert session.settings is before


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [("MAX_REQUESTS_PER_DAY", "many", "is not a whole number"), ("SYNC_INTERVAL", "0", "ask for one sync")],
)
def test_wrong_settings_change_nothing_and_are_told(session, stored, name, text, words):
    stored.set({name: text, "DRY_RUN": "true"})

    (problem,) = follow_settings(session)
    assert words in problem
    assert "the settings stay as they were" in problem
    assert not session.settings.household.dry_run
