"""What a pin names is looked at on the server; what an entry was matched to is named."""

import pytest

from list_sync.demo.server.demo_server import DemoServer
from list_sync.model.matches import MatchMethod
from list_sync.model.servers import HOME
from list_sync.model.titles import MediaType
from list_sync.storage.memory import load_pins
from tests.builders import an_item
from tests.unit.commands.records import for_review, matched, record, requested


@pytest.fixture
def server(home, monkeypatch):
    with DemoServer(post_seconds=0) as server:
        monkeypatch.setenv("OVERSEERR_URL", server.url)
        monkeypatch.setenv("OVERSEERR_API_KEY", server.api_key)
        yield server


def pins_of(store):
    with store.reading() as connection:
        return load_pins(connection, HOME)


def test_a_pin_says_the_name_of_its_title(cli, store, server):
    record(store, for_review("Heat", 1995))

    answer = cli("pin", "Heat", "tmdb:movie:603")

    assert answer.code == 0
    assert "is movie 603 from the next sync on (called The Matrix (1999) there; kept under" in answer.out
    assert answer.err == ""


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("tmdb:movie:99999999", "TMDB has no film 99999999: copy the address"),
        ("tmdb:tv:603", "TMDB has no show 603, but a film, The Matrix (1999): write tmdb:movie:603"),
    ],
)
def test_a_title_that_does_not_exist_or_is_of_the_other_kind_is_not_pinned(cli, store, server, target, words):
    record(store, for_review("Heat", 1995))

    answer = cli("pin", "Heat", target)

    assert answer.code == 2
    assert words in answer.err
    assert pins_of(store) == {}


def test_a_film_of_a_list_is_pinned_to_a_show_only_if_that_is_meant(cli, store, server):
    record(store, for_review("Heat", 1995))

    answer = cli("pin", "Heat", "tmdb:tv:1399")

    assert answer.code == 2
    assert "Heat (1995) is a film on its list, and tmdb:tv:1399 is a show" in answer.err
    assert pins_of(store) == {}
    assert cli("pin", "Heat", "tmdb:tv:1399", "--other-kind").code == 0
    assert {pin.media_type for pin in pins_of(store).values()} == {MediaType.TV}


def test_a_pin_that_cannot_be_checked_is_saved_and_says_why(cli, store, server):
    record(store, for_review("Heat", 1995))
    server.faults.tmdb_down = True

    answer = cli("pin", "Heat", "tmdb:movie:949")
    server.crash()
    unreachable = cli("pin", "Heat", "tmdb:movie:949")

    assert (answer.code, unreachable.code) == (0, 0)
    assert "it could not be checked that TMDB has movie 949: TMDB does not answer" in answer.err
    assert "cannot be reached" in unreachable.err
    assert pins_of(store)["title:movie:heat:1995"].tmdb_id == 949


def test_why_names_the_title_that_an_entry_was_matched_to(cli, store, server):
    item = an_item("Matrix, Die", year=1999, imdb="tt0133093")
    record(store, requested(matched(item, 603, MatchMethod.IMDB_ID)))

    assert "  matched  to tmdb movie 603, The Matrix (1999), by imdb id, tt0133093" in cli("why", "Matrix").lines

    server.crash()
    assert "  matched  to tmdb movie 603 by imdb id, tt0133093" in cli("why", "Matrix").lines
