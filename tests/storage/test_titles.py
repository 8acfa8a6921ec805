import random
from datetime import timedelta

from sqlalchemy import select

from list_sync.database.schema import item_events, synced_items
from list_sync.model.decisions import ItemStatus
from list_sync.model.matches import Candidate, MatchMethod, NoMatchReason, Resolution
from list_sync.model.servers import HOME
from list_sync.model.sources import FetchState
from list_sync.model.titles import MediaType, Quality
from list_sync.storage.server_memory import save_film_names
from list_sync.storage.title_search import count_statuses, find_review
from tests.builders import NOON, an_item
from tests.storage.recording import (
    FIRST,
    SECOND,
    asked,
    find,
    find_one,
    in_quality,
    left,
    read,
    run,
    statuses,
    unmatched,
)

CANDIDATES = (
    Candidate(MediaType.MOVIE, 841, "Dune", "Dune", 1984, 20.5),
    Candidate(MediaType.MOVIE, 438631, "Dune", "", 2021, 99.0),
)


def count_rows(store, table="synced_items"):
    with store.reading() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()


def test_a_requested_title_is_recorded_with_everything_that_is_known(store):
    item = an_item("The Matrix", year=1999, tmdb=603, imdb="tt0133093", tvdb=12)

    run_id = run(store, asked(FIRST, SECOND, item=item, reason="requested, number 12"))

    record = find_one(store, "603")
    assert (record.item_key, record.title, record.media_type, record.year) == (
        "movie:603:hd",
        "The Matrix",
        MediaType.MOVIE,
        1999,
    )
    assert (record.imdb_id, record.tvdb_id, record.tmdb_id) == ("tt0133093", 12, 603)
    assert (record.status, record.reason) == (ItemStatus.REQUESTED, "requested, number 12")
    assert record.method is MatchMethod.TMDB_ID
    assert (record.lists, record.provider_source) == (("imdb:ls1", "trakt:joe/best"), "imdb:ls1")
    assert record.run_id == run_id
    assert record.first_seen == record.last_synced == NOON
    assert [(event.run_id, event.at, event.status) for event in record.events] == [(run_id, NOON, ItemStatus.REQUESTED)]


def test_a_run_that_has_nothing_to_do_moves_only_last_synced(store):
    run(store, asked(reason="requested, number 12"))
    before = find_one(store, "603")

    run_id = run(
        store, left(ItemStatus.ALREADY_REQUESTED, reason="requested on the server", item=an_item(tmdb=603)), hour=1
    )

    after = find_one(store, "603")
    assert (after.status, after.reason, after.events) == (before.status, before.reason, before.events)
    assert after.last_synced == NOON + timedelta(hours=1)
    assert after.first_seen == NOON
    assert after.run_id == run_id


def test_leaving_a_requested_title_alone_keeps_the_reason_of_the_request(store):
    run(store, asked(reason="requested, number 12"))

    run(store, left(ItemStatus.REQUESTED, reason="requested on 2026-11-22"), hour=1)

    assert find_one(store, "603").reason == "requested, number 12"


def test_asking_for_more_of_a_requested_title_is_an_event(store):
    run(store, asked(reason="seasons 1"))

    run(store, asked(reason="seasons 2"), hour=1)

    assert [event.reason for event in find_one(store, "603").events] == ["seasons 1", "seasons 2"]


def test_a_title_that_became_available_says_so_and_remembers_that_it_was_requested(store):
    run(store, asked())
    run(store, left(ItemStatus.ALREADY_AVAILABLE), hour=1)

    record = find_one(store, "603")
    assert record.status is ItemStatus.ALREADY_AVAILABLE
    assert statuses(record) == [ItemStatus.REQUESTED, ItemStatus.ALREADY_AVAILABLE]


def test_a_dry_run_leaves_a_real_state_and_its_reason(store):
    run(store, left(ItemStatus.WAITING, reason="the cap is reached"))

    run(store, asked(status=ItemStatus.WOULD_REQUEST, reason="dry run"), hour=1, dry_run=True)

    record = find_one(store, "603")
    assert (record.status, record.reason, len(record.events)) == (ItemStatus.WAITING, "the cap is reached", 1)


def test_gaps_are_filled_later_and_nothing_is_ever_emptied(store):
    run(store, left(ItemStatus.REQUESTED, item=an_item("", year=None, tmdb=603)))
    run(store, left(ItemStatus.REQUESTED, item=an_item("The Matrix", year=1999, tmdb=603, imdb="tt0133093")))
    run(store, left(ItemStatus.REQUESTED, item=an_item("", year=None, tmdb=603)))

    record = find_one(store, "603")
    assert (record.title, record.year, record.imdb_id) == ("The Matrix", 1999, "tt0133093")


def test_hd_and_4k_and_film_and_show_of_one_number_are_rows_of_their_own(store):
    run(store, left(ItemStatus.REQUESTED), left(ItemStatus.REQUESTED, kind=MediaType.TV, item=an_item(tmdb=603)))
    run(store, in_quality(Quality.UHD, left(ItemStatus.WAITING)))

    assert {record.item_key for record in find(store, "603")} == {"movie:603:hd", "tv:603:hd", "movie:603:4k"}
    assert [record.item_key for record in find(store, "tv:603")] == ["tv:603:hd"]


def test_two_entries_of_one_title_in_a_run_are_one_row_that_shows_the_request(store):
    run(store, left(ItemStatus.ALREADY_REQUESTED, FIRST, item=an_item("One")), asked(SECOND, item=an_item("Two")))

    record = find_one(store, "603")
    assert (record.status, len(record.events)) == (ItemStatus.REQUESTED, 1)
    assert record.lists == ("imdb:ls1", "trakt:joe/best")


def test_an_unmatched_title_waits_in_review_with_its_candidates(store):
    run(store, unmatched(an_item("Dune", year=None, imdb="tt9"), candidates=CANDIDATES))

    with store.reading() as connection:
        (record,) = find_review(connection, HOME)
    assert (record.item_key, record.tmdb_id, record.candidates) == ("imdb:tt9:hd", None, CANDIDATES)


def test_a_failed_look_up_does_not_take_a_title_out_of_review(store):
    run(store, unmatched(an_item("Dune", imdb="tt9"), candidates=CANDIDATES))
    run(store, unmatched(an_item("Dune", imdb="tt9"), NoMatchReason.LOOKUP_FAILED), hour=1)

    with store.reading() as connection:
        assert [record.candidates for record in find_review(connection, HOME)] == [CANDIDATES]


def test_a_row_that_was_unmatched_becomes_the_matched_one(store):
    item = an_item("Dune", year=2021, imdb="tt9")
    run(store, unmatched(item, candidates=CANDIDATES))

    run(store, left(ItemStatus.REQUESTED, item=item, tmdb_id=438631, method=MatchMethod.PIN), hour=1)

    record = find_one(store, "tt9")
    assert (record.item_key, record.tmdb_id, record.method) == ("movie:438631:hd", 438631, MatchMethod.PIN)
    assert record.candidates == ()
    assert record.first_seen == NOON
    assert statuses(record) == [ItemStatus.NEEDS_REVIEW, ItemStatus.REQUESTED]


def test_an_unmatched_row_joins_the_matched_one_that_is_there_already(store):
    by_name = an_item("Dune", year=2021)
    run(store, left(ItemStatus.REQUESTED, SECOND, tmdb_id=438631, item=an_item("Dune", year=2021, tmdb=438631)))
    run(store, unmatched(by_name, NoMatchReason.AMBIGUOUS, FIRST, candidates=CANDIDATES), hour=1)
    assert count_rows(store) == 2

    run(store, left(ItemStatus.REQUESTED, FIRST, SECOND, tmdb_id=438631, item=by_name), hour=2)

    record = find_one(store, "dune")
    assert count_rows(store) == 1
    assert count_rows(store, "review_candidates") == 0
    assert set(statuses(record)) == {ItemStatus.REQUESTED, ItemStatus.NEEDS_REVIEW}
    assert set(record.lists) == {"imdb:ls1", "trakt:joe/best"}


def test_an_unmatched_entry_that_gains_an_id_stays_one_row(store):
    run(store, unmatched(an_item("Dune", year=None)))
    run(store, unmatched(an_item("Dune", year=None, imdb="tt9")), hour=1)

    assert find_one(store, "dune").item_key == "imdb:tt9:hd"


def test_two_unmatched_entries_of_one_name_stay_two_rows_however_often_they_are_seen(store):
    both = (
        unmatched(an_item("Dune", year=None, imdb="tt9")),
        unmatched(an_item("Dune", year=None), NoMatchReason.NOT_FOUND),
    )
    for hour in range(3):
        run(store, *both, hour=hour)

    assert [len(record.events) for record in find(store, "dune")] == [1, 1]


def test_a_matched_title_that_cannot_be_looked_up_this_time_keeps_its_row_and_state(store):
    item = an_item("Dune", year=2021, imdb="tt9")
    run(store, left(ItemStatus.REQUESTED, item=item, tmdb_id=438631))

    run(store, unmatched(item, NoMatchReason.LOOKUP_FAILED), hour=1)

    record = find_one(store, "dune")
    assert (record.item_key, record.status) == ("movie:438631:hd", ItemStatus.REQUESTED)
    assert record.last_synced == NOON + timedelta(hours=1)


def test_banning_a_matched_title_shows_on_its_row(store):
    item = an_item("Dune", year=2021)
    run(store, left(ItemStatus.REQUESTED, item=item, tmdb_id=438631))

    run(store, unmatched(item, NoMatchReason.BANNED), hour=1)

    assert find_one(store, "dune").status is ItemStatus.EXCLUDED


def test_a_ban_in_the_same_run_takes_no_question_of_review_into_the_row_of_a_title(store):
    banned, matched, asked_about = an_item("Solaris", year=1972), an_item("Dune", imdb="tt9"), an_item("Dune")
    run(
        store, left(ItemStatus.REQUESTED, item=banned, tmdb_id=593), left(ItemStatus.REQUESTED, item=matched, tmdb_id=8)
    )

    run(
        store,
        unmatched(banned, NoMatchReason.BANNED),
        unmatched(an_item("Dune", imdb="tt9"), NoMatchReason.LOOKUP_FAILED),
        unmatched(asked_about, candidates=CANDIDATES),
        hour=1,
    )

    with store.reading() as connection:
        (question,) = find_review(connection, HOME)
    assert question.item_key.startswith("title:")
    assert question.candidates == CANDIDATES


def test_how_a_title_was_found_is_not_forgotten_when_it_is_remembered(store):
    run(store, left(ItemStatus.WAITING, method=MatchMethod.IMDB_ID))
    run(store, left(ItemStatus.ALREADY_AVAILABLE, method=MatchMethod.REMEMBERED), hour=1)

    assert find_one(store, "603").method is MatchMethod.IMDB_ID


def test_a_list_read_completely_loses_what_it_no_longer_holds(store):
    run(store, left(ItemStatus.REQUESTED, FIRST, SECOND), lists=[read(FIRST), read(SECOND)])

    run(store, left(ItemStatus.REQUESTED, SECOND), lists=[read(FIRST, items=0), read(SECOND)], hour=1)

    record = find_one(store, "603")
    assert (record.lists, record.provider_source) == (("trakt:joe/best",), "trakt:joe/best")


def test_a_title_on_no_list_any_more_stays_as_history(store):
    run(store, left(ItemStatus.REQUESTED), lists=[read(FIRST)])

    run(store, lists=[read(FIRST, items=0)], hour=1)

    record = find_one(store, "603")
    assert (record.lists, record.provider_source, record.last_synced) == ((), "imdb:ls1", NOON)


def test_a_list_that_was_not_read_completely_loses_nothing(store):
    for number, state in enumerate([FetchState.PARTIAL, FetchState.STALE, FetchState.FAILED]):
        run(store, left(ItemStatus.REQUESTED, FIRST, SECOND), lists=[read(FIRST), read(SECOND)], hour=2 * number)
        run(store, left(ItemStatus.REQUESTED, SECOND), lists=[read(FIRST, state), read(SECOND)], hour=2 * number + 1)

        assert find_one(store, "603").lists == ("imdb:ls1", "trakt:joe/best")


def test_a_run_that_could_not_go_through_removes_nothing(store):
    run(store, left(ItemStatus.REQUESTED), lists=[read(FIRST)])

    run(store, lists=[read(FIRST)], hour=1)
    run(store, lists=[read(FIRST, items=0)], hour=2, error="overseerr: down")

    assert find_one(store, "603").lists == ("imdb:ls1",)


def test_a_run_of_one_list_leaves_every_other_list_and_the_order_alone(store):
    run(store, left(ItemStatus.REQUESTED, FIRST, SECOND), lists=[read(FIRST), read(SECOND)])

    run(store, left(ItemStatus.REQUESTED, SECOND), lists=[read(SECOND)], hour=1, is_full_run=False)

    record = find_one(store, "603")
    assert (record.lists, record.provider_source) == (("imdb:ls1", "trakt:joe/best"), "imdb:ls1")


def test_a_full_run_with_another_order_of_lists_changes_the_first_list(store):
    run(store, left(ItemStatus.REQUESTED, FIRST, SECOND))
    run(store, left(ItemStatus.REQUESTED, SECOND, FIRST), hour=1)

    record = find_one(store, "603")
    assert (record.lists, record.provider_source) == (("trakt:joe/best", "imdb:ls1"), "trakt:joe/best")


def test_titles_are_found_by_id_by_name_and_by_a_part_of_it(store):
    run(
        store,
        left(
            ItemStatus.REQUESTED,
            tmdb_id=194,
            item=an_item("Le Fabuleux Destin d'Amélie Poulain", year=2001, imdb="tt0211915"),
        ),
        left(ItemStatus.REQUESTED, tmdb_id=530915, item=an_item("1917", year=2019, tvdb=131079)),
        left(ItemStatus.REQUESTED, tmdb_id=1917, item=an_item("Another", year=2001)),
        left(ItemStatus.REQUESTED, tmdb_id=7, item=an_item("Another 1917", year=2001)),
    )
    for text in ("tt0211915", "imdb:tt0211915", "194", "tmdb:194", "movie:194", "tmdb:movie:194", "amelie", "DESTIN"):
        assert find_one(store, text).tmdb_id == 194, text
    assert find_one(store, "tvdb:131079").title == "1917"
    assert find_one(store, "Another (2001)").tmdb_id == 1917
    assert [record.tmdb_id for record in find(store, "1917")] == [1917, 530915, 7]
    assert [record.tmdb_id for record in find(store, "1917", limit=1)] == [1917]
    for text in ("", "  ", "nothing", "9" * 40, "tt", "%", "imdb:5"):
        assert find(store, text) == (), text


def test_a_title_of_a_list_of_ids_is_stored_and_found_under_its_name_once_that_is_known(store):
    entry = left(ItemStatus.REQUESTED, item=an_item("", year=None, imdb="tt0133093"), method=MatchMethod.IMDB_ID)
    run(store, entry)
    assert find_one(store, "tt0133093").title == ""

    found = Resolution("imdb:tt0133093", MediaType.MOVIE, 603, MatchMethod.IMDB_ID, "Matrix", 1999)
    with store.writing() as connection:
        save_film_names(connection, [found], at=NOON)
    run(store, entry, hour=1)
    run(store, entry, hour=2)

    record = find_one(store, "Matrix (1999)")
    assert (record.label, record.imdb_id, statuses(record)) == ("Matrix (1999)", "tt0133093", [ItemStatus.REQUESTED])
    run(store, left(ItemStatus.REQUESTED, item=an_item("The Matrix", year=1999, imdb="tt0133093")), hour=3)
    assert find_one(store, "tt0133093").label == "The Matrix (1999)"


def test_what_a_run_changed_can_be_listed(store):
    run(
        store,
        left(ItemStatus.REQUESTED, tmdb_id=1, item=an_item("One")),
        left(ItemStatus.WAITING, tmdb_id=2, item=an_item("Two")),
    )
    run_id = run(
        store, left(ItemStatus.REQUESTED, tmdb_id=1, item=an_item("One")), asked(tmdb_id=2, item=an_item("Two"))
    )

    with store.reading() as connection:
        changed = select(synced_items.c.title).join(item_events).where(item_events.c.run_id == run_id)
        assert connection.scalars(changed).all() == ["Two"]
        assert count_statuses(connection, HOME) == {ItemStatus.REQUESTED: 2}


def test_thousands_of_titles_in_any_order_keep_one_row_and_one_event_each(store):
    outcomes = [
        left(ItemStatus.REQUESTED, *((FIRST, SECOND) if n % 2 else (SECOND,)), tmdb_id=n, item=an_item(f"T{n}", tmdb=n))
        for n in range(1, 1701)
    ]
    run(store, *outcomes, lists=[read(FIRST), read(SECOND)])
    random.Random(4).shuffle(outcomes)
    run(store, *outcomes, lists=[read(FIRST), read(SECOND)], hour=1)

    assert (count_rows(store), count_rows(store, "item_events"), count_rows(store, "item_lists")) == (1700, 1700, 2550)
