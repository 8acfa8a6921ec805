"""What was told and what is to be told, on both databases."""

from list_sync.model.notices import Cause, Digest, Kind, Titles, Topic, Verdict
from list_sync.storage.notices import (
    MOST_DIGESTS,
    find_untold,
    forget_channels,
    note_causes,
    note_digest,
    note_told,
)
from tests.builders import NOON

HOME, CHANNEL = "home", "c0ffee"
BRAKE = Cause("brake", Topic.ATTENTION, "The brake holds 30 titles back.", "It holds nothing back.", "/plan")
LIST = Cause("list imdb:top", Topic.ATTENTION, "The list imdb:top is failed.", "It is whole again.", "/lists")


def note(store, *causes, verdict=Verdict.OVER, channel=CHANNEL):
    with store.writing() as connection:
        note_causes(connection, HOME, channel, causes, judge=lambda _key: verdict, at=NOON)


def tell(store, channel=CHANNEL, meanwhile=lambda: None):
    """Return the texts that a channel is told now; `meanwhile` is what happens while the message is sent."""
    with store.reading() as connection:
        untold, keys = find_untold(connection, HOME, channel)
    meanwhile()
    with store.writing() as connection:
        note_told(connection, HOME, channel, keys, at=NOON)
    return [one.text for one in untold.begun] + [one.over for one in untold.ended]


def test_a_cause_is_told_once_and_its_end_once_and_again_when_it_comes_back(store):
    note(store, BRAKE)
    first = tell(store)
    note(store, BRAKE)
    second = tell(store)
    note(store)
    third = tell(store)
    note(store)
    fourth = tell(store)
    note(store, BRAKE)

    assert [first, second, third, fourth, tell(store)] == [[BRAKE.text], [], [BRAKE.over], [], [BRAKE.text]]


def test_what_comes_back_while_its_end_is_told_is_told_again(store):
    note(store, BRAKE)
    tell(store)
    note(store)

    assert tell(store, meanwhile=lambda: note(store, BRAKE)) == [BRAKE.over]
    assert [tell(store), tell(store)] == [[BRAKE.text], []]


def test_what_was_over_before_it_was_told_is_not_told(store):
    note(store, BRAKE, LIST)
    note(store, LIST)

    assert tell(store) == [LIST.text]


def test_what_comes_back_before_its_end_was_told_is_not_told(store):
    note(store, BRAKE)
    tell(store)
    note(store)
    note(store, BRAKE)

    assert tell(store) == []


def test_a_cause_of_which_nothing_is_known_stays_and_one_that_is_gone_ends_in_silence(store):
    note(store, BRAKE, LIST)
    tell(store)
    note(store, LIST, verdict=Verdict.UNKNOWN)
    unknown = tell(store)
    note(store, LIST, verdict=Verdict.GONE)
    gone = tell(store)
    note(store, BRAKE, LIST)

    assert (unknown, gone, tell(store)) == ([], [], [BRAKE.text])


def test_each_channel_and_household_is_told_by_itself(store):
    note(store, BRAKE)
    note(store, BRAKE, channel="other")
    tell(store)
    with store.writing() as connection:
        forget_channels(connection, "uhd", but=())
        forget_channels(connection, HOME, but=("other",))
        untold, _ = find_untold(connection, HOME, CHANNEL)

    assert not untold
    assert tell(store, "other") == [BRAKE.text]


def test_the_news_of_runs_wait_together_and_the_oldest_are_given_up(store):
    titles = {Kind.REQUESTED: Titles(("A film",), 2)}
    with store.writing() as connection:
        for run_id in range(1, MOST_DIGESTS + 4):
            note_digest(connection, HOME, CHANNEL, Digest(run_id, titles), at=NOON.replace(minute=run_id))
        untold, keys = find_untold(connection, HOME, CHANNEL)
        note_told(connection, HOME, CHANNEL, keys, at=NOON)
        again, _ = find_untold(connection, HOME, CHANNEL)

    assert len(keys) == MOST_DIGESTS
    assert untold.digest.run_id == MOST_DIGESTS + 3
    assert untold.digest.titles[Kind.REQUESTED].total == 2 * MOST_DIGESTS
    assert not again
