"""What is said of sources that changed, block or do not answer, from the lists as last read."""

from datetime import UTC, timedelta

import pytest

from list_sync.correcting.source_faults import describe_fault
from list_sync.model.releases import Release
from list_sync.model.routes import RouteRecord, note_attempts
from list_sync.model.sources import Attempt, AttemptOutcome, FetchState
from list_sync.storage.lists import ListRecord
from list_sync.storage.source_faults import find_source_faults
from tests.builders import NOON

DRIFTED, BLOCKED, DOWN, SERVED = (
    AttemptOutcome.DRIFTED,
    AttemptOutcome.BLOCKED,
    AttemptOutcome.DOWN,
    AttemptOutcome.SERVED,
)
LATER = NOON + timedelta(days=1)
MENDING = (Release("v9.2.0", NOON, ("imdb/graphql",)), Release("v9.1.0", NOON, ("imdb/graphql", "trakt/api")))


def record(name: str, *, read_by: str = "", **routes: AttemptOutcome) -> ListRecord:
    """Return a list, read by one route or not at all, with what other routes came to since noon."""
    provider, _, list_id = name.partition(":")
    known = tuple(RouteRecord(route, outcome, NOON, LATER) for route, outcome in routes.items())
    if read_by:
        known += (RouteRecord(read_by, SERVED, NOON, LATER),)
    state = FetchState.COMPLETE if read_by else FetchState.FAILED
    return ListRecord(provider, list_id, 3, state, read_by, None, LATER, LATER, LATER, 1, routes=known)


def told(*records: ListRecord, releases=(), is_checking=False) -> list[str]:
    return [describe_fault(one, zone=UTC, is_checking=is_checking) for one in find_source_faults(records, releases)]


def test_a_source_that_changed_its_form_is_named_with_its_day_the_other_way_and_where_to_look():
    lists = (
        record("imdb:ls1", graphql=DRIFTED, read_by="mdblist"),
        record("imdb:ls2", graphql=DRIFTED, read_by="mdblist"),
    )

    assert told(*lists) == [
        (
            "imdb changed its form at 2026-11-22 12:00 (by graphql, all 2 lists). Until that is over, they are read by "
            "mdblist. Look for a release that mends it at https://github.com/Woahai321/list-sync/releases; with "
            "UPDATE_CHECK=true, it is named here."
        )
    ]


def test_the_newest_release_that_mends_it_is_named():
    lists = record("imdb:ls1", graphql=DRIFTED), record("imdb:ls2", graphql=DRIFTED)

    (mended,) = told(*lists, releases=MENDING, is_checking=True)
    (other,) = told(record("mdblist:1", api=DRIFTED), releases=MENDING, is_checking=True)

    assert mended.endswith("(by graphql, all 2 lists). ListSync 9.2.0 reads it again: update.")
    assert other.endswith(
        "No release that mends it is known yet: https://github.com/Woahai321/list-sync/releases has the newest."
    )


def test_one_odd_list_is_told_from_a_source_that_changed():
    odd, only = record("imdb:ls1", graphql=DRIFTED), record("trakt:joe/best", api=DRIFTED)

    assert told(odd, record("imdb:ls2", read_by="graphql")) == [
        (
            "Only imdb:ls1: not understood by graphql since 2026-11-22 12:00; others are read by it, so it is odd, and "
            "not the source."
        )
    ]
    assert told(only)[0].startswith(
        "trakt changed its form at 2026-11-22 12:00, or this list is odd (by api, its only list trakt:joe/best)."
    )


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (BLOCKED, "imdb has blocked ListSync since 2026-11-22 12:00 (by graphql, all 2 lists)."),
        (DOWN, "imdb has not answered since 2026-11-22 12:00 (by graphql, all 2 lists)."),
        (
            AttemptOutcome.RATE_LIMITED,
            "imdb has asked for fewer requests since 2026-11-22 12:00 (by graphql, all 2 lists).",
        ),
    ],
)
def test_blocked_down_and_limited_have_words_of_their_own_and_no_release_is_looked_for(outcome, words):
    lists = record("imdb:ls1", graphql=outcome), record("imdb:ls2", graphql=outcome)

    assert told(*lists, record("mdblist:1", read_by="api")) == [words]


def test_lists_that_fail_in_other_ways_do_not_make_a_list_odd():
    lists = [record(f"imdb:ls{number}", graphql=DRIFTED) for number in (1, 2)]

    (changed, silent) = told(*lists, record("imdb:ls3", graphql=DOWN), record("mdblist:1", read_by="api"))

    assert changed.startswith("imdb changed its form at 2026-11-22 12:00 (by graphql, 2 of 3 lists).")
    assert silent == "imdb has not answered since 2026-11-22 12:00 (by graphql, 1 of 3 lists)."


def test_without_the_internet_there_is_one_sentence_and_what_is_at_home_does_not_count():
    lists = [record("imdb:ls1", graphql=DOWN, browser=DOWN), record("mdblist:1", api=DOWN)]
    at_home = record("radarr:all", read_by="api")
    sentence = "No source in the internet has answered since 2026-11-22 12:00: look at the network of this machine."

    assert told(*lists, at_home) == [sentence]
    assert len(told(lists[0], at_home)) == 2
    assert told(*lists, record("tmdb:1", read_by="api")) != [sentence]


def test_what_a_route_came_to_long_ago_is_not_told_of():
    record_of_now = RouteRecord("graphql", SERVED, NOON, LATER)
    old = RouteRecord("browser", BLOCKED, NOON, NOON)
    one = record("imdb:ls1")

    assert find_source_faults([type(one)(**{**values_of(one), "routes": (record_of_now, old)})]) == ()


def values_of(one: ListRecord) -> dict[str, object]:
    return {name: getattr(one, name) for name in ListRecord.__dataclass_fields__}


def test_since_when_a_route_comes_to_the_same_outlives_what_says_nothing_about_it():
    attempts = (
        (0, Attempt("graphql", DRIFTED)),
        (1, Attempt("back-off", AttemptOutcome.SKIPPED)),
        (2, Attempt("cache", SERVED)),
        (3, Attempt("graphql", AttemptOutcome.NEEDS_KEY)),
        (4, Attempt("graphql", DRIFTED)),
    )
    known: tuple[RouteRecord, ...] = ()
    for days, attempt in attempts:
        known = note_attempts(known, [attempt], at=NOON + timedelta(days=days))
    assert known == (RouteRecord("graphql", DRIFTED, NOON, NOON + timedelta(days=4)),)

    known = note_attempts(known, [Attempt("graphql", AttemptOutcome.PARTIAL)], at=LATER)
    assert known == (RouteRecord("graphql", SERVED, LATER, LATER),)
