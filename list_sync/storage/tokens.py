"""The tokens of the service: only their digests are stored, and a token is shown once."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, delete, insert, select, update

from list_sync.database.schema_web import api_tokens
from list_sync.model.access import ApiToken, Scope

PREFIX = "ls_"
# Writing the last use of a token at each of its uses would write to the disk at each request.
USED_AGAIN_AFTER = timedelta(minutes=1)
_COLUMNS = api_tokens.c


def make_token() -> str:
    """Return a new random token (256 bits)."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """Return what is stored of a token; a random token needs no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def add_token(connection: Connection, name: str, scope: Scope, *, at: datetime) -> str | None:
    """Store a new token and return it; None if the name is taken."""
    if connection.scalar(select(_COLUMNS.name).where(_COLUMNS.name == name)) is not None:
        return None
    token = make_token()
    row = {"name": name, "digest": digest_of(token), "scope": scope.value, "created_at": at}
    connection.execute(insert(api_tokens), row)
    return token


def find_token(connection: Connection, token: str) -> ApiToken | None:
    """Return what is stored of a token; None if it is unknown or was revoked."""
    row = connection.execute(select(api_tokens).where(_COLUMNS.digest == digest_of(token))).first()
    return None if row is None else _to_token(row)


def load_tokens(connection: Connection) -> tuple[ApiToken, ...]:
    """Return all tokens in the order of their names."""
    return tuple(map(_to_token, connection.execute(select(api_tokens).order_by(_COLUMNS.name))))


def revoke_token(connection: Connection, name: str) -> bool:
    """Delete a token; return whether there was one of that name."""
    return connection.execute(delete(api_tokens).where(_COLUMNS.name == name)).rowcount > 0


def note_use(connection: Connection, name: str, *, at: datetime) -> None:
    """Store when a token was last used."""
    connection.execute(update(api_tokens).where(_COLUMNS.name == name).values(last_used_at=at))


def _to_token(row: Row[tuple[object, ...]]) -> ApiToken:
    return ApiToken(row.name, Scope(row.scope), row.created_at, row.last_used_at)
