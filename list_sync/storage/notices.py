"""What people were told, and what is still to be told, for each channel; rows that are told and over are deleted."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from list_sync.database.schema_web import notices
from list_sync.model.households import HOME
from list_sync.model.notices import Cause, Digest, Topic, Untold, Verdict

# Of a channel that cannot be reached for long.
MOST_DIGESTS = 20
_COLUMNS = notices.c
_DIGEST = "run "


def note_causes(
    connection: Connection,
    household: str,
    channel: str,
    causes: Iterable[Cause],
    *,
    judge: Callable[[str], Verdict],
    at: datetime,
) -> None:
    """Store which causes there are now: new ones are to be told, and the end of those that were told.

    `judge` is asked about the causes that are not there.
    """
    present = {cause.key: cause for cause in causes}
    rows = connection.execute(select(notices).where(_of(household, channel) & _COLUMNS.content.is_not(None))).all()
    known = {row.cause: row for row in rows if not row.cause.startswith(_DIGEST)}
    for key, row in known.items():
        same = _of(household, channel) & (_COLUMNS.cause == key)
        if key in present:
            if row.over_at is not None:
                connection.execute(update(notices).where(same).values(over_at=None))
        elif (verdict := judge(key)) is Verdict.GONE or (verdict is Verdict.OVER and row.told_at is None):
            connection.execute(delete(notices).where(same))
        elif verdict is Verdict.OVER and row.over_at is None:
            connection.execute(update(notices).where(same).values(over_at=at))
    added = [
        {"cause": key, "content": asdict(cause), "since": at} for key, cause in present.items() if key not in known
    ]
    _insert(connection, household, channel, added)


def note_digest(connection: Connection, household: str, channel: str, digest: Digest, *, at: datetime) -> None:
    """Store what a run did, to be told; of very many that wait, the oldest are deleted."""
    _insert(connection, household, channel, [{"cause": digest.key, "content": digest.to_json(), "since": at}])
    is_digest = _of(household, channel) & _COLUMNS.cause.startswith(_DIGEST)
    kept = select(_COLUMNS.cause).where(is_digest).order_by(_COLUMNS.since.desc(), _COLUMNS.cause.desc())
    connection.execute(delete(notices).where(is_digest & _COLUMNS.cause.not_in(kept.limit(MOST_DIGESTS))))


def forget_channels(connection: Connection, household: str, *, but: Collection[str]) -> None:
    """Delete what was told to channels that are no longer set."""
    connection.execute(delete(notices).where((_COLUMNS.household == household) & _COLUMNS.channel.not_in(but)))


def find_untold(connection: Connection, household: str, channel: str) -> tuple[Untold, Mapping[str, bool]]:
    """Return what a channel was not told yet; and for note_told its keys, each with whether it is an end."""
    is_open = _COLUMNS.told_at.is_(None) | _COLUMNS.over_at.is_not(None)
    order = _COLUMNS.since, _COLUMNS.cause
    rows = connection.execute(select(notices).where(_of(household, channel) & is_open).order_by(*order)).all()
    digest: Digest | None = None
    begun, ended = list[Cause](), list[Cause]()
    for row in rows:
        if row.cause.startswith(_DIGEST):
            one = Digest.from_json(row.content)
            digest = digest.with_more(one) if digest else one
            continue
        cause = Cause(**row.content | {"topic": Topic(row.content["topic"])})
        (begun if row.told_at is None else ended).append(cause)
    name = "" if household == HOME else household
    return Untold(digest, tuple(begun), tuple(ended), name), {row.cause: row.told_at is not None for row in rows}


def note_told(connection: Connection, household: str, channel: str, keys: Mapping[str, bool], *, at: datetime) -> None:
    """Store that a channel was told this, also if a run changed it meanwhile: what is back is told again."""
    ended, begun = ([key for key, is_end in keys.items() if is_end is wanted] for wanted in (True, False))
    with_end, without = (_of(household, channel) & _COLUMNS.cause.in_(some) for some in (ended, begun))
    connection.execute(delete(notices).where(with_end & _COLUMNS.over_at.is_not(None)))
    connection.execute(update(notices).where(with_end).values(told_at=None))
    connection.execute(delete(notices).where(without & _COLUMNS.cause.startswith(_DIGEST)))
    connection.execute(update(notices).where(without).values(told_at=at))


def _of(household: str, channel: str) -> ColumnElement[bool]:
    return (_COLUMNS.household == household) & (_COLUMNS.channel == channel)


def _insert(connection: Connection, household: str, channel: str, rows: Sequence[dict[str, object]]) -> None:
    if rows:
        connection.execute(insert(notices), [{"household": household, "channel": channel, **row} for row in rows])
