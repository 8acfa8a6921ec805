import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.correcting.keys import find_key, keys_to_ban, keys_to_pin, parse_target
from list_sync.errors import InvalidListId
from list_sync.model.decisions import ItemStatus
from list_sync.model.matches import MatchMethod, NoMatch, NoMatchReason
from list_sync.model.servers import HOME
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.storage.title_search import find_titles
from tests.builders import a_list, a_wanted, an_item
from tests.unit.commands.records import for_review, matched, record, requested, skipped

MOVIE, TV = MediaType.MOVIE, MediaType.TV


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("tmdb:movie:603", (MOVIE, 603)),
        (" movie:603 ", (MOVIE, 603)),
        ("TMDB:TV:1399", (TV, 1399)),
        ("https://www.themoviedb.org/movie/603-the-matrix?language=de", (MOVIE, 603)),
        ("https://themoviedb.org/tv/1399", (TV, 1399)),
    ],
)
def test_a_tmdb_title_can_be_written_in_several_ways(text, target):
    assert parse_target(text) == target


@pytest.mark.parametrize("text", ["603", "tmdb:603", "movie:0", "movie:-1", "film:603", "", "movie:6.3", "movie:٦٠٣"])
def test_what_names_no_tmdb_title_is_refused_with_an_example(text):
    with pytest.raises(InvalidListId, match=r"write tmdb:movie:603"):
        parse_target(text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("tt0113277", "imdb:tt0113277"),
        ("IMDB:tt0113277", "imdb:tt0113277"),
        ("tvdb:81189", "tvdb:81189"),
        ("movie:603", "tmdb:movie:603"),
        ("title:movie:Heat:1995", "title:movie:heat:1995"),
        ("title:any:dune:", "title:any:dune:"),
        ("Heat", None),
        ("603", None),
        ("imdb:nm0000206", None),
        ("title:film:heat:1995", None),
    ],
)
def test_a_key_is_told_from_a_title(text, key):
    assert find_key(text) == key


ids = st.builds(
    MediaIds,
    tmdb=st.none() | st.integers(1, 10**9),
    imdb=st.none() | st.integers(10**6, 10**9).map(lambda number: f"tt{number:07d}"),
    tvdb=st.none() | st.integers(1, 10**9),
)
titles = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1).map(
    lambda text: " ".join(text.split())
)


@given(titles.filter(bool), st.none() | st.sampled_from(MediaType), st.none() | st.integers(1900, 2100), ids)
def test_every_key_that_a_title_can_have_is_known_as_a_key(title, media_type, year, media_ids):
    for key in MediaItem(title, media_type, year, media_ids).keys:
        assert find_key(key) == key


def stored(store, outcome):
    record(store, outcome)
    with store.reading() as connection:
        (found,) = find_titles(connection, HOME, outcome.result.wanted.item.title or "603")
    return found


def test_an_entry_with_an_id_is_pinned_under_its_ids_alone(store):
    assert keys_to_pin(stored(store, for_review(imdb="tt0113277"))) == ("imdb:tt0113277",)


def test_an_entry_without_ids_is_pinned_under_its_name_whether_or_not_its_kind_is_stated(store):
    assert keys_to_pin(stored(store, for_review())) == ("title:movie:heat:1995", "title:any:heat:1995")


def test_a_tmdb_id_is_a_key_only_where_the_list_itself_stated_it(store):
    item = an_item("Heat", year=1995, imdb="tt0113277")
    assert keys_to_pin(stored(store, requested(matched(item, 949, MatchMethod.IMDB_ID)))) == ("imdb:tt0113277",)


def test_a_stated_tmdb_id_can_be_corrected(store):
    assert keys_to_pin(stored(store, requested())) == ("tmdb:movie:603",)


def test_a_bare_number_is_pinned_and_banned_under_itself(store):
    result = NoMatch(a_wanted(MediaItem("", None, None, MediaIds(tmdb=603)), a_list()), NoMatchReason.AMBIGUOUS)
    found = stored(store, skipped(result, ItemStatus.NEEDS_REVIEW, "a bare number"))

    assert keys_to_pin(found) == ("tmdb:any:603",)
    assert keys_to_ban(found) == ("tmdb:any:603",)


def test_a_ban_is_kept_under_every_key(store):
    item = an_item("Heat", year=1995, imdb="tt0113277", tvdb=12)
    assert set(keys_to_ban(stored(store, requested(matched(item, 949, MatchMethod.IMDB_ID))))) == {
        "tmdb:movie:949",
        "imdb:tt0113277",
        "tvdb:12",
        "title:movie:heat:1995",
        "title:any:heat:1995",
    }
