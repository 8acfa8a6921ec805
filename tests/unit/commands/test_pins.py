import pytest

from list_sync.correcting.pins import Chosen, ban, find_reviews, pin, take_back
from list_sync.database.store import open_store
from list_sync.model.titles import MediaType
from tests.builders import NOON, an_item
from tests.storage.recording import asked, run, unmatched


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "list_sync.db") as opened:
        outcomes = (
            asked(tmdb_id=1, item=an_item("Solaris", year=1972, tmdb=1)),
            asked(tmdb_id=2, item=an_item("Solaris", year=2002, tmdb=2)),
            unmatched(an_item("Heat", year=1995)),
        )
        run(opened, *outcomes)
        yield opened


def test_a_pin_is_kept_under_every_key_of_the_one_title_that_is_meant(store):
    assert [is_settled for _, is_settled in find_reviews(store)] == [False]

    chosen = pin(store, "heat", MediaType.MOVIE, 949, at=NOON)

    assert isinstance(chosen, Chosen)
    assert chosen.keys == ("title:movie:heat:1995", "title:any:heat:1995")
    assert [is_settled for _, is_settled in find_reviews(store)] == [True]
    assert take_back(store, "heat") == tuple(sorted(chosen.keys))


def test_a_text_that_means_several_titles_or_none_changes_nothing(store):
    several = ban(store, "Solaris", at=NOON)
    none = ban(store, "Solarix", at=NOON)

    assert [record.tmdb_id for record in several.exact] == [1, 2]
    assert ([*none.exact], {record.title for record in none.near}) == ([], {"Solaris"})
    assert take_back(store, "Solaris") == ()


def test_a_key_alone_can_be_banned(store):
    assert ban(store, "tmdb:movie:949", at=NOON) == Chosen(None, ("tmdb:movie:949",))
