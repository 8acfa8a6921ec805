"""Syncs that somebody asked for, until the daemon takes them and says how they went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, exists, insert, select, update

from list_sync.database.schema import triggers
from list_sync.model.report import SyncMode
from list_sync.model.sources import ListRef

_UNFINISHED = triggers.c.taken_at.is_not(None) & triggers.c.finished_at.is_(None)


@dataclass(frozen=True, slots=True)
class Trigger:
    """One asked-for sync; no lists means all that are configured."""

    trigger_id: int
    asked_at: datetime
    lists: tuple[ListRef, ...]
    dry_run: bool
    mode: SyncMode
    taken_at: datetime | None = None
    run_id: int | None = None
    finished_at: datetime | None = None
    exit_code: int | None = None


def ask(connection: Connection, *, lists: Sequence[ListRef], dry_run: bool, mode: SyncMode, at: datetime) -> int:
    """Ask for a sync, and return the number under which it can be followed."""
    wanted = [[source.provider, source.list_id, source.requester_id] for source in lists]
    row = {"asked_at": at, "lists": wanted, "dry_run": dry_run, "mode": mode.value}
    return int(connection.execute(insert(triggers).returning(triggers.c.id), row).scalar_one())


def is_waiting(connection: Connection) -> bool:
    """Tell whether there is a sync that nobody took yet."""
    return bool(connection.scalar(select(exists().where(triggers.c.taken_at.is_(None)))))


def take(connection: Connection, *, at: datetime) -> Trigger | None:
    """Take the oldest sync that nobody took yet."""
    waiting = select(triggers).where(triggers.c.taken_at.is_(None)).order_by(triggers.c.id).limit(1)
    row = connection.execute(waiting).first()
    if row is None:
        return None
    connection.execute(update(triggers).where(triggers.c.id == row.id).values(taken_at=at))
    return find(connection, row.id)


def finish(connection: Connection, trigger_id: int, *, run_id: int | None, exit_code: int, at: datetime) -> None:
    """Say how an asked-for sync went."""
    values = {"run_id": run_id, "exit_code": exit_code, "finished_at": at}
    connection.execute(update(triggers).where(triggers.c.id == trigger_id).values(values))


def find(connection: Connection, trigger_id: int) -> Trigger | None:
    """Return one asked-for sync."""
    row = connection.execute(select(triggers).where(triggers.c.id == trigger_id)).first()
    return None if row is None else _to_trigger(row)


def withdraw(connection: Connection, trigger_id: int) -> bool:
    """Take an asked-for sync back; False if it was taken already."""
    still_waiting = (triggers.c.id == trigger_id) & triggers.c.taken_at.is_(None)
    return connection.execute(delete(triggers).where(still_waiting)).rowcount > 0


def are_unfinished(connection: Connection) -> bool:
    """Tell whether there are syncs that a killed daemon took and never finished."""
    return bool(connection.scalar(select(exists().where(_UNFINISHED))))


def give_back(connection: Connection) -> int:
    """Let those be taken again that a killed daemon took and never finished; return how many."""
    return connection.execute(update(triggers).where(_UNFINISHED).values(taken_at=None, run_id=None)).rowcount


def _to_trigger(row: Row[tuple[object, ...]]) -> Trigger:
    return Trigger(
        trigger_id=row.id,
        asked_at=row.asked_at,
        lists=tuple(ListRef(*wanted) for wanted in row.lists),
        dry_run=row.dry_run,
        mode=SyncMode(row.mode),
        taken_at=row.taken_at,
        run_id=row.run_id,
        finished_at=row.finished_at,
        exit_code=row.exit_code,
    )
