"""Plans and undos that are asked for: each is done once or not at all, also after a kill, and says why it is not."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
import requests

from list_sync.carrying import carry_out
from list_sync.daemon.pausing import end_pause, pause
from list_sync.demo.server.faults import change
from list_sync.errors import PlanRefused, SyncCancelled
from list_sync.model.exit_codes import ExitCode
from list_sync.model.households import HOME
from list_sync.model.moments import utc_now
from list_sync.model.plans import LineKind
from list_sync.model.report import SyncMode
from list_sync.model.runs import RunOrder, RunStatus
from list_sync.storage import orders
from list_sync.storage.plans import MOST_PLANS, find_plan, load_lines, load_plan, load_undone, tick_lines, tick_only
from list_sync.storage.runs import close_interrupted, find_run
from tests.fakes.dying import Death, DyingClient
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.shelf import SHELVES, synthetic

PLAN = RunOrder(dry_run=True)
FILMS = tuple(synthetic(number) for number in range(4))


@pytest.fixture
def session(open_session):
    SHELVES["films"] = FILMS
    return open_session(SHELF_LISTS="films")


def ask(session, order):
    with session.store.writing() as connection:
        return orders.ask(connection, HOME, order, at=session.now())


def do(session, order):
    run_id = ask(session, order)
    return run_id, carry_out(session, order, run_id)


class Watcher:
    """Someone who looks into the database at the moment in which a run ends."""

    def __init__(self, store):
        self.store, self.seen = store, []

    def begin(self, _run_id, _mode, _lists, *, dry_run):
        """Know nothing more."""

    def advance(self, _progress):
        """Know nothing more."""

    def end(self, report):
        with self.store.reading() as connection:
            status = find_run(connection, report.run_id).status
            self.seen.append((status, find_plan(connection, HOME, report.run_id) is not None))


def requested(demo):
    return sorted(row["tmdb_id"] - FILMS[0].ids.tmdb for row in demo.requests())


def ask_as_a_person(demo, film):
    body = {"mediaType": "movie", "mediaId": film.ids.tmdb, "is4k": False}
    requests.post(
        f"{demo.url}/api/v1/request", json=body, headers={"X-Api-Key": demo.api_key}, timeout=PATIENCE_SECONDS
    )


def read(session, function, *values, **more):
    with session.store.reading() as connection:
        return function(connection, *values, **more)


@pytest.fixture
def kill_during(tmp_path, open_session):
    """Carry out an order until the second call that writes; return the session that starts with the data of then."""

    def kill(session, order, run_id):
        after = tmp_path / "after"

        class Killed(DyingClient):
            def _write(self, call, *values, **named):
                try:
                    return super()._write(call, *values, **named)
                except Death:
                    shutil.copytree(session.folder.path, after, ignore=shutil.ignore_patterns("after"))
                    raise

        session.client = Killed(session.client, 2, is_after=True)
        with pytest.raises(Death):
            carry_out(session, order, run_id)
        return open_session(SHELF_LISTS="films", DATA_DIR=str(after))

    return kill


def restart(session):
    """Return the order that is carried out first after a kill, with its number."""
    with session.store.writing() as connection:
        close_interrupted(connection, HOME, at=session.now())
        return orders.find_queued(connection, HOME)


def test_the_plan_of_a_run_is_there_once_the_run_is_over(session):
    session.watcher = Watcher(session.store)

    do(session, PLAN)

    assert session.watcher.seen == [(RunStatus.COMPLETED, True)]


def test_a_stop_while_the_plan_is_completed_ends_the_run_without_a_plan(session, monkeypatch):
    def stop(_user):
        raise SyncCancelled

    monkeypatch.setattr(session.client, "fetch_quotas", stop)

    run_id, report = do(session, PLAN)

    assert report.error is None
    assert read(session, find_run, run_id).status is RunStatus.COMPLETED
    assert read(session, find_plan, HOME, run_id) is None


def test_a_dry_run_that_was_asked_for_keeps_its_plan_and_another_run_requests_what_is_ticked_in_it(session, demo):
    planned, _ = do(session, PLAN)
    kept = read(session, find_plan, HOME)

    assert (kept.run_id, kept.counts, kept.head.lines, kept.applied_in) == (planned, {LineKind.REQUEST: 4}, (), None)
    assert [one.line.title for one in read(session, load_lines, planned, [LineKind.REQUEST], limit=2, after=1)] == [
        film.title for film in FILMS[2:]
    ]
    assert demo.requests() == []
    with session.store.writing() as connection:
        tick_lines(connection, planned, {1: False})

    applied, _ = do(session, RunOrder(applies=planned))

    assert requested(demo) == [0, 2, 3]
    run = read(session, find_run, applied)
    assert (run.status, run.applies, run.items_requested) == (RunStatus.COMPLETED, planned, 3)
    assert read(session, find_plan, HOME).applied_in == applied
    assert [line.apply for line in read(session, load_plan, HOME, planned).lines] == [True, False, True, True]


def test_the_plan_of_a_household_holds_whose_server_is_a_copy_of_another_households(session, demo):
    do(session, PLAN)
    with session.store.writing() as connection:
        connection.exec_driver_sql("UPDATE servers SET installation = installation || ' (home)'")
        known = "SELECT replace(installation, ' (home)', ''), 'http://large:5055', kind FROM servers"
        connection.exec_driver_sql(f"INSERT INTO servers (installation, address, kind) {known}")
        connection.exec_driver_sql("INSERT INTO households (name, server_id) VALUES ('large', 2)")
    planned, _ = do(session, PLAN)

    do(session, RunOrder(applies=planned))

    assert requested(demo) == [0, 1, 2, 3]


def test_a_plan_is_applied_once_also_if_two_people_asked_at_the_same_moment(session, demo):
    planned, _ = do(session, PLAN)
    with session.store.writing() as connection:
        tick_only(connection, planned, [0])
    order = RunOrder(applies=planned)
    first = ask(session, order)
    with session.store.writing() as connection:
        tick_only(connection, planned, [1, 2])
        tick_lines(connection, planned, {3: True})
    carry_out(session, order, first)

    with pytest.raises(PlanRefused, match=f"was applied by run {first}: plan again for what is left"):
        do(session, order)

    assert requested(demo) == [0]


def test_a_plan_that_is_to_be_applied_during_a_pause_is_left_as_it_is(session, demo):
    planned, _ = do(session, PLAN)
    pause(session.folder, utc_now() + timedelta(hours=1))

    applying, report = do(session, RunOrder(applies=planned))

    assert report.paused_until is not None
    assert read(session, load_undone, planned, limit=9) == ()
    end_pause(session.folder)
    carry_out(session, RunOrder(applies=planned), applying)
    assert requested(demo) == [0, 1, 2, 3]


def test_what_a_person_asked_for_since_is_told_and_not_done(session, demo):
    planned, _ = do(session, PLAN)
    ask_as_a_person(demo, FILMS[2])

    do(session, RunOrder(applies=planned))

    (left,) = read(session, load_undone, planned, limit=9)
    assert (left.number, left.outcome) == (2, "already_requested")
    assert "already requested by" in left.found


REFUSALS = [
    ({}, timedelta(hours=24), "is older than 24 hours"),
    ({"MAX_REQUESTS_PER_DAY": "3"}, timedelta(), "the policy (lists.yaml or its settings)"),
    ({"DRY_RUN": "true"}, timedelta(), "DRY_RUN is set"),
]


@pytest.mark.parametrize(("settings", "later", "words"), REFUSALS)
def test_a_plan_that_does_not_hold_any_more_is_not_applied(session, open_session, clock, demo, settings, later, words):
    planned, _ = do(session, PLAN)
    clock.pass_by(seconds=later.total_seconds())
    session = open_session(SHELF_LISTS="films", **settings)

    with pytest.raises(PlanRefused) as refused:
        do(session, RunOrder(applies=planned))

    assert words in str(refused.value)
    assert demo.requests() == []
    assert demo.writes == 0


def test_a_plan_that_is_not_kept_or_that_the_server_cannot_be_asked_about_is_not_applied(session, demo):
    with pytest.raises(PlanRefused, match="the plan of run 77 is not kept any more"):
        do(session, RunOrder(applies=77))
    planned, _ = do(session, PLAN)
    change(demo.faults, {"html_answers": True})

    with pytest.raises(PlanRefused, match="the plan is not applied: overseerr"):
        do(session, RunOrder(applies=planned))


def test_the_last_few_plans_are_kept_and_old_ones_go(session, clock):
    made = [do(session, replace(PLAN, asked_by=str(number)))[0] for number in range(MOST_PLANS + 1)]
    assert [read(session, find_plan, HOME, number) is not None for number in made] == [False, *[True] * MOST_PLANS]

    clock.pass_by(seconds=25 * 3600)
    newest, _ = do(session, PLAN)

    assert [number for number in (*made, newest) if read(session, find_plan, HOME, number)] == [newest]


def test_a_run_that_is_killed_while_it_applies_a_plan_is_done_after_the_restart_and_nothing_twice(
    session, demo, kill_during
):
    planned, _ = do(session, PLAN)
    order = RunOrder(applies=planned, asked_by="alice")
    killed = ask(session, order)
    session = kill_during(session, order, killed)

    again, found = restart(session)

    assert (found, found.asked_by) == (order, "alice")
    assert carry_out(session, found, again).error is None
    assert requested(demo) == [0, 1, 2, 3]
    assert read(session, find_run, killed).status is RunStatus.INTERRUPTED
    assert restart(session) is None


def test_an_undo_that_was_asked_for_is_done_once_also_after_a_kill(session, demo, kill_during):
    synced, _ = do(session, RunOrder())
    order = RunOrder(undoes=synced, asked_by="alice")
    killed = ask(session, order)
    assert ask(session, order) == killed
    session = kill_during(session, order, killed)
    assert len(demo.requests()) == 2

    again, found = restart(session)
    report = carry_out(session, found, again)

    assert (report.error, report.counts, demo.requests()) == (None, {"declined": 4}, [])
    run = read(session, find_run, again)
    assert (run.status, run.undoes, run.asked_by) == (RunStatus.COMPLETED, synced, "alice")
    assert restart(session) is None


@pytest.mark.parametrize("of_process", [True, False])
def test_what_the_end_of_the_process_cut_off_is_done_by_the_next_one_and_what_a_person_stopped_is_not(
    session, open_session, demo, of_process
):
    planned, _ = do(session, PLAN)
    stop = session.stop

    class Stopping(DyingClient):
        def _write(self, call, *values, **named):
            answer = call(*values, **named)
            (stop if of_process else stop.of_run).set()
            return answer

    client = session.client
    session.client = Stopping(client, 0, is_after=True)
    stopped = ask(session, RunOrder(applies=planned))
    # A kill may follow the end of the run at once, so that queues it again as well.
    session.sync(mode=SyncMode.API, planned=read(session, load_plan, HOME, planned).chosen, run_id=stopped)
    session.client = client
    assert read(session, find_run, stopped).status is RunStatus.STOPPED
    assert len(demo.requests()) == 1

    session = open_session(SHELF_LISTS="films")
    found = read(session, orders.find_queued, HOME)

    assert (found is not None) is of_process
    if found:
        carry_out(session, found[1], found[0])
        assert requested(demo) == [0, 1, 2, 3]


def test_an_undo_of_a_run_that_does_not_exist_fails_and_says_so(session):
    run_id, report = do(session, RunOrder(undoes=99))

    assert (
        read(session, find_run, run_id).error == report.error == "there is no run 99: list-sync history shows the runs"
    )
    assert report.exit_code == ExitCode.REFUSED
