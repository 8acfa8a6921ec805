"""Lists that are synced once: from an order to titles with their reasons, and nothing else that stays."""

import json
import threading

import pytest

from list_sync.correcting.keys import keys_to_ban
from list_sync.model.decisions import ItemStatus
from list_sync.model.one_time import OneTimeList
from list_sync.model.report import SyncMode
from list_sync.model.runs import RunOrder, RunStatus
from list_sync.model.servers import HOME
from list_sync.model.sources import FetchState
from list_sync.storage import orders
from list_sync.storage.lists import find_lists
from list_sync.storage.retries import retry
from list_sync.storage.runs import close_interrupted, find_run, start_run
from list_sync.storage.title_search import find_titles
from tests.fakes.patience import PATIENCE_SECONDS

MATRIX = {"title": "The Matrix", "year": 1999, "media_type": "movie", "imdb_id": "imdb://tt0133093"}
INCEPTION = {
    "title": "Inception",
    "year": 2010,
    "media_type": "movie",
    "imdb_id": None,
    "tmdb_id": "tmdb://27205",
    "tvdb_id": None,
}
SHOW = {"title": "Game of Thrones", "year": 0, "media_type": "tv", "imdb_id": "", "tvdb_id": "tvdb://121361"}


def given(*titles):
    return OneTimeList(entries=json.dumps(titles))


def count(store, table):
    with store.reading() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()


def test_its_titles_are_requested_with_reasons_and_sources_and_it_is_no_list(open_session):
    session = open_session(FILE_LISTS="")

    report = session.sync(mode=SyncMode.API, one_time=given(MATRIX, INCEPTION, SHOW))

    (result,) = report.fetched
    assert (result.state, report.counts, report.error) == (FetchState.COMPLETE, {"requested": 3}, None)
    with session.store.reading() as connection:
        (inception,) = find_titles(connection, HOME, "Inception")
        assert find_lists(connection, HOME) == ()
    assert inception.lists == (given(MATRIX, INCEPTION, SHOW).ref.name,)
    assert inception.events[0].reason
    assert (inception.tmdb_id, inception.status) == (27205, ItemStatus.REQUESTED)
    assert [count(session.store, table) for table in ("lists", "list_copies", "list_backoffs", "list_readings")] == [
        0
    ] * 4


def test_it_leaves_the_lists_of_the_settings_alone(open_session, tmp_path):
    (tmp_path / "drop").mkdir(exist_ok=True)
    (tmp_path / "drop" / "films.json").write_text(json.dumps([MATRIX]))
    session = open_session(FILE_LISTS="films.json")
    session.sync(mode=SyncMode.AUTOMATED)

    session.sync(mode=SyncMode.API, one_time=given(INCEPTION))
    session.sync(mode=SyncMode.AUTOMATED)

    with session.store.reading() as connection:
        (one,) = find_lists(connection, HOME)
        (matrix,) = find_titles(connection, HOME, "The Matrix")
        (inception,) = find_titles(connection, HOME, "Inception")
    assert (one.list_type, one.state) == ("file", FetchState.COMPLETE)
    assert (matrix.lists, matrix.status) == (("file:films.json",), ItemStatus.REQUESTED)
    assert (inception.lists, inception.status) == ((given(INCEPTION).ref.name,), ItemStatus.REQUESTED)


def test_a_shorter_one_is_not_doubted_and_a_file_is_read_as_it_is_now(open_session, tmp_path):
    session = open_session()
    file = tmp_path / "watchlist.json"
    states = []
    for titles in (
        [MATRIX, INCEPTION, *({"tmdb_id": number, "media_type": "movie"} for number in range(1, 40))],
        [INCEPTION],
        [],
    ):
        file.write_text(json.dumps(titles))
        report = session.sync(mode=SyncMode.API, dry_run=True, one_time=OneTimeList(file="watchlist.json"))
        states += [(result.state, len(result.items), str(result.source)) for result in report.fetched]

    assert states == [(FetchState.COMPLETE, size, "custom_list:watchlist.json") for size in (41, 1, 0)]


@pytest.mark.parametrize("content", [None, "", "not json", '[{"title": ""}]', '{"a": 1}'])
def test_a_file_that_cannot_be_read_any_more_fails_in_words_and_nothing_else(open_session, tmp_path, content):
    session = open_session()
    if content is not None:
        (tmp_path / "watchlist.json").write_text(content)

    report = session.sync(mode=SyncMode.API, one_time=OneTimeList(file="watchlist.json"))

    (result,) = report.fetched
    assert (result.state, report.error, report.outcomes) == (FetchState.FAILED, None, ())
    assert "custom_list" in result.reason
    assert "LISTS" not in result.reason
    assert result.backoff_until is None


def test_an_order_survives_a_kill_and_its_titles_are_forgotten_with_its_end(open_session, clock):
    session = open_session()
    order = RunOrder(mode=SyncMode.API, one_time=given(MATRIX))
    with session.store.writing() as connection:
        first = orders.ask(connection, HOME, order, at=clock.now())
        assert orders.ask(connection, HOME, order, at=clock.now()) == first
        assert (
            orders.ask(connection, HOME, RunOrder(mode=SyncMode.API, one_time=given(INCEPTION)), at=clock.now())
            != first
        )
        start_run(connection, HOME, mode=SyncMode.API, started_at=clock.now(), dry_run=False, run_id=first)
    with session.store.writing() as connection:
        assert close_interrupted(connection, HOME, at=clock.now()) == 1
        connection.exec_driver_sql("DELETE FROM sync_history WHERE run_order LIKE '%Inception%'")
        run_id, found = orders.find_queued(connection, HOME)

    report = session.sync(mode=found.mode, one_time=found.one_time, run_id=run_id)

    assert (found, report.counts) == (order, {"requested": 1})
    with session.store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sync_history WHERE run_order > ''").scalar() == 0


def test_only_the_present_run_ends_when_it_is_stopped_and_the_next_one_goes_on(open_session, tmp_path):
    session = open_session(FILE_LISTS="films.json")
    (tmp_path / "drop").mkdir(exist_ok=True)
    (tmp_path / "drop" / "films.json").write_text(json.dumps([MATRIX]))
    stopped = []

    def stop_once(_progress):
        if not stopped:
            with session.store.reading() as connection:
                run_id = connection.exec_driver_sql("SELECT max(id) FROM sync_history").scalar()
            stopped.extend([session.stop.stop_run(run_id + 1), session.stop.stop_run(run_id), run_id])

    first = session.sync(mode=SyncMode.API, on_progress=stop_once)
    second = session.sync(mode=SyncMode.API)

    with session.store.reading() as connection:
        run = find_run(connection, first.run_id)
    assert stopped == [False, True, first.run_id]
    assert (run.status, second.error, second.counts) == (RunStatus.STOPPED, None, {"requested": 1})
    assert not session.stop.is_set()
    assert session.stop.stop_run(second.run_id) is False


def test_the_end_of_the_process_also_ends_a_run_that_begins_meanwhile(open_session):
    stop = open_session().stop
    stop.begin_run(1)
    stop.stop_run(1)
    threading.Thread(target=stop.set).start()

    stop.end_run()
    stop.wait()

    assert stop.of_run.wait(PATIENCE_SECONDS)


def test_a_title_that_was_not_found_is_searched_again_by_the_next_run_once_that_was_asked_for(
    open_session, tmp_path, demo, clock
):
    (tmp_path / "drop").mkdir(exist_ok=True)
    (tmp_path / "drop" / "films.json").write_text(json.dumps([{"title": "No Such Film At All", "year": 1999}]))
    session = open_session(FILE_LISTS="films.json")

    def count_reads():
        before = demo.reads
        session.sync(mode=SyncMode.AUTOMATED)
        clock.pass_by(minutes=10)
        return demo.reads - before

    first, _, third = count_reads(), count_reads(), count_reads()
    with session.store.reading() as connection:
        (record,) = find_titles(connection, HOME, "No Such Film At All")
    with session.store.writing() as connection:
        retry(connection, session.store.household, keys_to_ban(record))

    assert (record.status, third < first) == (ItemStatus.NOT_FOUND, True)
    assert count_reads() > third
