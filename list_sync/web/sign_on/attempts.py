"""A log-in that was begun: kept in a cookie of the browser that began it, and nowhere else.

All that is sent to the issuer is derived from the secret in that cookie, so an answer fits one browser and one attempt.
"""

import base64
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from starlette.datastructures import Headers
from starlette.responses import Response

from list_sync.web.entrance.sessions import Cookies

LONGEST = timedelta(minutes=10)
# Clocks are set, also between the way there and the way back.
_EARLIER = timedelta(minutes=1)
_LONGEST_PATH = 500
_NAME = "listsync_oidc_"
_STATE = re.compile(r"[A-Za-z0-9_-]{43}")
_VALUE = re.compile(r"([0-9]{1,12})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_=-]{0,1000})")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One log-in on its way: its secret, when it was begun, and the page that it leads to."""

    secret: str = field(repr=False)
    begun: int
    to: str

    @classmethod
    def begin(cls, to: str, *, now: datetime) -> Self:
        """Return a new attempt."""
        return cls(secrets.token_urlsafe(32), int(now.timestamp()), to if len(to) <= _LONGEST_PATH else "/")

    @property
    def state(self) -> str:
        """Return what the issuer gives back with the browser."""
        return self._derive("state")

    @property
    def nonce(self) -> str:
        """Return what the issuer states in the token."""
        return self._derive("nonce")

    @property
    def verifier(self) -> str:
        """Return what proves at the issuer that the code was asked for here (PKCE)."""
        return self._derive("verifier")

    def is_over(self, now: datetime) -> bool:
        """Return whether it was begun too long ago, or later than now."""
        age = timedelta(seconds=int(now.timestamp()) - self.begun)
        return not -_EARLIER <= age <= LONGEST

    def _derive(self, what: str) -> str:
        text = f"{what}\n{self.begun}\n{self.to}"
        return _to_text(hmac.digest(self.secret.encode(), text.encode(), "sha256"))


def keep_attempt(cookies: Cookies, response: Response, attempt: Attempt) -> None:
    """Give an attempt to the browser; each has its own cookie, so that two tabs can log in at once."""
    value = f"{attempt.begun}.{attempt.secret}.{_to_text(attempt.to.encode('utf-8', 'replace'))}"
    cookies.write_as(_name_of(cookies, attempt.state), response, value, seconds=int(LONGEST.total_seconds()))


def find_attempt(cookies: Cookies, headers: Headers, state: str, *, now: datetime) -> Attempt | None:
    """Return the attempt of this browser that a state belongs to; None if there is none, or it is over."""
    if not _STATE.fullmatch(state):
        return None
    parts = _VALUE.fullmatch(cookies.read_as(_name_of(cookies, state), headers))
    if parts is None:
        return None
    try:
        to = base64.urlsafe_b64decode(parts[3] + "=" * (-len(parts[3]) % 4)).decode()
    except ValueError:
        return None
    attempt = Attempt(parts[2], int(parts[1]), to)
    return attempt if hmac.compare_digest(attempt.state, state) and not attempt.is_over(now) else None


def forget_attempt(cookies: Cookies, response: Response, state: str) -> None:
    """Take an attempt away from the browser."""
    if _STATE.fullmatch(state):
        cookies.clear_as(_name_of(cookies, state), response)


def _name_of(cookies: Cookies, state: str) -> str:
    return cookies.name_as(f"{_NAME}{state[:8]}")


def _to_text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode("ascii").rstrip("=")
