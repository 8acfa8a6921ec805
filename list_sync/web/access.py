"""Who calls: tokens, what each may do, and the one place where a route says what it needs."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Request, Security
from fastapi.security import HTTPBearer
from starlette.types import Scope as AsgiScope

from list_sync.model.access import OWNER, ApiToken, Scope
from list_sync.storage.tokens import digest_of, find_token, is_use_news, note_use
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem

_SCHEME = HTTPBearer(auto_error=False, description="API_TOKEN, the token in DATA_DIR/api_token, or one of `web token`")


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request, from which address, and what it may do; no scope for one without credentials.

    `is_still_valid` looks whether the token was revoked since.
    """

    address: str
    name: str = ""
    scope: Scope | None = None
    is_still_valid: Callable[[], bool] = field(default=_always, repr=False, compare=False)

    def may(self, scope: Scope) -> bool:
        """Return whether the caller may do what needs this scope."""
        return self.scope is not None and self.scope.includes(scope)


class Tokens:
    """Checks the tokens of requests: the owner's, and those that are stored."""

    def __init__(self, parts: Parts, owner_token: str | None) -> None:
        self._parts = parts
        self._owner = digest_of(owner_token) if owner_token else None

    def find_scope(self, token: str) -> tuple[str, Scope] | None:
        """Return the name and the scope of a token; None if it is unknown. Raise StorageError."""
        if self._owner and hmac.compare_digest(digest_of(token), self._owner):
            return OWNER, Scope.ADMIN
        with self._parts.store.reading() as connection:
            found = find_token(connection, token)
        if found is None:
            return None
        self._note_use(found)
        return found.name, found.scope

    def _note_use(self, token: ApiToken) -> None:
        now = self._parts.now()
        if is_use_news(token, at=now):
            with self._parts.store.writing() as connection:
                note_use(connection, token.name, at=now)


def caller_of(scope: AsgiScope) -> Caller:
    """Return who sent a request; the gate has checked the credentials."""
    caller: Caller = scope["state"]["caller"]
    return caller


def needs(scope: Scope) -> Any:
    """Return the dependency of a route that only callers with this scope may use."""

    async def require(request: Request, _token: Annotated[Any, Security(_SCHEME)]) -> Caller:
        caller = caller_of(request.scope)
        if not caller.may(scope):
            detail = f"this needs a token with the scope {scope}; {caller.name} has {caller.scope}"
            raise Problem(HTTPStatus.FORBIDDEN, detail)
        return caller

    return Security(require, scopes=[scope.value])
