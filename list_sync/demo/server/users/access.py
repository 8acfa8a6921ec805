"""Identification of the caller: API key, X-API-User, session cookie, and the CSRF check before all of them."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message

from list_sync.demo.server.backend import Backend
from list_sync.demo.server.calls.answers import Refusal, ServerDied, json_answer, message_answer, validation_answer
from list_sync.demo.server.database.rows import UserRow
from list_sync.demo.server.database.state import OWNER_ID
from list_sync.demo.server.users.permissions import Permission, has_any

SESSION_COOKIE = "connect.sid"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?")


@dataclass(frozen=True, slots=True)
class Visitor:
    """What a call states about its caller, before it is checked."""

    api_key: str | None
    api_user: str | None
    cookies: Mapping[str, str]

    @property
    def session(self) -> str | None:
        """Return the session cookie, valid or not."""
        return self.cookies.get(SESSION_COOKIE)


def read_visitor(headers: Message) -> Visitor:
    """Return what the headers state about the caller."""
    return Visitor(headers.get("X-Api-Key"), headers.get("X-API-User"), _cookies(headers))


def require_credentials(visitor: Visitor, path: str) -> None:
    """Raise the validator's 401 if there is neither a key nor a cookie, valid or not."""
    if visitor.api_key is None and visitor.session is None:
        raise Refusal(validation_answer(401, f"cookie '{SESSION_COOKIE}' required", path))


def identify(backend: Backend, visitor: Visitor) -> UserRow | None:
    """Return the acting user; raise ServerDied for an X-API-User that is no number (SJO)."""
    if visitor.api_key is not None and hmac.compare_digest(visitor.api_key.encode(), backend.api_key.encode()):
        text = (visitor.api_user or "").strip()
        if not text:
            return backend.state.users.get(OWNER_ID)
        if not _NUMBER.fullmatch(text):
            raise ServerDied
        number = float(text)
        return backend.state.users.get(int(number)) if number.is_integer() else None
    user_id = backend.sessions.find(visitor.session) if visitor.session else None
    return backend.state.users.get(user_id) if user_id is not None else None


def require_permission(user: UserRow | None, needs: Permission) -> None:
    """Raise the 403 of a wrong key, an unknown user or a missing permission: all three look alike (SJO)."""
    if user is not None and (needs is Permission.NONE or has_any(user.permissions, needs)):
        return
    error = "You do not have permission to access this endpoint"
    raise Refusal(json_answer(403, {"status": 403, "error": error}))


def check_csrf(method: str, headers: Message) -> None:
    """Raise a 403 for a change without the token of its `_csrf` cookie, even with an API key (SJO)."""
    if method in SAFE_METHODS:
        return
    secret = _cookies(headers).get("_csrf")
    token = headers.get("X-XSRF-TOKEN") or headers.get("X-CSRF-Token") or headers.get("CSRF-Token") or ""
    salt = token.partition("-")[0]
    if secret is None or not hmac.compare_digest(token.encode(), _csrf_token(secret, salt).encode()):
        raise Refusal(message_answer(403, "invalid csrf token"))


def csrf_cookies(headers: Message) -> list[tuple[str, str]]:
    """Return the Set-Cookie headers of CSRF protection; they are `Secure`, even over http (S, J)."""
    secret = _cookies(headers).get("_csrf")
    cookies = []
    if secret is None:
        secret = secrets.token_urlsafe(18)
        cookies.append(("Set-Cookie", f"_csrf={secret}; Path=/; HttpOnly; Secure; SameSite=Strict"))
    token = _csrf_token(secret, secrets.token_hex(4))
    cookies.append(("Set-Cookie", f"XSRF-TOKEN={token}; Path=/; Secure; SameSite=Strict"))
    return cookies


def _csrf_token(secret: str, salt: str) -> str:
    return f"{salt}-{hashlib.sha1(f'{salt}-{secret}'.encode(), usedforsecurity=False).hexdigest()}"


def _cookies(headers: Message) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in (headers.get("Cookie") or "").split(";"))
    return {name: value for name, _, value in pairs if name}
