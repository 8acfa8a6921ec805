"""Addresses that a caller of the service names: private ones are read only if they are in the settings."""

import pytest

from list_sync.model.report import SyncMode
from list_sync.model.sources import ListRef

# Nothing listens there.
ADDRESS = "http://127.0.0.1:9/list.json"


@pytest.mark.parametrize(
    ("mode", "lists", "words"),
    [
        (SyncMode.API, "", "private network, is refused"),
        (SyncMode.WEBHOOK, "", "private network, is refused"),
        (SyncMode.API, ADDRESS, "cannot be reached"),
        (SyncMode.MANUAL, "", "cannot be reached"),
    ],
)
def test_a_private_address_is_read_for_the_user_alone(open_session, mode, lists, words):
    session = open_session(FILE_LISTS=lists)
    report = session.sync(mode=mode, only=(ListRef("file", ADDRESS),), dry_run=True)

    (result,) = report.fetched
    assert words in result.reason
