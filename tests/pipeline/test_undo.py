"""An undo withdraws what only its run wanted, and says of each other request why it stays; also after a kill."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace

import pytest
import requests
from sqlalchemy import update

from list_sync.correcting.keys import keys_to_ban
from list_sync.correcting.pins import pin
from list_sync.database.schema import sync_history
from list_sync.demo.catalogue.catalogue import load_catalogue
from list_sync.demo.server.demo_server import DemoServer, Dialect
from list_sync.demo.server.faults import change
from list_sync.errors import PlanRefused
from list_sync.job import Job
from list_sync.model.decisions import Policy
from list_sync.model.households import HOME
from list_sync.model.runs import RunStatus
from list_sync.model.sources import ListKey, ListRef
from list_sync.model.terms import Terms
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.pipeline import run_cycle
from list_sync.requesting import lost
from list_sync.requesting.undo import ASKED_AGAIN, LEFT_ALONE
from list_sync.storage.retries import may_retry, retry
from list_sync.storage.runs import find_last_success
from list_sync.storage.title_search import find_matched
from list_sync.undoing import UndoParts, preview_undo, run_undo
from tests.fakes.dying import Death, DyingStore
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.shelf import SHELVES, Bench, synthetic

SHOW = next(
    title
    for title in load_catalogue().titles
    if title.kind == "tv" and title.tvdb and {1, 2} <= {season.number for season in title.seasons}
)
FILMS = tuple(synthetic(number) for number in range(3))
A_SHOW = MediaItem(SHOW.title, MediaType.TV, None, MediaIds(tmdb=SHOW.tmdb))
# A user whose requests wait for approval.
ASKS = Terms(requester_id=2)


@pytest.fixture(scope="module")
def running():
    with DemoServer(Dialect.SEERR, synthetic_films=8) as server:
        yield server


@pytest.fixture
def server(running):
    running.reset()
    running.reset_counts()
    if 2 not in running.backend.state.users:
        running.add_user("Ann")
    return running


@pytest.fixture
def bench(tmp_path, server):
    return Bench(tmp_path, server, terms=ASKS)


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    monkeypatch.setattr(lost, "LOOKS", 1)


def parts_of(bench, parts, lists=("shelf",)):
    known = {ListKey("shelf", f"{bench.folder}/{name}") for name in lists}
    return UndoParts(parts.client, parts.store, known, parts.stop, parts.now)


def preview(bench, run_id=1, **more):
    with bench.opened() as parts:
        return {line.title: line for line in preview_undo(parts_of(bench, parts, **more), run_id)}


def undo(bench, run_id=1, store=None, **more):
    with bench.opened() as parts:
        own = parts_of(bench, parts, **more)
        return run_undo(replace(own, store=store(parts.store)) if store else own, run_id, on_started=lambda _run: None)


def read(bench, query):
    with closing(sqlite3.connect(f"{bench.folder}/{bench.name}.db")) as connection:
        return connection.execute(query).fetchall()


def ask_as(server, user, item, **more):
    body = {"mediaType": item.media_type.value, "mediaId": item.ids.tmdb, "is4k": False, **more}
    headers = {"X-Api-Key": server.api_key, "X-API-User": str(user)}
    assert (
        requests.post(f"{server.url}/api/v1/request", json=body, headers=headers, timeout=PATIENCE_SECONDS).status_code
        == 201
    )


def only_reason(bench, **more):
    (line,) = preview(bench, **more).values()
    return line.reason if line.row is None else ""


def test_pending_requests_are_withdrawn_and_their_titles_stay_away_until_they_are_pinned(bench, server):
    bench.sync(*FILMS, A_SHOW)
    before = server.writes

    assert all(line.row is not None for line in preview(bench).values())
    assert server.writes == before
    report = undo(bench)

    assert report.counts == {"declined": 4}
    assert server.requests() == []
    assert read(bench, "SELECT undoes, status, sync_mode FROM sync_history WHERE id = 2") == [
        (1, "completed", "manual")
    ]
    assert read(bench, "SELECT DISTINCT state, undone_in FROM sent_requests") == [("withdrawn", 2)]
    assert bench.sync(*FILMS, A_SHOW).counts == {"declined": 4}
    assert read(bench, "SELECT count(*) FROM item_events WHERE status = 'declined'") == [(4,)]
    with bench.opened() as parts:
        pin(parts.store, f"tmdb:movie:{FILMS[0].ids.tmdb}", MediaType.MOVIE, FILMS[0].ids.tmdb, at=parts.now())
    assert bench.sync(*FILMS, A_SHOW).counts == {"requested": 1, "declined": 3}


def test_an_undo_is_no_sync_that_went_through(bench):
    bench.sync(*FILMS)
    with bench.opened() as parts, parts.store.writing() as connection:
        connection.execute(update(sync_history).values(status=RunStatus.FAILED.value))

    undo(bench)

    with bench.opened() as parts, parts.store.reading() as connection:
        assert find_last_success(connection, HOME) is None


def test_a_title_that_was_taken_back_can_be_asked_for_anew_and_one_that_a_person_took_back_cannot(bench, server):
    bench.sync(*FILMS[:2])
    server.delete_request(2)
    undo(bench)
    bench.sync(*FILMS[:2])

    with bench.opened() as parts:
        with parts.store.reading() as connection:
            found = find_matched(connection, HOME, [(MediaType.MOVIE, film.ids.tmdb) for film in FILMS[:2]])
        records = [record for rows in found.values() for record in rows]
        with parts.store.writing() as connection:
            allowed = [may_retry(connection, parts.store.household, record) for record in records]
            retry(connection, parts.store.household, keys_to_ban(records[0]))

    assert allowed == [True, False]
    told = [line.reason for _, line in sorted(preview(bench).items())]
    assert [reason.partition("; ")[2] for reason in told] == [ASKED_AGAIN, LEFT_ALONE]
    assert bench.sync(*FILMS[:2]).counts == {"requested": 1, "declined": 1}


def test_approved_requests_are_withdrawn_with_a_word_on_radarr(bench, server):
    bench.sync(FILMS[0])
    server.approve(1)

    (line,) = preview(bench).values()
    undo(bench)

    assert "approved: Radarr may still have it and download it, remove it there" in line.reason
    assert server.requests() == []


def test_what_is_available_stays(bench, server):
    bench.sync(FILMS[0])
    server.approve(1)
    server.make_available("movie", FILMS[0].ids.tmdb)

    assert only_reason(bench) == "stays: it is available already"


def test_a_show_with_an_available_season_stays(bench, server):
    bench.sync(A_SHOW)
    server.approve(1)
    server.make_available("tv", SHOW.tmdb, [1])

    assert only_reason(bench) == "stays: season 1 is available already, at least in part"


def test_a_request_that_another_user_made_too_stays(bench, server):
    bench.sync(A_SHOW)
    row = server.backend.state.requests[1]
    other = server.add_user("Bob")
    server.backend.state.save_request(replace(row, id=2, requested_by=other))

    assert f"user {other} asked for it too (request 2)" in only_reason(bench)


def test_what_a_list_outside_the_run_wants_stays(bench, server):
    other = {"shelf": (FILMS[:2], ASKS), "other": (FILMS[:1], ASKS)}
    bench.sync(*FILMS[:2])
    bench.sync_lists(other)

    lines = preview(bench, lists=("shelf", "other"))

    assert sorted(line.row is None for line in lines.values()) == [False, True]
    assert sorted(line.row is None for line in preview(bench, lists=("shelf",)).values()) == [False, False]


def test_what_was_pinned_since_stays(bench):
    bench.sync(FILMS[0])
    bench.clock = lambda: datetime.now(UTC) + timedelta(hours=1)
    with bench.opened() as parts:
        pin(parts.store, FILMS[0].title, MediaType.MOVIE, FILMS[0].ids.tmdb, at=parts.now())

    assert only_reason(bench).startswith("stays: the title was asked for again since")


def test_a_request_whose_number_belongs_to_another_title_by_now_is_not_touched(bench, server):
    bench.sync(FILMS[0])
    server.delete_request(1)
    ask_as(server, 2, FILMS[1])
    state = server.backend.state
    row = state.requests[2]
    state.remove_request(2)
    state.save_request(replace(row, id=1))

    assert only_reason(bench) == f"stays: our request is not on the server any more; {LEFT_ALONE}"
    undo(bench)
    assert len(server.requests()) == 1


def test_a_request_that_was_approved_and_came_between_preview_and_undo_is_judged_anew(bench, server):
    bench.sync(*FILMS[:2])
    assert all(line.row for line in preview(bench).values())
    server.approve(1)
    server.make_available("movie", FILMS[0].ids.tmdb)
    server.delete_request(2)

    report = undo(bench)

    assert report.counts == {}
    assert [row["id"] for row in server.requests()] == [1]


def test_a_run_that_does_not_exist_is_refused(bench):
    bench.sync()
    with pytest.raises(PlanRefused, match="there is no run 9"):
        preview(bench, 9)


def test_a_run_of_another_requests_is_left_alone(bench, server):
    bench.sync(FILMS[0])
    bench.sync(*FILMS[:2])

    undo(bench, 2)

    assert [row["tmdb_id"] for row in server.requests()] == [FILMS[0].ids.tmdb]


def test_a_run_can_be_undone_after_a_move_of_the_server_before_any_sync(bench, server):
    bench.sync(FILMS[0])
    bench.server = SimpleNamespace(url=server.url.replace("127.0.0.1", "localhost"), api_key=server.api_key)

    assert [line.row is None for line in preview(bench).values()] == [False]
    undo(bench)

    assert server.requests() == []


@pytest.mark.parametrize("has_synced_since", [False, True])
def test_a_run_for_another_server_is_refused_and_nothing_is_withdrawn(bench, server, has_synced_since):
    bench.sync(FILMS[0])
    with DemoServer(Dialect.SEERR, synthetic_films=8) as other:
        bench.server = other
        other.add_user("Ann")
        if has_synced_since:
            bench.sync(FILMS[0])
        before = other.requests()

        with pytest.raises(PlanRefused, match="another server answers at OVERSEERR_URL"):
            preview(bench)
        report = undo(bench)
        left = other.requests()

    assert "another server answers at OVERSEERR_URL" in report.error
    assert left == before
    assert len(server.requests()) == 1


def test_a_server_that_is_down_ends_the_undo_and_the_next_one_finishes(bench, server):
    bench.sync(*FILMS)
    server.faults.down_status, server.faults.down_calls, server.faults.only = 503, 1, "DELETE"

    first = undo(bench)
    still_undone = read(bench, "SELECT count(*) FROM sent_requests WHERE undone_in IS NOT NULL")
    second = undo(bench)

    assert first.error
    assert still_undone == [(0,)]
    assert second.error is None
    assert server.requests() == []
    assert read(bench, "SELECT status FROM synced_items") == [("declined",)] * 3


def test_a_lost_answer_to_a_withdrawal_is_settled_by_the_next_run_of_any_kind(bench, server):
    bench.sync(*FILMS)
    server.faults.drop_after_write = 1

    assert undo(bench).error
    assert read(bench, "SELECT count(*) FROM sent_requests WHERE state = 'withdrawing'") == [(1,)]
    assert bench.sync(*FILMS).counts == {"declined": 1, "already_requested": 2}
    assert len(server.requests()) == 2


@pytest.mark.parametrize("has_synced_since", [False, True])
def test_a_run_that_was_killed_in_the_middle_can_be_undone(bench, server, has_synced_since):
    source = ListRef("shelf", f"{bench.folder}/{bench.name}", ASKS)
    SHELVES[source.list_id] = FILMS
    with bench.opened() as parts, pytest.raises(Death):
        run_cycle(replace(parts, store=DyingStore(parts.store, 5, is_after=True)), Job((source,), Policy()))
    made = len(server.requests())
    assert 0 < made < 3
    if has_synced_since:
        bench.sync(*FILMS)

    undo(bench)

    assert len(server.requests()) == (3 - made if has_synced_since else 0)
    assert bench.sync(*FILMS).counts["declined"] == made


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
def test_after_a_death_at_any_commit_a_second_undo_finishes_and_nothing_of_others_is_deleted(
    server, tmp_path, is_after
):
    for commit in count(1):
        server.reset()
        server.add_user("Ann")
        bench = Bench(tmp_path, server, name=f"commit{commit}", terms=ASKS)
        bench.sync(*FILMS[:2])
        ask_as(server, 2, FILMS[2])
        is_dead = False
        try:
            undo(bench, store=lambda store, at=commit: DyingStore(store, at, is_after=is_after))
        except Death:
            is_dead = True

        undo(bench)

        assert [row["tmdb_id"] for row in server.requests()] == [FILMS[2].ids.tmdb], commit
        assert bench.sync(*FILMS[:2]).counts == {"declined": 2}, commit
        assert set(read(bench, "SELECT state FROM sent_requests")) == {("withdrawn",)}, commit
        if not is_dead:
            break
    assert commit > 6


def test_a_request_that_could_not_be_withdrawn_stands_and_stays_away_once_a_person_deletes_it(bench, server):
    bench.sync(FILMS[0])
    change(server.faults, {"down_status": 502, "down_calls": 1, "only": "DELETE"})
    undo(bench)
    assert len(server.requests()) == 1
    assert read(bench, "SELECT state FROM sent_requests") == [("confirmed",)]

    server.delete_request(1)

    assert bench.sync(FILMS[0]).counts == {"declined": 1}


def test_a_pin_of_what_is_requested_covers_nothing_that_is_taken_back_later(bench, server):
    bench.sync(FILMS[0])
    with bench.opened() as parts:
        pin(parts.store, f"tmdb:movie:{FILMS[0].ids.tmdb}", MediaType.MOVIE, FILMS[0].ids.tmdb, at=parts.now())
    assert bench.sync(FILMS[0]).counts == {"already_requested": 1}

    server.delete_request(1)

    assert bench.sync(FILMS[0]).counts == {"declined": 1}
