"""A title that is snoozed waits until the end, and is requested then."""

from datetime import timedelta

import pytest

from list_sync.correcting.finding import find_knowledge
from list_sync.correcting.pins import Chosen, ban, find_pins, pin, take_back
from list_sync.correcting.snoozing import snooze
from list_sync.demo.catalogue.synthetic import synthetic_imdb_id, synthetic_title
from list_sync.errors import InvalidListId
from list_sync.model.servers import HOME
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.model.waiting import WaitingCause, find_cause
from list_sync.storage.title_search import find_titles
from tests.builders import NOON
from tests.fakes.clock import FakeClock
from tests.fakes.shelf import synthetic

TEXT = "movie:5000001"
MONTH = timedelta(days=30)


@pytest.fixture
def clock(bench):
    clock = FakeClock(NOON)
    bench.clock = clock.now
    return clock


@pytest.fixture
def store(bench, clock):
    with bench.opened() as parts:
        yield parts.store


def find_record(bench):
    with bench.opened() as parts, parts.store.reading() as connection:
        return find_titles(connection, HOME, TEXT)[0]


def test_a_snoozed_title_waits_and_is_requested_after_the_end(bench, demo, clock, store):
    chosen = snooze(store, f"tmdb:{TEXT}", NOON + MONTH, at=NOON)
    assert isinstance(chosen, Chosen)

    assert bench.sync(synthetic(1)).counts == {"waiting": 1}
    record = find_record(bench)
    assert record.reason == "snoozed by you until 2026-12-22 12:00 UTC; requested by the first sync after that"
    assert find_cause(record.reason) is WaitingCause.SNOOZE
    assert find_knowledge(store, record, now=clock.now()).snoozed_until == NOON + MONTH

    clock.pass_by(days=31)
    assert bench.sync(synthetic(1)).counts == {"requested": 1}
    assert find_knowledge(store, record, now=clock.now()).snoozed_until is None


def test_a_snooze_holds_for_a_title_that_is_found_without_its_wrong_number_as_well(bench, store):
    ids = MediaIds(tmdb=99_000_001, imdb=synthetic_imdb_id(1))
    snooze(store, f"tmdb:{TEXT}", NOON + MONTH, at=NOON)

    assert bench.sync(MediaItem(synthetic_title(1), MediaType.MOVIE, None, ids)).counts == {"waiting": 1}


def test_what_is_requested_already_stays_as_it_is(bench, store):
    bench.sync(synthetic(1))
    snooze(store, TEXT, NOON + MONTH, at=NOON)

    report = bench.sync(synthetic(1))

    assert (report.counts, report.calls.writes) == ({"already_requested": 1}, 0)


def test_the_end_of_a_snooze_is_a_decision_of_the_user_as_well(bench, store):
    snooze(store, f"tmdb:{TEXT}", NOON + MONTH, at=NOON)
    snooze(store, f"tmdb:{TEXT}", None, at=NOON)

    assert bench.sync(synthetic(1)).counts == {"requested": 1}


def test_a_snooze_keeps_a_pin_and_a_pin_ends_a_snooze(store):
    key = "title:movie:heat:1995"
    pin(store, key, MediaType.MOVIE, 949, at=NOON)
    snooze(store, key, NOON + MONTH, at=NOON)
    assert [one.tmdb_id for one in find_pins(store, [key])] == [949]

    snooze(store, key, None, at=NOON)
    assert [one.tmdb_id for one in find_pins(store, [key])] == [949]

    snooze(store, key, NOON + MONTH, at=NOON)
    pin(store, key, MediaType.MOVIE, 949, at=NOON)
    assert take_back(store, key) == (key,)


def test_a_banned_title_stays_banned(store):
    ban(store, f"tmdb:{TEXT}", at=NOON)

    with pytest.raises(InvalidListId, match="it is banned and never requested: take the ban back first"):
        snooze(store, f"tmdb:{TEXT}", NOON + MONTH, at=NOON)

    assert [one.tmdb_id for one in find_pins(store, [f"tmdb:{TEXT}"])] == [None]
