"""What each value of a filter would find is what it finds when it is chosen."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from list_sync.model.decisions import ItemStatus
from list_sync.model.facets import Mark, Order, TitleFilter
from list_sync.model.matches import Pin
from list_sync.model.servers import HOME
from list_sync.model.titles import MediaType, Quality
from list_sync.storage import title_facets, title_pages
from list_sync.storage.memory import save_pins, save_snoozes
from list_sync.storage.title_facets import count_facets
from list_sync.storage.title_filter import select_titles
from list_sync.storage.title_pages import count_all, find_title_page
from tests.builders import NOON, an_item
from tests.storage.recording import FIRST, SECOND, asked, in_quality, left, read, run, unmatched

FILTERS = st.builds(
    TitleFilter,
    statuses=st.lists(st.sampled_from([ItemStatus.REQUESTED, ItemStatus.WAITING]), max_size=2, unique=True).map(tuple),
    lists=st.lists(st.sampled_from([FIRST.key, SECOND.key]), max_size=2, unique=True).map(tuple),
    media_types=st.lists(st.sampled_from(MediaType), max_size=1).map(tuple),
    qualities=st.lists(st.sampled_from(Quality), max_size=1).map(tuple),
    requesters=st.lists(st.sampled_from([1, 2]), max_size=1).map(tuple),
    marks=st.lists(st.sampled_from(Mark), max_size=2, unique=True).map(tuple),
    text=st.sampled_from(["", "", "one", "é", "movie:2", "tt0000007"]),
)


@pytest.fixture
def filled(store):
    show = an_item("One Show", MediaType.TV, tmdb=3)
    run(
        store,
        asked(FIRST, SECOND, tmdb_id=1, item=an_item("One", tmdb=1)),
        in_quality(Quality.UHD, asked(SECOND, tmdb_id=1, item=an_item("One", tmdb=1))),
        left(ItemStatus.WAITING, SECOND, tmdb_id=2, item=an_item("Été", tmdb=2)),
        left(ItemStatus.WAITING, FIRST, tmdb_id=3, kind=MediaType.TV, item=show),
        unmatched(an_item("None", None, None, imdb="tt0000007")),
        lists=(read(FIRST), read(SECOND)),
    )
    with store.writing() as connection:
        save_pins(connection, HOME, [Pin("tmdb:movie:1"), Pin("imdb:tt0000007", MediaType.MOVIE, 9)], at=NOON)
        save_snoozes(connection, HOME, ["tmdb:tv:3"], NOON.replace(year=2030), at=NOON)
    return store


@given(wanted=FILTERS, order=st.sampled_from(Order), are_many=st.booleans())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_value_counts_what_it_finds_in_the_place_of_those_of_its_kind(
    filled, monkeypatch, wanted, order, are_many
):
    monkeypatch.setattr(title_facets, "MOST_BY_LIST", 0 if are_many else 10_000)
    monkeypatch.setattr(title_pages, "_MANY", 0 if are_many else 10_000)
    with filled.reading() as connection:

        def count(**changed):
            return count_all(connection, select_titles(connection, HOME, replace(wanted, **changed), now=NOON))

        selection = select_titles(connection, HOME, wanted, now=NOON, marks=Mark)
        facets = count_facets(connection, selection)
        page = find_title_page(connection, selection, order, limit=50, total=facets.total)
        for name in ("statuses", "media_types", "qualities", "requesters", "marks"):
            for value, number in getattr(facets, name).items():
                assert number == count(**{name: (value,)}), (name, value)
        for key, number in facets.lists.items():
            others = {} if not facets.are_lists_whole else dict.fromkeys(TitleFilter.__slots__, ()) | {"text": ""}
            assert number == count(**others | {"lists": (key,)})

    assert facets.total == count_of(page) == len({record.item_id for record in page.records})


def count_of(page):
    assert (page.newer, page.older) == (None, None)
    return len(page.records)
