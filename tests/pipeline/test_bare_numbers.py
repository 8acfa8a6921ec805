"""Entries of which a list states a TMDB number and nothing else."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

from list_sync.model.matches import Pin
from list_sync.model.servers import HOME
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.storage.memory import save_pins


def test_each_entry_that_is_nothing_but_a_number_has_a_row_and_a_reason_of_its_own(bench):
    numbers = [MediaItem("", None, None, MediaIds(tmdb=5_000_000 + number)) for number in range(3)]

    report = bench.sync(*numbers)

    assert report.counts == {"needs_review": 3}
    assert [[shown.tmdb_id for shown in outcome.result.candidates] for outcome in report.outcomes] == [
        [5_000_000],
        [5_000_001],
        [5_000_002],
    ]
    assert {outcome.reason for outcome in report.outcomes} == {"a TMDB number, but not whether of a film or of a show"}
    with closing(sqlite3.connect(f"{bench.folder}/{bench.name}.db")) as connection:
        keys = sorted(connection.execute("SELECT item_key FROM synced_items"))
    assert keys == [("tmdb:any:5000000:hd",), ("tmdb:any:5000001:hd",), ("tmdb:any:5000002:hd",)]


def numbered(title, year, number, **ids):
    return MediaItem(title, None, year, MediaIds(tmdb=number, **ids))


def requested(server):
    return {(row["media_type"], row["tmdb_id"]) for row in server.requests()}


def test_a_list_of_tmdb_numbers_alone_waits_for_review_and_shows_what_they_may_be(bench):
    report = bench.sync(*(MediaItem("", None, None, MediaIds(tmdb=number)) for number in (603, 550, 1396)))

    assert report.counts == {"needs_review": 3}
    assert [
        {(shown.media_type.value, shown.tmdb_id) for shown in one.result.candidates} for one in report.outcomes
    ] == [
        {("movie", 603)},
        {("movie", 550)},
        {("movie", 1396), ("tv", 1396)},
    ]
    assert requested(bench.server) == set()


def test_of_two_titles_of_one_name_and_year_the_stated_number_is_requested(bench):
    bench.sync(numbered("Anna", 2019, 80000009))
    assert requested(bench.server) == {("movie", 80000009)}

    bench.sync(numbered("Anna", 2019, 80000009), numbered("Anna", 2019, 80000010), MediaItem("Anna", None, 2019))
    assert requested(bench.server) == {("movie", 80000009), ("movie", 80000010)}


def test_entries_whose_kind_is_not_understood_are_found_by_number_and_name(bench):
    entries = [
        numbered("Breaking Bad", 2008, 1396),
        numbered("Mirror", 1975, 1396),
        numbered("The Matrix", 1999, 603),
        numbered("Chernobyl", 2019, 87108),
        MediaItem("Alien", None, 1979),
    ]

    bench.sync(*entries)

    right = {("tv", 1396), ("movie", 1396), ("movie", 603), ("tv", 87108), ("movie", 348)}
    assert requested(bench.server) == right
    again = bench.sync(*entries)
    assert again.calls.reads <= 6
    assert requested(bench.server) == right


def test_a_number_that_belongs_to_another_name_requests_nothing(bench):
    report = bench.sync(numbered("The Sopranos", 1999, 1396))

    assert report.counts == {"needs_review": 1}
    shown = {(one.media_type.value, one.tmdb_id) for one in report.outcomes[0].result.candidates}
    assert shown == {("movie", 1396), ("tv", 1396), ("tv", 1398)}


def test_while_tmdb_is_down_a_number_without_kind_decides_nothing(bench):
    bench.server.faults.tmdb_down = True
    report = bench.sync(numbered("Breaking Bad", 2008, 1396), MediaItem("", None, None, MediaIds(tmdb=603)))
    assert set(report.counts) == {"error"}

    bench.server.faults.tmdb_down = False
    bench.sync(numbered("Breaking Bad", 2008, 1396))
    assert requested(bench.server) == {("tv", 1396)}


def test_a_pin_of_the_title_that_a_number_came_to_holds_for_that_number_alone(bench):
    entries = (numbered("Breaking Bad", 2008, 1396), numbered("Mirror", 1975, 1396))
    with bench.opened() as parts, parts.store.writing() as connection:
        save_pins(
            connection, HOME, [Pin("tmdb:tv:1396", MediaType.TV, 1438), Pin("tmdb:movie:1396")], at=datetime.now(UTC)
        )

    for _ in range(2):
        bench.sync(*entries)
        assert requested(bench.server) == {("tv", 1438)}


def test_a_bare_number_can_be_pinned(bench):
    with bench.opened() as parts, parts.store.writing() as connection:
        save_pins(connection, HOME, [Pin("tmdb:any:1396", MediaType.TV, 1396)], at=datetime.now(UTC))
    bench.sync(MediaItem("", None, None, MediaIds(tmdb=1396)), MediaItem("", None, None, MediaIds(tmdb=603)))

    assert requested(bench.server) == {("tv", 1396)}


def test_a_title_whose_number_does_not_exist_is_requested_by_its_name_in_the_same_sync(bench):
    report = bench.sync(MediaItem("Fight Club", MediaType.MOVIE, 1999, MediaIds(tmdb=99_999_999)))

    assert report.counts == {"requested": 1}
    assert requested(bench.server) == {("movie", 550)}
