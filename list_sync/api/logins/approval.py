"""Log-ins that a person approves in a browser: what to show the person, and polling until the approval."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from list_sync.api.http.answers import HttpAnswer
from list_sync.errors import RateLimited, Refused, ServiceUnavailable, SyncCancelled, UnexpectedResponse

DEFAULT_INTERVAL_SECONDS = 5.0
DEFAULT_LIFETIME_SECONDS = 600.0
SHORTEST_INTERVAL_SECONDS = 0.2
# RFC 8628, section 3.5: a device that receives slow_down adds this to its interval.
SLOWER_BY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a person has to do: open `address` and type `code`, if there is one; `handle` identifies the log-in."""

    address: str
    code: str
    handle: str = field(repr=False)
    expires_in: float = DEFAULT_LIFETIME_SECONDS
    interval: float = DEFAULT_INTERVAL_SECONDS


@dataclass(frozen=True, slots=True)
class NotYet:
    """The answer while the person has not approved."""


Grant = TypeVar("Grant")


def wait_for_approval(
    ask: Callable[[], Grant | NotYet],
    invitation: Invitation,
    *,
    service: str,
    wait: Callable[[float], bool],
    clock: Callable[[], float] = time.monotonic,
) -> Grant:
    """Return the result of `ask` after the person has approved. `wait` sleeps, and returns True on stop.

    Raise Refused when the code expires, SyncCancelled on stop, and any other error of `ask`.
    """
    deadline = clock() + invitation.expires_in
    interval = max(invitation.interval, SHORTEST_INTERVAL_SECONDS)
    while (left := deadline - clock()) > 0:
        if wait(min(interval, left)):
            raise SyncCancelled(f"{service}: the log-in was interrupted; nothing was stored")
        try:
            answer = ask()
        except RateLimited as error:
            interval = interval + SLOWER_BY_SECONDS if error.retry_after is None else max(interval, error.retry_after)
            continue
        except ServiceUnavailable:
            # The service may come back while the person still types, so polling goes on until the code expires.
            continue
        if not isinstance(answer, NotYet):
            return answer
    raise expired(service)


def expired(service: str) -> Refused:
    """Return the error for a code that was not approved in time."""
    return Refused(service, f"the code expired before it was approved: `list-sync login {service}` gives a new one")


def explain_expiry(answer: HttpAnswer) -> Refused | None:
    """Return the meaning of 404 and 410 for the code of a log-in: it has expired."""
    return expired(answer.service) if answer.status in (404, 410) and not answer.is_html else None


def expect_secret(value: object, *, service: str, what: str) -> str:
    """Return a code or token unchanged; raise UnexpectedResponse, without its text, if it cannot be one."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not text or not text.isascii() or not text.isprintable() or " " in text:
        raise UnexpectedResponse(service, f"the answer has no {what}: the service changed its log-in")
    return text


def find_seconds(value: object, default: float) -> float:
    """Return a number of seconds, or the default if the value is not one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        return default
    return float(value)
