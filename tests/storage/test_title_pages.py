import pytest

from list_sync.model.decisions import ItemStatus
from list_sync.model.facets import TitleFilter
from list_sync.model.journal import RequestState
from list_sync.model.matches import MissingNumber, NoMatchReason, Unresolved
from list_sync.model.servers import HOME
from list_sync.model.sources import ListKey
from list_sync.model.titles import MediaType
from list_sync.storage.journal import RequestJournal, release
from list_sync.storage.memory import (
    forget_missing_numbers,
    forget_unresolved,
    load_missing_numbers,
    load_unresolved,
    save_missing_numbers,
    save_unresolved,
)
from list_sync.storage.run_lists import find_expected, find_run_lists
from list_sync.storage.title_filter import select_titles
from list_sync.storage.title_pages import find_title_page
from tests.builders import NOON, an_item
from tests.storage.recording import FIRST, SECOND, asked, left, read, run

NAMES = ("The Matrix", "Amélie", "100% Wolf", "千と千尋の神隠し", "Straße der Nacht", "The  Long Walk")


def names(store, **wanted):
    with store.reading() as connection:
        selection = select_titles(connection, HOME, TitleFilter(**wanted), now=NOON)
        return [record.title for record in find_title_page(connection, selection, limit=50).records]


@pytest.fixture
def filled(store):
    requested = [asked(FIRST, tmdb_id=n, item=an_item(name, tmdb=n)) for n, name in enumerate(NAMES, 1)]
    show = left(ItemStatus.WAITING, SECOND, tmdb_id=9, kind=MediaType.TV, item=an_item("Dark", MediaType.TV, tmdb=9))
    run(store, *requested, show, lists=(read(FIRST, items=6), read(SECOND)))
    return store


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("matrix", ["The Matrix"]),
        ("AMELIE", ["Amélie"]),
        ("amélie", ["Amélie"]),
        ("100%", ["100% Wolf"]),
        ("0_", []),
        ("千尋", ["千と千尋の神隠し"]),
        ("strasse", ["Straße der Nacht"]),
        ("long walk", ["The  Long Walk"]),
        ("the long", ["The  Long Walk"]),
        ("movie:2", ["Amélie"]),
        ("tt0000001", []),
        ("\\", []),
        ("'; --", []),
    ],
)
def test_names_are_found_without_letter_case_and_accents_and_with_any_characters(filled, text, found):
    assert names(filled, text=text) == found


def test_states_lists_and_kinds_are_joined_and_the_newest_title_comes_first(filled):
    assert names(filled) == ["Dark", *reversed(NAMES)]
    assert names(filled, statuses=(ItemStatus.WAITING,)) == ["Dark"]
    assert names(filled, lists=(FIRST.key,), media_types=(MediaType.MOVIE,)) == [*reversed(NAMES)]
    assert names(filled, lists=(SECOND.key,), statuses=(ItemStatus.REQUESTED,)) == []
    assert names(filled, lists=(ListKey("imdb", "absent"),)) == []


def test_a_run_tells_how_it_read_its_lists(filled):
    with filled.reading() as connection:
        lists = find_run_lists(connection, 1)
        expected = find_expected(connection, HOME)

    assert [(one.list_id, one.items, one.expected) for one in lists] == [("ls1", 6, None), ("joe/best", 1, None)]
    assert expected == {FIRST.key: None, SECOND.key: None}


def test_what_keeps_a_title_from_being_asked_for_is_forgotten_for_this_title_alone(store):
    kept = Unresolved("imdb:tt1\ntitle:movie:heat:1995", NoMatchReason.NOT_FOUND, "", (), NOON)
    gone = Unresolved("imdb:tt2\ntitle:movie:dune:2021", NoMatchReason.NOT_FOUND, "", (), NOON)
    numbers = [MissingNumber(MediaType.MOVIE, number, NOON, 2) for number in (5, 6)]
    with store.writing() as connection:
        save_unresolved(connection, [kept, gone])
        save_missing_numbers(connection, numbers)
        forget_unresolved(connection, {"title:movie:dune:2021", "tmdb:movie:5"})
        forget_missing_numbers(connection, [(MediaType.MOVIE, 5)])

    with store.reading() as connection:
        assert load_unresolved(connection, [kept.key, gone.key]) == (kept,)
        assert list(load_missing_numbers(connection)) == [(MediaType.MOVIE, 6)]


def test_only_refused_requests_of_a_title_are_released_when_it_is_tried_again(store):
    with store.writing() as connection:
        connection.exec_driver_sql("INSERT INTO households (name, server_id) VALUES ('home', 1)")
        for state, tmdb_id in (("refused", 5), ("confirmed", 5), ("refused", 6)):
            connection.exec_driver_sql(
                "INSERT INTO sent_requests (server_id, run_id, media_type, tmdb_id, seasons, sent_at, state, answer)"
                f" VALUES (1, 1, 'movie', {tmdb_id}, '', '2026-11-22 12:00:00', '{state}', '')"
            )
        assert release(connection, HOME, MediaType.MOVIE, 5, states=(RequestState.REFUSED,)) == 1

    journal = RequestJournal(store, server_id=1, run_id=2, now=lambda: NOON)
    entries = journal.load_entries(*RequestState, title=(MediaType.MOVIE, 5))
    assert [entry.state for entry in entries] == [RequestState.RELEASED, RequestState.CONFIRMED]
