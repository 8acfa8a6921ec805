"""The page of all lists."""

import json
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, event

from list_sync.model.releases import Release
from list_sync.model.sources import Attempt, AttemptOutcome, FetchState, ListRef
from list_sync.storage.releases import keep_releases
from list_sync.web.pages.lists import path_of, say_verdict
from tests.builders import NOON
from tests.storage.recording import FIRST, SECOND, asked, read, run
from tests.web.test_reading import fill


def a_list(state, *, enabled=True):
    return SimpleNamespace(state=state, enabled=enabled)


@contextmanager
def counted():
    """Count the statements of a page."""
    statements = []
    note = lambda *told: statements.append(told[2])  # noqa: E731
    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ([], "No list is synced."),
        ([None], "1 list; the first sync has not read it yet."),
        ([FetchState.COMPLETE], "The list was read in full."),
        ([FetchState.COMPLETE] * 3, "All 3 lists were read in full."),
        (
            [FetchState.COMPLETE, FetchState.PARTIAL],
            "1 of 2 were read in full. The other says what is missing; nothing is ever removed on its account.",
        ),
        (
            [FetchState.COMPLETE, FetchState.STALE, FetchState.FAILED, None],
            "1 of 4 were read in full. The other 3 say what is missing; nothing is ever removed on their account.",
        ),
    ],
)
def test_the_verdict_says_how_many_lists_were_read_in_full(states, words):
    assert say_verdict([a_list(state) for state in states] + [a_list(None, enabled=False)]) == words


def test_each_list_shows_how_it_was_read_and_what_became_of_its_titles(open_page, start_service, store):
    fill(store)
    service = start_service(IMDB_LISTS="ls1", TRAKT_LISTS="joe/best")
    page = open_page("/lists", running=service)

    assert "1 of 2 were read in full" in page.text
    assert page.find(".tabs a") == ["All 2", "Not in full 1", "Paused 0"]
    (imdb,) = [row for row in page.find("tbody tr") if "imdb:ls1" in row]
    assert "3 complete" in imdb
    assert "user 1 · HD" in imdb
    links = [node.attributes["href"] for node in page.tree.css("tbody small a")]
    assert "/items?list=imdb%3Als1&state=already_available" in links
    assert page.tree.css_first("svg.mix").attributes["aria-label"].startswith("imdb:ls1: 1 available, 1 requested")
    assert [form.attributes["action"] for form in page.tree.css("tbody form")] == ["/runs", "/runs"]
    short = open_page("/lists?show=short", running=service)
    assert len(short.tree.css("tbody tr")) == 1
    assert "trakt:joe/best" in short.text


def test_a_paused_list_is_shown_as_paused(open_page, start_service, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/lists.yaml").write_text("lists: [{source: imdb:top, enabled: off}, plex:watchlist]")
    page = open_page("/lists?show=paused", running=start_service())

    assert len(page.tree.css("tbody tr")) == 1
    assert "imdb:top paused" in page.text


def test_the_page_takes_the_same_few_statements_at_any_size(open_page, service, store):
    fill(store)
    open_page("/lists")
    with counted() as few:
        open_page("/lists")
    run(store, *[asked(FIRST, SECOND, tmdb_id=number) for number in range(1000, 1200)], lists=(read(FIRST, items=200),))
    with counted() as many:
        open_page("/lists")

    assert len(few) <= len(many) <= 9


def test_the_last_readings_are_bars_with_a_text(open_page, service, store):
    for _ in range(3):
        fill(store)
    page = open_page("/lists")

    said = [node.attributes["aria-label"] for node in page.tree.css("svg.strip")]
    assert "3 readings, oldest first: 3 complete; the last one was complete" in said
    assert "3 readings, oldest first: 3 failed; the last one was failed" in said


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("trakt:alice/one", "/lists/trakt:alice/one"),
        ("file:https://example.com/x?y=***#z", "/lists/file:https:%2F%2Fexample.com%2Fx%3Fy%3D%2A%2A%2A%23z"),
        ("file:a b%.csv", "/lists/file:a%20b%25.csv"),
    ],
)
def test_the_address_of_a_list_holds_its_name_as_one_part(name, path):
    assert path_of(name) == path


def test_hostile_names_and_addresses_with_keys_are_shown_and_not_obeyed(open_page, start_service, tmp_path):
    (tmp_path / "config").mkdir()
    names = ("<script>alert(1)</script>", "x" * 200, "{{ 7 * 7 }}", "=cmd|' /C calc'!A0")
    sources = ("plex:watchlist", "imdb:top", "imdb:toptv", "imdb:bottom")
    entries = [
        f"  - {{source: {source}, name: {json.dumps(name)}}}" for source, name in zip(sources, names, strict=True)
    ]
    text = "\n".join(["# \u202egnp.exe https://example.com/?token=secret-of-the-file", "lists:", *entries])
    (tmp_path / "config/lists.yaml").write_text(text)
    service = start_service(FILE_LISTS="https://user:secret-of-the-user@example.com/list.csv?key=secret-of-the-list")
    masked = quote("file:https://***@example.com/list.csv?key=***", safe="")
    pages = ["/lists", "/policy", f"/lists/{masked}", f"/lists/{masked}/change", f"/lists/{masked}/change?do=pause"]
    pages += ["/lists/plex:watchlist/change?do=pause", *(f"/lists/{source}" for source in sources)]
    for path in pages:
        page = open_page(path, running=service)
        shown = page.tree.html
        assert page.status in (200, 422), path
        assert not any(secret in shown for secret in ("secret-of-the", "\u202e")), path
        assert not page.tree.css("main script"), path
    assert {*names} <= {*open_page("/lists", running=service).find("th b")}


def test_a_source_that_changed_is_told_on_the_pages_of_lists_and_on_the_first_one(open_page, start_service, store):
    attempts = (Attempt("graphql", AttemptOutcome.DRIFTED, "no edges"), Attempt("mdblist", AttemptOutcome.SERVED))
    whole = [replace(read(ListRef("imdb", name)), route="mdblist", attempts=attempts) for name in ("ls1", "ls2")]
    run(store, lists=whole)
    running = start_service(IMDB_LISTS="ls1,ls2", UPDATE_CHECK="true")

    sentence = "(by graphql, all 2 lists). Until that is over, they are read by mdblist. No release that mends it"
    for path in ("/", "/lists", "/lists/imdb:ls1"):
        assert sentence in open_page(path, running=running).text
    assert "imdb does not give its lists by graphql" in open_page("/", running=running).text
    assert "since" in open_page("/lists/imdb:ls1", running=running).find("#tried li")[0]

    with store.writing() as connection:
        keep_releases(connection, [Release("99.0.0", NOON, ("imdb/graphql",))], at=NOON)
    assert "ListSync 99.0.0 reads it again: update." in open_page("/", running=running).text
    (source,) = open_page("/lists", running=running).find("#sources li")
    assert source.startswith("imdb does not give its lists by graphql imdb changed its form at")


def test_lists_say_that_they_are_read_after_the_pause(start_service, store, open_page):
    fill(store)
    running = start_service(IMDB_LISTS="ls1")
    running.daemon.paused_until = NOON

    assert "after the pause" in open_page("/lists", running=running).text
