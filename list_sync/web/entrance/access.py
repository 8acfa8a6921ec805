"""Who calls: tokens, what each may do, and the one place where a route says what it needs."""

import hmac
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Request, Security, params
from fastapi.routing import iter_route_contexts
from fastapi.security import HTTPBearer
from starlette.routing import BaseRoute
from starlette.types import Scope as AsgiScope

from list_sync.errors import StorageError
from list_sync.model.access import ApiToken, Scope
from list_sync.storage.tokens import USED_AGAIN_AFTER, digest_of, find_token, note_use
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem

logger = logging.getLogger(__name__)

_SCHEME = HTTPBearer(auto_error=False, description="API_TOKEN, the token in DATA_DIR/api_token, or one of `web token`")


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request, from which address, and what it may do; no scope for one without credentials.

    `csrf` is what the forms of this page carry; `secret` is what it was made of, and none with a token in the header.
    `is_still_valid` looks whether the token was revoked, or the session ended since.
    """

    address: str
    name: str = ""
    scope: Scope | None = None
    csrf: str = field(default="", repr=False)
    secret: bytes = field(default=b"", repr=False)
    is_still_valid: Callable[[], bool] = field(default=_always, repr=False, compare=False)

    def may(self, scope: Scope) -> bool:
        """Return whether the caller may do what needs this scope."""
        return self.scope is not None and self.scope.includes(scope)


class Tokens:
    """Checks the tokens of requests: the owner's, and those that are stored."""

    def __init__(self, parts: Parts, owner_token: str | None) -> None:
        self._parts = parts
        self._owner = digest_of(owner_token) if owner_token else None
        self._noted: dict[str, datetime] = {}

    def is_owner(self, token: str) -> bool:
        """Return whether a token is the one of the owner."""
        return self._owner is not None and hmac.compare_digest(digest_of(token), self._owner)

    def is_valid(self, token: str) -> bool:
        """Return whether a token is still one. Raise StorageError."""
        return self.is_owner(token) or self.find_stored(token) is not None

    def find_stored(self, token: str) -> ApiToken | None:
        """Return a stored token; None if it is unknown or was revoked. Raise StorageError."""
        with self._parts.store.reading() as connection:
            return find_token(connection, token)

    def is_use_news(self, token: ApiToken) -> bool:
        """Return whether the use of a token now should be stored; the next one within a minute is none."""
        now, last = self._parts.now(), self._noted.get(token.name, token.last_used_at)
        if last is not None and now - last < USED_AGAIN_AFTER:
            return False
        self._noted[token.name] = now
        return True

    def note_use(self, name: str) -> None:
        """Store that a token was used."""
        try:
            with self._parts.store.writing() as connection:
                note_use(connection, name, at=self._noted[name])
        except StorageError as error:
            logger.debug("the use of the token %s was not stored: %s", name, error)


def caller_of(scope: AsgiScope) -> Caller:
    """Return who sent a request; the gate has checked the credentials."""
    caller: Caller = scope["state"]["caller"]
    return caller


def needs(scope: Scope) -> Any:
    """Return the dependency of a route that only callers with this scope may use."""

    async def require(request: Request, _token: Annotated[Any, Security(_SCHEME)]) -> Caller:
        caller = caller_of(request.scope)
        if not caller.may(scope):
            detail = f"this needs a token or log-in with the scope {scope}; {caller.name} has {caller.scope}"
            raise Problem(HTTPStatus.FORBIDDEN, detail)
        return caller

    return Security(require, scopes=[scope.value])


def find_unlocked(routes: Iterable[BaseRoute]) -> set[str]:
    """Return the paths of routes that do not say which scope they need."""
    return {
        str(route.path)
        for route in iter_route_contexts(tuple(routes))
        if not any(isinstance(one, params.Security) for one in getattr(route.original_route, "dependencies", ()))
    }
