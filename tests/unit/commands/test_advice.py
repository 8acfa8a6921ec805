"""Each state has one sentence about what would change it."""

import pytest

from list_sync.correcting.advice import advise
from list_sync.model.decisions import ItemStatus
from list_sync.storage.title_search import TitleRecord
from tests.builders import NOON, an_item
from tests.storage.recording import find_one, left, run


def a_record(store, status, reason=""):
    run(store, left(status, reason=reason, item=an_item(tmdb=603)))
    return find_one(store, "603")


@pytest.mark.parametrize("status", ItemStatus)
def test_every_state_has_advice(store, status):
    assert advise(a_record(store, status))


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (ItemStatus.WAITING, "settle it with list-sync accept-reset", "list-sync accept-reset settles it"),
        (ItemStatus.WAITING, "snoozed by you until Monday", "list-sync snooze tmdb:movie:603 --off ends the snooze"),
        (ItemStatus.DECLINED, "unless you pin it", "list-sync pin tmdb:movie:603 tmdb:movie:603"),
        (ItemStatus.DECLINED, "declined on the server", "approve its request on the server"),
        (ItemStatus.EXCLUDED, "banned", "list-sync ban tmdb:movie:603 --remove"),
    ],
)
def test_the_reason_decides_about_the_advice(store, status, reason, words):
    assert words in advise(a_record(store, status, reason))


def test_a_key_is_one_word_of_a_command_line():
    record = TitleRecord(
        *(1, "title:movie:it's me:2000:hd", "It's me", None, 2000, None, None, None, "hd"),
        *(ItemStatus.NOT_FOUND, "", None, NOON, NOON, None, 1),
    )

    assert "list-sync pin 'title:movie:it'\"'\"'s me:2000' TMDB" in advise(record)
