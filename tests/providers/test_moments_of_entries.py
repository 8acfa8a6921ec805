"""When an entry was put on its list, and its rating, as far as the source states them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from list_sync.api.saved_lists.recognise import parse_list
from list_sync.api.sources import mdblist, trakt
from list_sync.model.cleaning import clean_item, find_moment, find_rating
from list_sync.model.sources import FetchResult, FetchState
from list_sync.providers.imdb.parse import parse_edge
from list_sync.providers.plex import parse_feed
from list_sync.storage.packing import pack_result, unpack_result
from tests.builders import NOON, a_list, an_item

DAY = datetime(2026, 3, 5, tzinfo=UTC)
MORNING = datetime(2026, 3, 5, 7, 58, 16, tzinfo=UTC)
ISO = "2026-03-05T07:58:16.000Z"
FILM = {"title": "The Matrix", "year": 1999, "ids": {"imdb": "tt0133093"}}


def test_trakt_states_when_an_entry_was_listed_or_seen():
    entries = [{"type": "movie", "listed_at": ISO, "movie": FILM}, {"type": "movie", "watched_at": ISO, "movie": FILM}]

    assert [item.added_at for item in trakt.parse_entries(entries, service="trakt")] == [MORNING, MORNING]


def test_mdblist_imdb_and_plex_state_it_in_their_own_words():
    feed, _ = parse_feed({"items": [{"title": "The Matrix (1999)", "pubDate": "Thu, 05 Mar 2026 07:58:16 GMT"}]})
    edge = {"node": {"createdDate": ISO}, "title": {"id": "tt0133093", "titleText": {"text": "The Matrix"}}}

    items = mdblist.parse_entry({"title": "The Matrix", "mediatype": "movie", "watchlist_at": ISO}), parse_edge(edge)

    assert [item.added_at for item in (*items, *feed.items)] == [MORNING] * 3


@pytest.mark.parametrize(
    ("content", "added_at", "rating"),
    [
        ("Const,Created,Title,IMDb Rating,Your Rating\ntt0133093,2026-03-05,The Matrix,8.7,\n", DAY, 8.7),
        ("Const,Your Rating,Date Rated,Title,IMDb Rating\ntt0133093,10,2026-03-05,The Matrix,8.7\n", DAY, 10),
        ("Date,Name,Year,Letterboxd URI\n2026-03-05,The Matrix,1999,https://boxd.it/2a1m\n", DAY, None),
        ("Date,Name,Year,Letterboxd URI,Rating\n2026-03-05,The Matrix,1999,https://boxd.it/2a1m,4.5\n", DAY, 9),
        ("title,year,date_added,rating\nThe Matrix,1999,2026-03-05,4\n", DAY, None),
        ('[{"title": "The Matrix", "year": 1999, "added_at": "2026-03-05T07:58:16+00:00"}]', MORNING, None),
        ("title,year,added\nThe Matrix,1999,05.03.26\n", None, None),
    ],
)
def test_files_state_it_in_their_columns(content, added_at, rating):
    (item,) = parse_list(content.encode()).items

    assert (item.added_at, item.rating) == (added_at, rating)


@pytest.mark.parametrize(
    "value", ["", "soon", "2026-13-45", "0001-01-01", -1e30, 1e300, True, None, [], "9" * 60, "\0"]
)
def test_a_malformed_date_or_rating_is_ignored(value):
    assert (find_moment(value), find_rating(value)) == (None, None)


def test_a_moment_without_a_zone_from_a_provider_of_the_user_is_one_in_utc():
    item = clean_item(replace(an_item(), added_at=MORNING.replace(tzinfo=None)))

    assert item is not None
    assert item.added_at == MORNING


def test_copies_keep_both():
    item = replace(an_item(), other_titles=("Matrix",), added_at=MORNING, rating=8.5)
    result = FetchResult(a_list(), (item, an_item("Other")), FetchState.COMPLETE, "api", NOON)

    copy = unpack_result(pack_result(result), a_list())

    assert [(one.added_at, one.rating, one.other_titles) for one in copy.items] == [
        (MORNING, 8.5, ("Matrix",)),
        (None, None, ()),
    ]
