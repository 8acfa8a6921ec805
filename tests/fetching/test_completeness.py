"""Judging how far a list was read: only a total that is met proves it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.errors import UnexpectedResponse
from list_sync.fetching.completeness import (
    MAX_EMPTY_PAGES,
    ListReading,
    drop_repeats,
    judge,
    judge_failure,
    require_understood,
)
from list_sync.model.sources import FetchState, ListRef, NotUnderstood, Page, Unsupported
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.storage.packing import pack_result, unpack_result

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SOURCE = ListRef("sample", "some-list")


def film(number: int, season: int | None = None) -> MediaItem:
    return MediaItem(f"Film {number}", MediaType.MOVIE, 2000, MediaIds(tmdb=number), season)


def read(*pages: Page) -> ListReading:
    reading = ListReading()
    for page in pages:
        if not reading.add(page):
            break
    return reading


def test_a_list_whose_total_is_met_is_complete():
    result = judge(read(Page([film(1), film(2)]), Page([film(3)], total=4, unsupported=1)), SOURCE, fetched_at=NOW)

    assert (result.state, len(result.items), result.unsupported, result.reason) == (FetchState.COMPLETE, 3, 1, None)
    assert result.expected == 4


def odd(number: int) -> NotUnderstood:
    return NotUnderstood(f"line {number}", "no id")


def test_what_cannot_be_requested_is_counted_by_its_kind_over_all_pages():
    first = Page.of([film(1), Unsupported("person"), Unsupported("game")], total=6)
    result = judge(
        read(first, Page([film(2)], unsupported=1), Page.of([Unsupported("person")])), SOURCE, fetched_at=NOW
    )

    assert (result.state, result.unsupported, result.entries) == (FetchState.COMPLETE, 4, 6)
    assert result.unsupported_kinds == {"person": 2, "game": 1, "other": 1}


def test_an_entry_that_was_not_understood_makes_the_list_partial_and_the_first_three_are_named():
    result = judge(read(Page.of([film(1), odd(2), odd(3)], total=5), Page.of([odd(4), odd(5)])), SOURCE, fetched_at=NOW)

    assert (result.state, result.expected, len(result.items)) == (FetchState.PARTIAL, 5, 1)
    assert (result.not_understood, result.first_not_understood) == (4, (odd(2), odd(3), odd(4)))
    assert result.reason == "4 of 5 entries not understood: line 2 (no id), line 3 (no id), line 4 (no id), …"
    assert result.is_good


def test_a_list_that_states_no_total_is_short_where_an_entry_was_not_understood():
    result = judge(read(Page.of([film(1), odd(2)])), SOURCE, fetched_at=NOW)

    assert (result.state, result.expected, result.is_good) == (FetchState.PARTIAL, 2, False)


def test_a_list_of_which_nothing_was_understood_is_no_list():
    with pytest.raises(UnexpectedResponse, match=r"1 of 1 entry not understood: line 1 \(no id\)"):
        require_understood(read(Page.of([odd(1)], total=1)), "sample")
    require_understood(read(Page.of([odd(1), Unsupported("person")], total=2)), "sample")
    require_understood(read(Page.of([], total=0)), "sample")


def test_an_empty_list_is_complete_only_when_the_source_says_so():
    assert judge(read(Page((), total=0)), SOURCE, fetched_at=NOW).state is FetchState.COMPLETE
    assert judge(read(), SOURCE, fetched_at=NOW).state is FetchState.PARTIAL


def test_a_list_without_a_total_is_unproven():
    result = judge(read(Page([film(1)])), SOURCE, fetched_at=NOW)

    assert (result.state, result.expected) == (FetchState.PARTIAL, None)
    assert "does not say" in (result.reason or "")


@pytest.mark.parametrize("total", [1, 3, 250])
def test_a_list_that_differs_from_its_total_is_partial(total: int):
    result = judge(read(Page([film(1), film(2)], total=total)), SOURCE, fetched_at=NOW)

    assert (result.state, result.expected) == (FetchState.PARTIAL, total)
    assert f"2 entries read where the source states {total}" in (result.reason or "")


def test_the_last_stated_total_counts():
    pages = Page([film(1)], total=5), Page([film(2)]), Page((), total=2)

    assert judge(read(*pages), SOURCE, fetched_at=NOW).state is FetchState.COMPLETE


def test_a_list_that_an_entry_left_while_it_was_read_is_partial():
    """Film 1 leaves between the pages, so that film 4 moves to the first page, which was read already."""
    first, second = Page([film(1), film(2), film(3)], total=6), Page([film(5), film(6)], total=5)
    result = judge(read(first, second), SOURCE, fetched_at=NOW)

    assert (result.state, result.expected, result.is_good) == (FetchState.PARTIAL, 5, False)
    assert result.reason == "it changed while it was read, from 6 entries to 5"


def test_a_list_that_grew_in_front_while_it_was_read_is_partial():
    first, second = Page([film(1), film(2), film(3)], total=5), Page([film(3), film(4), film(5)], total=6)
    result = judge(read(first, second), SOURCE, fetched_at=NOW)

    assert (result.state, result.is_good) == (FetchState.PARTIAL, False)
    assert result.reason == "it changed while it was read, from 5 entries to 6"


def test_a_list_that_grew_at_its_end_while_it_was_read_is_complete():
    first, second = Page([film(1), film(2), film(3)], total=5), Page([film(4), film(5), film(6)], total=6)

    assert judge(read(first, second), SOURCE, fetched_at=NOW).state is FetchState.COMPLETE


def test_repeats_count_as_entries_and_stay_once_at_their_first_rank():
    result = judge(read(Page([film(2), film(1), film(2)], total=3)), SOURCE, fetched_at=NOW)

    assert result.state is FetchState.COMPLETE
    assert [item.title for item in result.items] == ["Film 2", "Film 1"]


def test_seasons_of_one_show_are_different_entries():
    assert len(drop_repeats([film(1, 1), film(1, 2), film(1, 1)])) == 2


def test_a_page_that_comes_again_ends_the_reading():
    reading = ListReading()

    assert reading.add(Page([film(1), film(2)], total=6))
    assert reading.add(Page([film(3), film(4)]))
    assert not reading.add(Page([film(1), film(2)]))

    result = judge(reading, SOURCE, fetched_at=NOW)
    assert (result.state, len(result.items)) == (FetchState.PARTIAL, 4)
    assert "page 3 repeats page 1" in (result.reason or "")


def test_a_page_that_comes_again_after_the_end_does_no_harm():
    result = judge(read(Page([film(1)], total=1), Page([film(1)], total=1)), SOURCE, fetched_at=NOW)

    assert result.state is FetchState.COMPLETE


def test_a_source_of_endless_empty_pages_is_given_up():
    reading = ListReading()

    assert [reading.add(Page(())) for _ in range(MAX_EMPTY_PAGES)] == [True] * (MAX_EMPTY_PAGES - 1) + [False]


def test_a_failure_without_items_is_failed_and_with_items_is_partial_and_short():
    nothing = judge_failure(ListReading(), SOURCE, "broke", fetched_at=NOW)
    something = judge_failure(read(Page([film(1)])), SOURCE, "broke", fetched_at=NOW)

    assert (nothing.state, nothing.reason) == (FetchState.FAILED, "broke")
    assert (something.state, something.items, something.expected) == (FetchState.PARTIAL, (film(1),), 1)


def test_the_route_of_the_last_page_that_names_one_is_kept():
    assert judge(read(Page([film(1)], route="api"), Page(())), SOURCE, fetched_at=NOW).route == "api"


pages = st.lists(
    st.builds(
        lambda numbers, unsupported: Page([film(number) for number in numbers], unsupported=unsupported),
        st.lists(st.integers(1, 30), max_size=6),
        st.integers(0, 3),
    ),
    max_size=6,
)


@given(pages, st.none() | st.integers(0, 40))
def test_complete_always_means_that_every_entry_was_counted(served: list[Page], total: int | None):
    result = judge(read(*served, *([Page((), total=total)] if total is not None else [])), SOURCE, fetched_at=NOW)

    if result.state is FetchState.COMPLETE:
        assert result.expected == sum(len(page.items) + page.unsupported for page in served)
    assert len({item.key for item in result.items}) == len(result.items)


def test_two_pages_of_one_shows_episodes_are_no_repeated_page():
    episodes = Page((MediaItem("One Piece", MediaType.TV, 1999, MediaIds(tmdb=37854)),) * 3, total=6)

    assert judge(read(episodes, episodes), SOURCE, fetched_at=NOW).state is FetchState.COMPLETE
    assert read(episodes, episodes, episodes).halt is not None


def test_numbers_that_no_database_holds_are_left_out():
    reading = read(Page((MediaItem("Huge", MediaType.MOVIE, 10**6, MediaIds(10**20, "tt0133093", -1), -2),), total=1))

    assert reading.items == [MediaItem("Huge", MediaType.MOVIE, None, MediaIds(None, "tt0133093", None), None)]


def test_an_entry_without_a_usable_title_or_id_is_left_out_and_counted():
    nameless = [MediaItem("", ids=MediaIds(imdb="nm0000206")), MediaItem("\0 ", year=1999), MediaItem(None, "movie")]
    reading = read(Page([film(1)], total=5), Page([film(2), *nameless]))

    assert reading.items == [film(1), film(2)]
    assert [entry.place for entry in reading.first_not_understood] == ["entry 3", "entry 4", "entry 5"]
    result = judge(reading, SOURCE, fetched_at=NOW)
    assert (result.state, result.not_understood, result.entries) == (FetchState.PARTIAL, 3, 5)
    assert unpack_result(pack_result(result), SOURCE) == result


def test_facts_of_a_wrong_type_are_mended_or_left_out():
    reading = read(
        Page([MediaItem("Heat", "movie", "1995", MediaIds("949", "TT113277", True), 1.0, ("\n", 5))], total=1)
    )

    assert reading.items == [MediaItem("Heat", MediaType.MOVIE, 1995, MediaIds(949, "tt0113277"), 1)]
    assert type(reading.items[0].media_type) is MediaType
    assert type(reading.items[0].season) is int


def test_a_right_entry_is_not_copied():
    item = MediaItem("Heat", MediaType.MOVIE, 1995, MediaIds(949, "tt0113277"), None, ("Hitze",))

    assert read(Page([item], total=1)).items[0] is item
