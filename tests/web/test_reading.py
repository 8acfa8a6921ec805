from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from list_sync.model.decisions import ItemStatus
from list_sync.model.facets import TitleFilter
from list_sync.model.journal import RequestState
from list_sync.model.matches import Candidate
from list_sync.model.mood import judge
from list_sync.model.servers import HOME
from list_sync.model.sources import FetchState
from list_sync.model.titles import MediaType
from list_sync.storage.journal import RequestJournal
from list_sync.storage.servers import recognise_server
from list_sync.storage.title_filter import select_titles
from list_sync.storage.title_pages import find_title_page
from tests.builders import NOON, SERVER, a_list, a_show, an_item
from tests.storage.recording import FIRST, SECOND, asked, left, read, run, unmatched

HEAT = (Candidate(MediaType.MOVIE, 949, "Heat", "Heat", 1995, 50.0), Candidate(MediaType.MOVIE, 9, "Heat", "", 1986, 1))
SECRET = a_list("file", "https://joe:hunter2@example.org/list.json?apikey=very-secret")


def fill(store):
    """Record two runs: a film that was requested, one that the server has, a show, and one to review."""
    run(
        store,
        asked(FIRST, SECOND, tmdb_id=603, item=an_item("The Matrix", tmdb=603, imdb="tt0133093")),
        left(ItemStatus.ALREADY_AVAILABLE, FIRST, tmdb_id=194, item=an_item("Amélie", year=2001, tmdb=194)),
        left(
            ItemStatus.WAITING,
            SECOND,
            tmdb_id=1399,
            kind=MediaType.TV,
            item=an_item("Game of  Thrones", MediaType.TV, 2011, tmdb=1399),
            reason="MAX_REQUESTS_PER_RUN=1 is reached",
        ),
        unmatched(an_item("Heat", None, 1995), candidates=HEAT),
        lists=(read(FIRST, items=3), read(SECOND, FetchState.FAILED, items=0, reason="it did not answer")),
    )


def titles_of(answer):
    assert answer.status_code == 200, answer.text
    return {item["title"] for item in answer.json()["items"]}


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", {"The Matrix", "Amélie", "Game of  Thrones", "Heat"}),
        ("state=requested", {"The Matrix"}),
        ("state=requested&state=waiting", {"The Matrix", "Game of  Thrones"}),
        ("list=imdb:ls1", {"The Matrix", "Amélie", "Heat"}),
        ("list=trakt:joe/best&kind=tv", {"Game of  Thrones"}),
        ("list=imdb:ls000000009", set()),
        ("kind=movie", {"The Matrix", "Amélie"}),
        ("q=MATRIX", {"The Matrix"}),
        ("q=amelie", {"Amélie"}),
        ("q=amÉl", {"Amélie"}),
        ("q=of thrones", {"Game of  Thrones"}),
        ("q=tt0133093", {"The Matrix"}),
        ("q=movie:194", {"Amélie"}),
        ("q=%25", set()),
        ("q=_", set()),
    ],
)
def test_titles_are_found_by_state_list_kind_and_name(service, store, query, titles):
    fill(store)

    assert titles_of(service.get(f"/api/items?{query}")) == titles


def test_a_title_is_told_with_its_history_lists_pins_and_candidates(service, store):
    fill(store)
    run(store, asked(FIRST, tmdb_id=603, status=ItemStatus.WAITING, reason="the day is full"), hour=1)
    (found,) = service.get("/api/items?q=matrix").json()["items"]

    told = service.get(f"/api/items/{found['id']}").json()

    assert (told["status"], told["reason"]) == ("waiting", "the day is full")
    assert [event["status"] for event in told["events"]] == ["requested", "waiting"]
    assert told["events"][0]["at"].endswith("Z")
    assert told["lists"] == ["imdb:ls1", "trakt:joe/best"]
    assert told["places"][0]["list"] == "imdb:ls1"
    assert (told["explanation"]["source"], told["explanation"]["entry"]) == ("imdb:ls1", "tmdb:movie:603")
    assert told["events"][0]["explanation"]["source"] == "imdb:ls1"
    assert told["next"].startswith("nothing to do")
    assert (told["tmdb_id"], told["media_type"], told["quality"]) == (603, "movie", "hd")
    assert service.get("/api/items/4711").status_code == 404


def test_what_waits_for_a_decision_has_its_candidates_and_says_when_it_is_settled(service, store):
    fill(store)

    (heat,) = service.get("/api/review").json()["items"]
    service.server.titles[MediaType.MOVIE, 949] = a_show(949)
    pinned = service.post(f"/api/items/{heat['id']}/pin", json={"media_type": "movie", "tmdb_id": 949})
    (settled,) = service.get("/api/review").json()["items"]

    assert [one["tmdb_id"] for one in heat["candidates"]] == [949, 9]
    assert heat["candidates"][0]["address"] == "https://www.themoviedb.org/movie/949"
    assert (pinned.status_code, heat["settled"], settled["settled"]) == (200, False, True)


def test_a_list_tells_how_complete_it_is_and_when_it_is_read_again(start_service, store):
    fill(store)
    service = start_service()
    service.daemon.next_sync = service.parts.now() + timedelta(hours=3)

    imdb, trakt = service.get("/api/lists").json()["items"]

    assert (imdb["list"], imdb["state"], imdb["items"], imdb["configured"]) == ("imdb:ls1", "complete", 3, False)
    assert (trakt["list"], trakt["state"], trakt["reason"]) == ("trakt:joe/best", "failed", "it did not answer")
    alone = service.get("/api/lists/trakt:joe/best").json()
    assert {name: alone[name] for name in trakt} == trakt
    assert service.get("/api/lists/trakt:nobody/nothing").status_code == 404


def test_no_answer_holds_what_is_secret_in_the_address_of_a_list(service, store):
    run(store, asked(SECRET), lists=(read(SECRET),))

    (shown,) = service.get("/api/lists").json()["items"]
    assert len(titles_of(service.get("/api/items", params={"list": shown["list"]}))) == 1
    for path in ("/api/lists", "/api/items", "/api/items/1", "/api/runs/1", "/api/summary"):
        answer = service.get(path)
        assert answer.status_code == 200, path
        assert "hunter2" not in answer.text, path
        assert "very-secret" not in answer.text, path


def test_runs_are_told_newest_first_and_page_by_page(service, store):
    for hour in range(5):
        run(store, asked(), lists=(read(FIRST),), hour=hour)

    first = service.get("/api/runs?limit=2").json()
    second = service.get(f"/api/runs?limit=3&cursor={first['next_cursor']}").json()
    one = service.get("/api/runs/2").json()

    assert [run["run_id"] for run in (*first["items"], *second["items"])] == [5, 4, 3, 2, 1]
    assert second["next_cursor"] is None
    assert (one["status"], one["mode"], one["lists"][0]["list"]) == ("completed", "manual", "imdb:ls1")
    assert service.get("/api/runs/6").status_code == 404


def test_the_summary_is_flat_and_has_one_word(service, store):
    empty = service.get("/api/summary").json()
    fill(store)
    service.daemon.next_sync = service.parts.now() + timedelta(hours=3)

    told = service.get("/api/summary").json()

    assert (empty["status"], empty["last_sync_at"]) == ("ok", None)
    assert all(not isinstance(value, dict | list) for value in told.values())
    assert (told["status"], told["titles"], told["requested"], told["needs_review"]) == ("attention", 4, 1, 1)
    assert (told["lists"], told["lists_failed"], told["next_sync_at"]) == (2, 1, "2026-11-27T15:00:00Z")


@pytest.mark.parametrize(
    ("true", "word"),
    [
        ((), "ok"),
        (("needs_you",), "attention"),
        (("needs_you", "is_paused"), "paused"),
        (("needs_you", "is_paused", "has_trouble"), "error"),
    ],
)
def test_the_first_word_that_is_true_counts(true, word):
    facts = {name: name in true for name in ("needs_you", "is_paused", "has_trouble")}

    assert judge(None, **facts) == word


def test_requests_that_vanished_need_you(service, store):
    run(store, asked(tmdb_id=603))
    before = service.get("/api/summary").json()
    with store.writing() as connection:
        server, _ = recognise_server(connection, HOME, SERVER, address="http://seerr", at=service.parts.now())
    journal = RequestJournal(store, server_id=server.server_id, run_id=1, now=service.parts.now)
    journal.mark([journal.intend(asked(tmdb_id=603).decision)], RequestState.VANISHED)

    told = service.get("/api/summary").json()

    assert [(one["status"], one["vanished"]) for one in (before, told)] == [("ok", 0), ("attention", 1)]


@pytest.mark.parametrize("cursor", ["x", "MTI", "LTE", "9" * 40, "_-_", "eHg"])
def test_a_cursor_that_is_not_ours_is_refused_in_words(service, cursor):
    answer = service.get(f"/api/items?cursor={cursor}")

    assert answer.status_code in (200, 422)
    assert answer.status_code == 200 or "next_cursor" in answer.json()["detail"]


@given(
    limit=st.integers(1, 7),
    new=st.lists(st.integers(0, 2), min_size=30, max_size=30),
    wanted=st.sampled_from([TitleFilter(), TitleFilter(text="title"), TitleFilter(lists=(FIRST.key,))]),
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_paging_gives_every_title_once_while_others_come(store, limit, new, wanted):
    with store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM synced_items")
    run(store, *[asked(tmdb_id=number, item=an_item(f"Title {number}", tmdb=number)) for number in range(1, 20)])
    seen, place, added = [], None, 100
    for count in new:
        with store.reading() as connection:
            selection = select_titles(connection, HOME, wanted, now=NOON)
            page = find_title_page(connection, selection, limit=limit, place=place)
        seen += [record.tmdb_id for record in page.records]
        place = page.older
        if place is None:
            break
        run(
            store, *[asked(tmdb_id=added + n, item=an_item(f"Title {added + n}", tmdb=added + n)) for n in range(count)]
        )
        added += count

    assert [number for number in seen if number < 100] == sorted(range(1, 20), reverse=True)
    assert len(seen) == len(set(seen))
