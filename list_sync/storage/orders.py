"""The orders of runs: queued, found by the daemon, cancelled, or failed before the run began."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from list_sync.database.schema import sync_history
from list_sync.errors import QueueFull
from list_sync.model.exit_codes import ExitCode
from list_sync.model.one_time import OneTimeList
from list_sync.model.report import SyncMode
from list_sync.model.runs import RunOrder, RunStatus
from list_sync.model.sources import ListRef

_COLUMNS = sync_history.c

MOST_QUEUED = 100
# Of all queued orders together: they hold the titles of one-time lists, and each new order is compared with all.
MOST_CHARACTERS = 8_000_000
_REST = {"applies": int, "undoes": int, "asked_by": str}


def ask(connection: Connection, household: str, order: RunOrder, *, at: datetime, is_limited: bool = False) -> int:
    """Queue a run and return its number; if a queued run does the same, also for another reason, it is that one.

    A plan is applied once, and a run is not taken back by two at once: such a run may also be at work. With
    `is_limited`, raise QueueFull if very many wait.
    """
    if (same := _find_same(connection, household, order)) is not None:
        return same
    queued = (_COLUMNS.household == household) & (_COLUMNS.status == RunStatus.QUEUED.value)
    statement = select(_COLUMNS.id, _COLUMNS.run_order).where(queued).order_by(_COLUMNS.id)
    waiting = connection.execute(statement).all()
    for run_id, text in waiting:
        if _does(parse_order(text), order):
            return int(run_id)
    text = _to_text(order)
    if is_limited:
        _require_room([other or "" for _, other in waiting], text)
    row = {
        "household": household,
        "asked_at": at,
        "sync_mode": order.mode.value,
        "status": RunStatus.QUEUED.value,
        "dry_run": order.dry_run,
        "run_order": text,
        "undoes": order.undoes,
        "applies": order.applies,
        "asked_by": order.asked_by or None,
    }
    return int(connection.execute(insert(sync_history).returning(_COLUMNS.id), row).scalar_one())


def _find_same(connection: Connection, household: str, order: RunOrder) -> int | None:
    """Return the run that applies the same plan, or takes back the same run."""
    if not order.is_begun_again:
        return None
    counts = [RunStatus.QUEUED.value, RunStatus.RUNNING.value]
    is_same = _COLUMNS.undoes == order.undoes
    if order.applies is not None:
        counts.append(RunStatus.COMPLETED.value)
        is_same = _COLUMNS.applies == order.applies
    same = (_COLUMNS.household == household) & is_same & _COLUMNS.status.in_(counts)
    found: int | None = connection.scalar(select(func.min(_COLUMNS.id)).where(same))
    return found


def _require_room(waiting: Sequence[str], text: str) -> None:
    if len(waiting) >= MOST_QUEUED or sum(map(len, waiting)) + len(text) > MOST_CHARACTERS:
        raise QueueFull("too many syncs wait already: ask again when some of them are over, or cancel some")


def _does(queued: RunOrder | None, order: RunOrder) -> bool:
    """Return whether a queued run does what an order asks for."""
    if queued is None or (order.mode.tells_of_a_change and not queued.mode.tells_of_a_change):
        return False
    return replace(queued, mode=order.mode) == order


def _to_text(order: RunOrder) -> str:
    """Return an order as JSON."""
    lists = [[source.provider, source.list_id] for source in order.lists]
    values = {"lists": lists, "dry_run": order.dry_run, "fresh": order.fresh, "mode": order.mode.value}
    one_time = [order.one_time.file, order.one_time.entries] if order.one_time else None
    rest = {"one_time": one_time, "applies": order.applies, "undoes": order.undoes, "asked_by": order.asked_by}
    return json.dumps(values | {name: value for name, value in rest.items() if value})


def find_queued(
    connection: Connection, household: str, *, only_dry: bool = False
) -> tuple[int, RunOrder | None] | None:
    """Return the oldest queued run or dry run: its number, and its order unless this version does not understand it."""
    queued = (_COLUMNS.household == household) & (_COLUMNS.status == RunStatus.QUEUED.value)
    if only_dry:
        queued &= _COLUMNS.dry_run
    oldest = select(_COLUMNS.id, _COLUMNS.run_order).where(queued).order_by(_COLUMNS.id).limit(1)
    row = connection.execute(oldest).first()
    return None if row is None else (row.id, parse_order(row.run_order))


def cancel(connection: Connection, run_id: int, *, at: datetime) -> bool:
    """Cancel a queued run; return False if it has begun."""
    return _end(connection, run_id, {"status": RunStatus.CANCELLED.value, "sync_completed": at})


def fail(connection: Connection, run_id: int, *, error: str, at: datetime, code: ExitCode = ExitCode.FAILURES) -> bool:
    """Mark a queued run as failed; return False if it has begun."""
    failed = {"status": RunStatus.FAILED.value, "error": error, "exit_code": int(code)}
    return _end(connection, run_id, {**failed, "sync_completed": at})


def _end(connection: Connection, run_id: int, values: dict[str, object]) -> bool:
    queued = (_COLUMNS.id == run_id) & (_COLUMNS.status == RunStatus.QUEUED.value)
    # A one-time list may be long.
    return connection.execute(update(sync_history).where(queued).values(**values, run_order=None)).rowcount > 0


def parse_order(text: str | None) -> RunOrder | None:
    """Return the order in a text; None if it is from another version."""
    try:
        match json.loads(text or ""):
            case {"lists": [*pairs], "dry_run": bool(dry_run), "fresh": bool(fresh), "mode": mode, **rest} if (
                rest.keys() <= {"one_time", *_REST}
            ):
                lists = tuple(ListRef(str(provider), str(list_id)) for provider, list_id in pairs)
                one_time = _read_one_time(rest.pop("one_time", None))
                return RunOrder(lists, dry_run, fresh, SyncMode(mode), one_time, **_read_rest(rest))
    except (ValueError, TypeError):
        pass
    return None


def _read_rest(rest: Mapping[Any, Any]) -> dict[str, Any]:
    if not all(isinstance(value, _REST[name]) for name, value in rest.items()):
        raise ValueError("what is done otherwise than in a sync, of another version")
    return dict(rest)


def _read_one_time(value: object) -> OneTimeList | None:
    match value:
        case None:
            return None
        case [str(file), str(entries)]:
            return OneTimeList(file, entries)
    raise ValueError("a list that is synced once, of another version")
