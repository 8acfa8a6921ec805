"""The plans of dry runs that were asked for: the last few, kept for a day, with what is ticked in them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, delete, exists, func, insert, select, update

from list_sync.database.dialects import in_batches, one_of
from list_sync.database.schema import plans, sync_history
from list_sync.database.schema_web import plan_lines
from list_sync.model.plans import FORMAT_VERSION, LineKind, LineResult, PlanLine, SavedPlan, UserQuotaUse
from list_sync.model.runs import RunStatus
from list_sync.model.titles import MediaType

MOST_PLANS = 5
_LINES = plan_lines.c
_DONE = "done"
_RUNS = sync_history.c
# A run that failed or was cancelled did not apply its plan.
_COUNTING = (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.COMPLETED)


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A plan without its lines; `counts` and `ticked` say how many lines of each kind there are, and are ticked.

    `applied_in` is the run that applies or applied it.
    """

    run_id: int
    head: SavedPlan
    counts: Mapping[LineKind, int]
    ticked: Mapping[LineKind, int]
    applied_in: int | None = None
    quotas: Sequence[UserQuotaUse] = ()


@dataclass(frozen=True, slots=True)
class KeptLine:
    """One line with its number; `outcome` and `found` say what became of it when the plan was applied."""

    number: int
    line: PlanLine
    outcome: str | None = None
    found: str = ""


@dataclass(frozen=True, slots=True)
class Ticked:
    """How many ticked requests there are for one user and kind of title, and what they take of a quota."""

    requester_id: int | None
    media_type: MediaType
    titles: int
    cost: int


@cache
def _plans() -> TypeAdapter[SavedPlan]:
    return TypeAdapter(SavedPlan)


@cache
def _quotas() -> TypeAdapter[tuple[UserQuotaUse, ...]]:
    return TypeAdapter(tuple[UserQuotaUse, ...])


@cache
def _plan_lines() -> TypeAdapter[PlanLine]:
    return TypeAdapter(PlanLine)


def keep_plan(
    connection: Connection,
    household: str,
    run_id: int,
    plan: SavedPlan,
    *,
    quotas: Sequence[UserQuotaUse] = (),
    now: datetime,
) -> None:
    """Store the plan of a dry run with quotas of the users to request for, and delete those that are old."""
    head = _plans().dump_python(replace(plan, lines=()), mode="json")
    used = _quotas().dump_python(tuple(quotas), mode="json")
    connection.execute(insert(plans), {"run_id": run_id, "household": household, "head": head, "quotas": used})
    for batch in in_batches(list(enumerate(plan.lines))):
        connection.execute(insert(plan_lines), [_build_row(run_id, number, line) for number, line in batch])
    _delete_old(connection, household, now=now)


def _build_row(run_id: int, number: int, line: PlanLine) -> dict[str, object]:
    return {
        "run_id": run_id,
        "number": number,
        "kind": line.kind.value,
        "media_type": line.media_type,
        "tmdb_id": line.tmdb_id,
        "quality": line.quality.value,
        "requester_id": line.requester_id,
        "cost": line.cost,
        "reason": line.reason,
        "apply": line.apply,
        "line": _plan_lines().dump_python(line, mode="json"),
    }


def _delete_old(connection: Connection, household: str, *, now: datetime) -> None:
    """Delete all but the newest plans, and those that do not hold any more."""
    rows = connection.execute(_select_plans(household)).all()
    old = [
        row.run_id
        for place, row in enumerate(rows)
        if place >= MOST_PLANS or (place and datetime.fromisoformat(row.head["expires_at"]) <= now)
    ]
    if old:
        connection.execute(delete(plans).where(plans.c.run_id.in_(old)))


def _select_plans(household: str) -> Any:
    return select(plans).where(plans.c.household == household).order_by(plans.c.run_id.desc())


def discard_plan(connection: Connection, household: str, run_id: int) -> bool:
    """Delete a plan; return False if there is none of that run."""
    return connection.execute(delete(plans).where(_is_plan(household, run_id))).rowcount > 0


def find_plan(connection: Connection, household: str, run_id: int | None = None) -> KeptPlan | None:
    """Return the plan of a run, or the newest one."""
    statement = _select_plans(household)
    row = connection.execute(statement if run_id is None else statement.where(plans.c.run_id == run_id)).first()
    if row is None or not _is_understood(row):
        return None
    ticks = func.sum(case((_LINES.apply, 1), else_=0))
    numbers = select(_LINES.kind, func.count(), ticks).where(_LINES.run_id == row.run_id).group_by(_LINES.kind)
    found = [(LineKind(kind), count, ticked) for kind, count, ticked in connection.execute(numbers)]
    return KeptPlan(
        row.run_id,
        _plans().validate_python(row.head),
        {kind: count for kind, count, _ in found},
        {kind: ticked for kind, _, ticked in found if kind is not LineKind.WAIT},
        find_applying(connection, row.run_id),
        _quotas().validate_python(row.quotas),
    )


def _is_understood(row: Row[Any]) -> bool:
    """Return whether this version stored a plan, or one that stores plans alike."""
    return bool(row.head.get("format_version") == FORMAT_VERSION)


def has_plan(connection: Connection, household: str, run_id: int) -> bool:
    """Return whether the plan of a run is kept."""
    return connection.scalar(select(plans.c.run_id).where(_is_plan(household, run_id))) is not None


def _is_plan(household: str, run_id: int) -> ColumnElement[bool]:
    return (plans.c.run_id == run_id) & (plans.c.household == household)


def find_applying(connection: Connection, run_id: int, states: Collection[RunStatus] = _COUNTING) -> int | None:
    """Return the run that applies the plan of a dry run, or did so to the end."""
    found: int | None = connection.scalar(select(func.max(_RUNS.id)).where(_is_applying(run_id, states)))
    return found


def _is_applying(run_id: int, states: Collection[RunStatus]) -> ColumnElement[bool]:
    return (_RUNS.applies == run_id) & _RUNS.status.in_([state.value for state in states])


def load_plan(connection: Connection, household: str, run_id: int) -> SavedPlan | None:
    """Return a plan with all its lines, as they are ticked."""
    row = connection.execute(_select_plans(household).where(plans.c.run_id == run_id)).first()
    if row is None or not _is_understood(row):
        return None
    lines = connection.execute(_select_lines(run_id))
    return replace(_plans().validate_python(row.head), lines=tuple(_read_line(line).line for line in lines))


def load_lines(
    connection: Connection, run_id: int, kinds: Collection[LineKind], *, limit: int, after: int = -1
) -> tuple[KeptLine, ...]:
    """Return some lines of a plan in their order, from the one after a number."""
    wanted = _LINES.kind.in_([kind.value for kind in kinds]) & (_LINES.number > after)
    return tuple(map(_read_line, connection.execute(_select_lines(run_id).where(wanted).limit(limit))))


def load_undone(connection: Connection, run_id: int, *, limit: int) -> tuple[KeptLine, ...]:
    """Return the lines of a plan that was applied which were not done, each with what changed."""
    left = _LINES.outcome.is_not(None) & (_LINES.outcome != _DONE)
    return tuple(map(_read_line, connection.execute(_select_lines(run_id).where(left).limit(limit))))


def _select_lines(run_id: int) -> Any:
    columns = (_LINES.number, _LINES.apply, _LINES.line, _LINES.outcome, _LINES.found)
    return select(*columns).where(_LINES.run_id == run_id).order_by(_LINES.number)


def _read_line(row: Row[Any]) -> KeptLine:
    line = _plan_lines().validate_python(row.line)
    return KeptLine(row.number, replace(line, apply=row.apply), row.outcome, row.found or "")


def count_waiting(connection: Connection, run_id: int) -> Mapping[str, int]:
    """Return how many titles of a plan wait for each reason."""
    waits = (_LINES.run_id == run_id) & (_LINES.kind == LineKind.WAIT.value)
    return dict(connection.execute(select(_LINES.reason, func.count()).where(waits).group_by(_LINES.reason)).all())


def count_ticked(connection: Connection, run_id: int) -> tuple[Ticked, ...]:
    """Return how many requests are ticked, by user and kind."""
    ticked = (_LINES.run_id == run_id) & (_LINES.kind == LineKind.REQUEST.value) & _LINES.apply
    by = (_LINES.requester_id, _LINES.media_type)
    rows = connection.execute(select(*by, func.count(), func.sum(_LINES.cost)).where(ticked).group_by(*by))
    return tuple(Ticked(user, MediaType(kind), titles, cost) for user, kind, titles, cost in rows)


def tick_lines(connection: Connection, run_id: int, ticks: Mapping[int, bool]) -> None:
    """Set which lines of a plan are to be applied."""
    for is_ticked in (True, False):
        numbers = [number for number, tick in ticks.items() if tick is is_ticked]
        if numbers:
            own = _may_be_ticked(run_id) & one_of(_LINES.number, numbers)
            connection.execute(update(plan_lines).where(own).values(apply=is_ticked))


def tick_only(connection: Connection, run_id: int, numbers: Iterable[int]) -> None:
    """Let exactly these lines of a plan be applied."""
    ticked = one_of(_LINES.number, numbers)
    connection.execute(update(plan_lines).where(_may_be_ticked(run_id)).values(apply=ticked))


def _may_be_ticked(run_id: int) -> ColumnElement[bool]:
    """Choose the lines of a plan that may be applied; none once a run applies it, also if that was just asked for."""
    is_applied = exists().where(_is_applying(run_id, _COUNTING))
    return (_LINES.run_id == run_id) & (_LINES.kind != LineKind.WAIT.value) & ~is_applied


def record_results(connection: Connection, run_id: int, results: Iterable[LineResult]) -> None:
    """Record what became of the lines of a plan that was applied."""
    found = {one.line.key: one for one in results}
    lines = [(row.number, _read_line(row).line) for row in connection.execute(_select_lines(run_id))]
    rows = [
        {"place": number, "outcome": _DONE if result.is_done else result.status, "found": result.reason}
        for number, line in lines
        if (result := found.get(line.key))
    ]
    if rows:
        own = (_LINES.run_id == run_id) & (_LINES.number == bindparam("place"))
        connection.execute(update(plan_lines).where(own), rows)
