"""Sessions as the program makes them, in this process, with settings and a clock of the test's."""

import pytest

from list_sync.api.overseerr import OverseerrClient
from list_sync.config import load_settings
from list_sync.config.policy.joining import has_policy_file, read_joined
from list_sync.main import Session
from list_sync.providers import available_providers
from tests.builders import NOON
from tests.fakes.clock import FakeClock


@pytest.fixture
def clock():
    return FakeClock(NOON)


@pytest.fixture
def open_session(tmp_path, demo, clock):
    opened = []

    def open_one(**variables):
        env = {"DATA_DIR": str(tmp_path), "SELENIUM_POOL_SIZE": "0", "RETRY_ATTEMPTS": "0", **variables}
        settings = load_settings(env, providers=available_providers(), dotenv=None)
        if has_policy_file(settings.process.config_dir):
            settings = read_joined(settings, available_providers())
        client = OverseerrClient(demo.url, demo.api_key, settings.household.overseerr_user_id)
        session = Session(settings, client=client, now=clock.now)
        opened.append(session)
        return session

    yield open_one
    for session in opened:
        session.close()
