"""Changes of config.enc through the service: checked like a start, one at a time, and with their obstacles told."""

import threading

import pytest

from list_sync.config.changing import Overtaken, SettingsStore
from list_sync.config.encrypted import EncryptedStore
from list_sync.config.environment import Environment
from list_sync.errors import ConfigError
from list_sync.providers import available_providers

PROVIDERS = available_providers()


@pytest.fixture
def open_store(tmp_path):
    def start(**variables):
        return SettingsStore(lambda: Environment.open({"DATA_DIR": str(tmp_path), **variables}, None))

    return start


def test_of_many_who_save_at_once_one_wins(open_store):
    store = open_store()
    version, results = store.version_of("DRY_RUN"), []

    def save():
        try:
            store.write({"DRY_RUN": "true"}, version, PROVIDERS)
            results.append("saved")
        except Overtaken:
            results.append("overtaken")

    threads = [threading.Thread(target=save) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["overtaken"] * 4 + ["saved"]


def test_with_two_wrong_settings_one_can_be_mended_after_the_other(open_store, tmp_path):
    EncryptedStore(tmp_path / "config.enc", None).set({"MAX_WORKERS": "many", "CACHE_TTL": "long"})
    store = open_store()

    assert len(store.read(PROVIDERS).problems) == 2
    store.write(store.build_changes("MAX_WORKERS", "3", "", PROVIDERS), store.version_of("MAX_WORKERS"), PROVIDERS)
    assert len(store.read(PROVIDERS).problems) == 1


def test_the_version_of_a_secret_tells_nothing_of_it(open_store, tmp_path):
    EncryptedStore(tmp_path / "config.enc", None).set({"TMDB_KEY": "abc"})

    first, second = open_store(), open_store()
    assert first.version_of("TMDB_KEY") == first.version_of("TMDB_KEY")
    assert first.version_of("TMDB_KEY") != second.version_of("TMDB_KEY")


def test_a_folder_that_cannot_be_written_is_told_with_what_to_do(tmp_path):
    missing = tmp_path / "gone"
    store = SettingsStore(lambda: Environment.open({"DATA_DIR": str(missing)}, None))

    assert f"write access to {missing} (DATA_DIR)" in store.find_obstacle()


@pytest.mark.parametrize(
    ("before", "after", "is_same"),
    [
        ("http://nas:5055", "http://nas:5055/seerr", True),
        ("http://nas:5055", "HTTP://NAS:5055/", True),
        ("http://nas:5055", "http://nas:5056", False),
        ("http://nas:5055", "https://nas:5055", False),
        ("http://nas:5055", "http://nas:5055@elsewhere.example", False),
        ("http://nas:5055", "http://elsewhere.example#http://nas:5055", False),
    ],
)
def test_a_known_key_goes_on_to_the_same_server_only(open_store, tmp_path, before, after, is_same):
    EncryptedStore(tmp_path / "config.enc", None).set({"RADARR_URL": before, "RADARR_API_KEY": "key"})
    store = open_store()

    if is_same:
        assert store.build_changes("RADARR_URL", after, "", PROVIDERS) == {"RADARR_URL": after}
    else:
        with pytest.raises(ConfigError, match=r"type it again|must end before"):
            store.build_changes("RADARR_URL", after, "", PROVIDERS)
