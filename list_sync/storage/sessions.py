"""Log-ins of people, and the hash of the password that the first person chose."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from list_sync.database.schema_web import web_password, web_sessions
from list_sync.model.access import LoginKind, LoginSession

# A client behind a proxy that keeps no cookies logs in at each request.
MOST_SESSIONS = 500
_PASSWORD_ROW = 1
_COLUMNS = web_sessions.c


def find_session(connection: Connection, digest: str) -> LoginSession | None:
    """Return what is stored of a log-in; None if it is unknown or was ended."""
    row = connection.execute(select(web_sessions).where(_COLUMNS.digest == digest)).first()
    return None if row is None else _to_session(row)


def add_session(connection: Connection, session: LoginSession) -> None:
    """Store a log-in, and remove those that are over or too many."""
    now = session.created_at
    connection.execute(delete(web_sessions).where(_COLUMNS.expires_at <= now))
    for one in map(_to_session, connection.execute(select(web_sessions))):
        if one.is_over(now):
            end_session(connection, one.digest)
    newest = select(_COLUMNS.digest).order_by(_COLUMNS.last_used_at.desc(), _COLUMNS.digest).limit(MOST_SESSIONS - 1)
    connection.execute(delete(web_sessions).where(_COLUMNS.digest.not_in(newest)))
    row = {
        "digest": session.digest,
        "name": session.name,
        "kind": session.kind.value,
        "seal": session.seal,
        "created_at": now,
        "last_used_at": session.last_used_at,
        "idle_seconds": int(session.idle.total_seconds()),
        "expires_at": session.expires_at,
    }
    connection.execute(insert(web_sessions), row)


def note_session_use(connection: Connection, digest: str, *, at: datetime) -> None:
    """Store when a log-in was last used."""
    connection.execute(update(web_sessions).where(_COLUMNS.digest == digest).values(last_used_at=at))


def end_session(connection: Connection, digest: str) -> None:
    """Delete a log-in."""
    connection.execute(delete(web_sessions).where(_COLUMNS.digest == digest))


def end_all_sessions(connection: Connection) -> int:
    """Delete every log-in; return how many there were."""
    return connection.execute(delete(web_sessions)).rowcount


def find_password(connection: Connection) -> str | None:
    """Return the hash of the password that was chosen; None if there is none."""
    return connection.scalar(select(web_password.c.hash).where(web_password.c.id == _PASSWORD_ROW))


def claim(connection: Connection, password_hash: str, *, at: datetime) -> bool:
    """Store the first password; return False if there is one already."""
    if connection.scalar(select(func.count()).select_from(web_password)):
        return False
    connection.execute(insert(web_password), {"id": _PASSWORD_ROW, "hash": password_hash, "changed_at": at})
    return True


def change_password(connection: Connection, password_hash: str, *, at: datetime) -> bool:
    """Replace the password that was chosen, and end every log-in; return False if none was chosen."""
    end_all_sessions(connection)
    return connection.execute(update(web_password).values(hash=password_hash, changed_at=at)).rowcount > 0


def forget_password(connection: Connection) -> None:
    """Delete the password that was chosen, and end every log-in."""
    connection.execute(delete(web_password))
    end_all_sessions(connection)


def _to_session(row: Row[tuple[object, ...]]) -> LoginSession:
    return LoginSession(
        digest=row.digest,
        name=row.name,
        kind=LoginKind(row.kind),
        seal=row.seal,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        idle=timedelta(seconds=row.idle_seconds),
        expires_at=row.expires_at,
    )
