"""Log-ins that a person approves elsewhere: what to show them, and asking until they did."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from list_sync.errors import RateLimited, Refused, ServiceUnavailable, SyncCancelled, UnexpectedResponse

DEFAULT_INTERVAL_SECONDS = 5.0
DEFAULT_LIFETIME_SECONDS = 600.0
SHORTEST_INTERVAL_SECONDS = 0.2
# What RFC 8628 (section 3.5) tells a device to add when it is told to slow down.
SLOWER_BY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a person has to do: open `address` and type `code`, if there is one; `handle` is what we ask with."""

    address: str
    code: str
    handle: str = field(repr=False)
    expires_in: float = DEFAULT_LIFETIME_SECONDS
    interval: float = DEFAULT_INTERVAL_SECONDS


@dataclass(frozen=True, slots=True)
class NotYet:
    """The answer to asking too early."""


Grant = TypeVar("Grant")


def wait_for_approval(
    ask: Callable[[], Grant | NotYet],
    invitation: Invitation,
    *,
    service: str,
    wait: Callable[[float], bool],
    clock: Callable[[], float] = time.monotonic,
) -> Grant:
    """Return what `ask` gives once the person has approved; `wait` sleeps, and tells whether to stop.

    Raise Refused when the code expires, SyncCancelled when stopped, and whatever else `ask` raises.
    """
    deadline = clock() + invitation.expires_in
    interval = max(invitation.interval, SHORTEST_INTERVAL_SECONDS)
    while (left := deadline - clock()) > 0:
        if wait(min(interval, left)):
            raise SyncCancelled(f"{service}: the log-in was broken off; nothing was stored")
        try:
            answer = ask()
        except RateLimited as error:
            interval = interval + SLOWER_BY_SECONDS if error.retry_after is None else max(interval, error.retry_after)
            continue
        except ServiceUnavailable:
            # The person may still be typing: whether the service comes back is seen until the code expires.
            continue
        if not isinstance(answer, NotYet):
            return answer
    raise expired(service)


def expired(service: str) -> Refused:
    """Return the error of a code that nobody approved in time."""
    return Refused(service, f"the code expired before it was approved: `list-sync login {service}` gives a new one")


def expect_secret(value: object, *, service: str, what: str) -> str:
    """Return a code or token as it came; raise UnexpectedResponse, without repeating it, if it cannot be one."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not text or not text.isascii() or not text.isprintable() or " " in text:
        raise UnexpectedResponse(service, f"the answer holds no {what}: the service changed its log-in")
    return text


def find_seconds(value: object, default: float) -> float:
    """Return a number of seconds, or the default for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        return default
    return float(value)
