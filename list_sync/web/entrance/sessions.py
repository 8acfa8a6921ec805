"""Sessions: the cookie of a log-in, what is stored of it, and when it ends.

Each is bound to what it was opened with: when the password or the token changes, its sessions end.
"""

import hmac
import logging
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response

from list_sync.errors import StorageError
from list_sync.model.access import PERSON, LoginKind, LoginSession
from list_sync.storage.sessions import end_session, find_password, find_session, note_session_use
from list_sync.storage.tokens import digest_of
from list_sync.web.parts import Parts

logger = logging.getLogger(__name__)

STAY = timedelta(days=14)
# Without the tick, the browser forgets the cookie when it is closed; many browsers never are.
LONGEST = timedelta(days=7)
IDLE = timedelta(hours=12)
# Writing the last use at each page would write to the disk at each page.
USED_AGAIN_AFTER = timedelta(minutes=30)
_NAME = "listsync_session"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Opener:
    """What a person opens the door with: the password or its hash, a token, the word of a proxy or of an issuer."""

    name: str
    kind: LoginKind
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Cookies:
    """The cookie of a session, for one request; on https, its name keeps other origins from setting it."""

    base_path: str
    is_https: bool

    @property
    def name(self) -> str:
        """Return the name of the cookie of a session."""
        return self.name_as(_NAME)

    def name_as(self, name: str) -> str:
        """Return the name of one of our cookies; `__Host-` is only for the path /."""
        if not self.is_https:
            return name
        return f"__Secure-{name}" if self.base_path else f"__Host-{name}"

    def read(self, headers: Headers) -> str:
        """Return what the cookie holds, "" if it is missing or cannot be one of ours."""
        token = self.read_as(self.name, headers)
        return token if _TOKEN.fullmatch(token) else ""

    def read_as(self, name: str, headers: Headers) -> str:
        """Return what a cookie with a name holds, "" if it is missing."""
        return cookie_parser("; ".join(headers.getlist("cookie"))).get(name, "")

    def write(self, response: Response, token: str, *, stays: bool) -> None:
        """Give the cookie to a browser.

        SameSite is lax and not strict, because links of notifications lead here from other sites; nothing is changed
        by them, and every form has a token.
        """
        self.write_as(self.name, response, token, seconds=int(STAY.total_seconds()) if stays else None)

    def write_as(self, name: str, response: Response, value: str, *, seconds: int | None) -> None:
        """Give a cookie with a name to a browser; without `seconds`, until it is closed."""
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path=self.base_path or "/",
            secure=self.is_https,
            httponly=True,
            samesite="lax",
        )

    def clear(self, response: Response) -> None:
        """Take the cookie of a session away."""
        self.clear_as(self.name, response)

    def clear_as(self, name: str, response: Response) -> None:
        """Take a cookie with a name away."""
        path = self.base_path or "/"
        response.delete_cookie(name, path=path, secure=self.is_https, httponly=True, samesite="lax")


class Sessions:
    """Begins, finds and ends sessions; every method may be called from any thread."""

    def __init__(self, parts: Parts, owner_token: str | None) -> None:
        self._parts = parts
        self._owner_token = owner_token
        self._noted: dict[str, datetime] = {}

    def make(self, opener: Opener, *, stays: bool) -> tuple[str, LoginSession]:
        """Return what the cookie of a new session holds, and what is to be stored of it."""
        token, now = secrets.token_urlsafe(32), self._parts.now()
        return token, LoginSession(
            digest=digest_of(token),
            name=opener.name,
            kind=opener.kind,
            seal=_seal(token, opener),
            created_at=now,
            last_used_at=now,
            idle=STAY if stays else IDLE,
            expires_at=now + (STAY if stays else LONGEST),
        )

    def find(self, token: str) -> LoginSession | None:
        """Return the session of a cookie; None if it is over, or what it was opened with is not right any more.

        Raise StorageError.
        """
        with self._parts.store.reading() as connection:
            found = find_session(connection, digest_of(token))
            is_chosen = found is not None and found.kind is LoginKind.PASSWORD
            chosen = find_password(connection) if is_chosen else None
        if found is None or found.is_over(self._parts.now()):
            return None
        opener = self.find_opener(found.name, found.kind, chosen)
        return found if opener is not None and hmac.compare_digest(_seal(token, opener), found.seal) else None

    def is_valid(self, token: str) -> bool:
        """Return whether a session goes on. Raise StorageError."""
        return self.find(token) is not None

    def end(self, token: str) -> None:
        """End the session of a cookie, if there is one; raise StorageError."""
        with self._parts.store.writing() as connection:
            end_session(connection, digest_of(token))

    def is_use_news(self, session: LoginSession) -> bool:
        """Return whether the use of a session now should be stored."""
        now, last = self._parts.now(), self._noted.get(session.digest, session.last_used_at)
        if now - last < USED_AGAIN_AFTER:
            return False
        self._noted = {digest: at for digest, at in self._noted.items() if now - at < USED_AGAIN_AFTER}
        self._noted[session.digest] = now
        return True

    def note_use(self, digest: str) -> None:
        """Store that a session is used."""
        try:
            with self._parts.store.writing() as connection:
                note_session_use(connection, digest, at=self._parts.now())
        except StorageError as error:
            logger.debug("the use of a log-in was not stored: %s", error)

    def find_opener(self, name: str, kind: LoginKind, chosen: str | None) -> Opener | None:
        """Return what opens sessions of that kind now; `chosen` is the hash of the password in the database."""
        web = self._parts.settings.web
        value = None
        if kind in (LoginKind.OIDC, LoginKind.OIDC_READER):
            value = web.sign_on_terms
        elif kind is LoginKind.PROXY:
            value = web.web_auth_header if name in web.web_auth_users else None
        elif name == PERSON and kind is LoginKind.TOKEN:
            value = self._owner_token
        elif name == PERSON and web.web_password_login:
            value = web.web_password.get_secret_value() if web.web_password is not None else chosen
        return None if value is None else Opener(name, kind, value)


def _seal(token: str, opener: Opener) -> str:
    """Return what binds a session to its password, token or proxy."""
    return hmac.digest(token.encode(), f"{opener.kind}\n{opener.name}\n{opener.value}".encode(), "sha256").hex()
