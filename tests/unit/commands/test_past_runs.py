"""A run whose process is gone is shown as interrupted at once, with what it had requested by then."""

import pytest

from list_sync.files.lock import RUN_LOCK, FileLock
from list_sync.model.decisions import Request
from list_sync.model.report import SyncMode
from list_sync.model.servers import HOME, AnswerKind
from list_sync.model.titles import Quality
from list_sync.storage.journal import RequestJournal
from list_sync.storage.runs import close_interrupted, start_run
from tests.builders import NOON, a_match
from tests.unit.commands.records import record, requested


def cut_off(store, *, taken=(), refused=(), lost=(), in_flight=()):
    """Record a run up to a moment after its first requests."""
    with store.writing() as connection:
        run_id = start_run(connection, HOME, mode=SyncMode.MANUAL, started_at=NOON, dry_run=False)
    journal = RequestJournal(store, server_id=1, run_id=run_id, now=lambda: NOON)
    for state, numbers in (("accepted", taken), ("refused", refused), ("lost", lost), ("sent", in_flight)):
        for number in numbers:
            entry = journal.intend(Request(a_match(number), quality=Quality.HD))
            if state != "sent":
                journal.settle(entry, state=state, request_id=number, answer=AnswerKind.CREATED)
    journal.flush()
    return run_id


def test_a_run_without_a_process_is_interrupted_and_its_requests_are_told(cli, store):
    cut_off(store, taken=(603, 604, 605), refused=(606,), lost=(605, 607), in_flight=(608,))

    assert (
        "last run  1, 2026-11-22 12:00:00, interrupted: the process ended before the run did"
        " (3 titles requested before)" in cli("status").lines
    )
    assert cli("history").lines[1].split()[:9] == [
        "1",
        "2026-11-22",
        "12:00:00",
        "-",
        "manual",
        "interrupted",
        "-",
        "-",
        "3",
    ]


def test_a_run_whose_process_holds_the_folder_is_running(cli, store):
    cut_off(store, taken=(603,))

    with FileLock(store.path.with_name(RUN_LOCK)):
        assert "last run  1, 2026-11-22 12:00:00, running, 1 title requested" in cli("status").lines
        assert " running " in cli("history").lines[1]


def test_a_run_that_the_next_one_closed_keeps_what_it_had_requested(cli, store):
    cut_off(store, taken=(603, 604))
    with store.writing() as connection:
        close_interrupted(connection, HOME, at=NOON)
    record(store, requested(), minutes=5)

    newest, cut = (line.split() for line in cli("history").lines[1:])
    assert (newest[5], newest[8]) == ("completed", "1")
    assert (cut[5], cut[8]) == ("interrupted", "2")


@pytest.mark.parametrize("command", ["status", "history"])
def test_looking_changes_nothing(cli, store, command):
    cut_off(store, taken=(603,))
    cli(command)

    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT status FROM sync_history").scalars().all() == ["running"]
