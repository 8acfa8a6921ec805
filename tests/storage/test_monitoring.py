from dataclasses import replace
from datetime import timedelta

import pytest

from list_sync.model.decisions import ItemStatus
from list_sync.model.journal import RequestState
from list_sync.model.report import SyncMode
from list_sync.model.runs import RunOrder, RunStatus
from list_sync.model.servers import HOME
from list_sync.model.sources import FetchState
from list_sync.model.waiting import WaitingCause, find_cause
from list_sync.storage import monitoring, orders
from list_sync.storage.journal import RequestJournal
from list_sync.storage.monitoring import RunFigures, RunNews, RunPosition
from list_sync.storage.runs import close_interrupted, start_run
from list_sync.storage.servers import recognise_server
from tests.builders import NOON, SERVER, a_result, an_item
from tests.storage.recording import FIRST, SECOND, asked, left, run


def news(store, position=None):
    with store.reading() as connection:
        return monitoring.find_run_news(connection, HOME, position)


def snapshot(store):
    with store.reading() as connection:
        return monitoring.load_snapshot(connection, HOME, None)


def begin(store, *, dry_run=False, run_id=None):
    with store.writing() as connection:
        return start_run(connection, HOME, mode=SyncMode.API, started_at=NOON, dry_run=dry_run, run_id=run_id)


def test_each_run_that_ends_is_news_once(store):
    run(store, asked())
    before = news(store)
    run_id = run(store, asked(), left(ItemStatus.WAITING, tmdb_id=2))

    after = news(store, before.position)

    assert before.ended == ()
    assert [(one.run_id, one.counts) for one in after.ended] == [(run_id, {"requested": 1, "waiting": 1})]
    assert news(store, after.position).ended == ()


def test_runs_end_in_another_order_than_they_were_asked_for(store):
    with store.writing() as connection:
        queued = orders.ask(connection, HOME, RunOrder(), at=NOON)
    position = news(store).position
    other = run(store)

    first = news(store, position)
    begin(store, run_id=queued)
    with store.writing() as connection:
        close_interrupted(connection, HOME, at=NOON)
    second = news(store, first.position)

    assert [one.run_id for one in first.ended] == [other]
    assert [(one.run_id, one.status, one.duration) for one in second.ended] == [(queued, RunStatus.INTERRUPTED, None)]
    assert news(store, second.position).ended == ()


def test_a_run_that_began_before_the_first_look_is_running_and_then_news(store):
    begin(store)
    first = news(store)
    with store.writing() as connection:
        close_interrupted(connection, HOME, at=NOON)

    assert first.running.started_at == NOON
    assert len(news(store, first.position).ended) == 1


def test_dry_runs_are_no_news_but_are_seen_running(store):
    position = news(store).position
    run(store, left(ItemStatus.WOULD_REQUEST), dry_run=True)
    begin(store, dry_run=True)

    found = news(store, position)

    assert found.ended == ()
    assert found.running.dry_run


def test_the_former_runs_of_another_database_are_no_news(store):
    run(store)

    assert news(store, RunPosition(newest=500)) == RunNews((), None, RunPosition(1, frozenset()))


def test_a_run_takes_no_time_if_the_clock_was_set_back():
    back = RunFigures(1, RunStatus.COMPLETED, NOON, NOON - timedelta(hours=1), False, 0, 0)

    assert back.duration == timedelta()


@pytest.mark.parametrize("state", [FetchState.PARTIAL, FetchState.COMPLETE])
def test_a_list_has_its_entries_of_any_kind_and_how_many_its_source_states(store, state):
    result = a_result(an_item(), source=FIRST, state=state, expected=9, unsupported=3, not_understood=2)
    run(store, lists=[result])

    (found,) = snapshot(store).lists

    assert (found.provider, found.list_id, found.state, found.route) == ("imdb", "ls1", state, "api")
    assert (found.entries, found.expected, found.read_at) == (6, 9, NOON)


def test_of_a_stale_list_the_copy_counts(store):
    copied_at = NOON - timedelta(days=3)
    run(store, lists=[a_result(source=SECOND, state=FetchState.STALE, copied_at=copied_at)])

    assert snapshot(store).lists[0].read_at == copied_at


def test_open_and_vanished_requests_of_the_households_server_are_counted(store):
    info = replace(SERVER, installation="ours")
    with store.writing() as connection:
        server, _ = recognise_server(connection, HOME, info, address="http://seerr", at=NOON)
    for number, state in enumerate(("sent", "accepted", "confirmed", "vanished", "vanished")):
        for server_id in (server.server_id, server.server_id + 1):
            journal = RequestJournal(store, server_id=server_id, run_id=1, now=lambda: NOON)
            entry = journal.intend(asked(tmdb_id=number).decision)
            journal.mark([entry], RequestState(state))

    assert snapshot(store).requests == {RequestState.SENT: 1, RequestState.ACCEPTED: 1, RequestState.VANISHED: 2}


def test_titles_of_the_last_day_are_counted_by_state(store):
    run(store, left(ItemStatus.DECLINED, tmdb_id=1))
    run(store, asked(tmdb_id=2), asked(tmdb_id=3), hour=30)

    with store.reading() as connection:
        counts = monitoring.count_synced_since(connection, HOME, NOON + timedelta(hours=7))

    assert counts == {"requested": 2}


def test_waiting_titles_are_counted_by_reason(store):
    waiting = [left(ItemStatus.WAITING, tmdb_id=number, reason=f"reason {number % 2}") for number in range(5)]
    run(store, *waiting, left(ItemStatus.DECLINED, tmdb_id=9, reason="reason 0"))

    with store.reading() as connection:
        assert monitoring.count_waiting_reasons(connection, HOME) == {"reason 0": 3, "reason 1": 2}


def test_titles_that_were_not_looked_up_on_another_installation_wait_for_that(store):
    for number in (1, 2):
        with store.writing() as connection:
            info = replace(SERVER, installation=f"installation {number}")
            recognise_server(connection, HOME, info, address="http://seerr", at=NOON)
        if number == 1:
            run(store, asked(tmdb_id=5), lists=[a_result(source=FIRST)])

    with store.reading() as connection:
        (reason,) = monitoring.count_waiting_reasons(connection, HOME)
    assert find_cause(reason) is WaitingCause.NEW_SERVER
