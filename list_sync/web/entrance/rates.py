"""How often a caller may ask, and how long it waits after wrong credentials."""

import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from list_sync.web.problems import Problem

logger = logging.getLogger(__name__)

# A person with a dashboard and a scraper stay far below; callers above it get 429.
REQUESTS_A_SECOND = 100.0
BURST = 200.0
FREE_FAILURES = 10
# Of people who type a password; then a minute, two, four.
FREE_LOGINS = 5
LOGIN_WAIT_SECONDS = 60.0
# Of all addresses together: more than people mistype, fewer than a program needs.
FREE_LOGINS_OF_ALL = 100
LONGEST_WAIT_SECONDS = 900.0
FORGET_SECONDS = 3600.0
# Addresses that are remembered; the one that was silent for longest is forgotten first.
MOST_CALLERS = 4096
_NONE = (0, 0.0, 0.0)


class Rates:
    """A bucket of requests for each caller."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def find_wait(self, caller: str) -> float:
        """Count a request; return the seconds that the caller should wait instead, 0 for none."""
        now = self._now()
        left, at = self._left.pop(caller, (BURST, now))
        left = min(BURST, left + (now - at) * REQUESTS_A_SECOND)
        is_allowed = left >= 1
        self._left[caller] = (left - 1 if is_allowed else left, now)
        _forget_first(self._left)
        return 0.0 if is_allowed else (1 - left) / REQUESTS_A_SECOND


class Failures:
    """Wrong credentials by address: after some of them each further one doubles the time to wait.

    A token that was right from this address does not wait for the wrong ones of others there: behind a container's
    network or a proxy, many clients have one address.
    """

    def __init__(
        self, now: Callable[[], float] = time.monotonic, *, free: int = FREE_FAILURES, first_wait: float = 1.0
    ) -> None:
        self._now = now
        self._free = free
        self._first_wait = first_wait
        # How many there were, and when the last one and the one before it came.
        self._failed: OrderedDict[str, tuple[int, float, float]] = OrderedDict()
        self._right: OrderedDict[tuple[str, str], None] = OrderedDict()

    def find_wait(self, address: str, token_digest: str) -> float:
        """Return the seconds until a token of this address is looked at again, 0 for now."""
        count, at, _ = self._failed.get(address, _NONE)
        if count < self._free or (address, token_digest) in self._right:
            return 0.0
        wait = min(LONGEST_WAIT_SECONDS, self._first_wait * 2.0 ** (count - self._free))
        return max(0.0, at + wait - self._now())

    def find_left(self, address: str) -> int:
        """Return how many failures of an address are still free."""
        return max(0, self._free - self._failed.get(address, _NONE)[0])

    def note(self, address: str, token_digest: str) -> None:
        """Count a failure."""
        now = self._now()
        self._right.pop((address, token_digest), None)
        count, at, _ = self._failed.pop(address, (0, now, now))
        count = 1 if now - at > FORGET_SECONDS else count + 1
        self._failed[address] = (min(count, self._free + 20), now, at)
        _forget_first(self._failed)

    def take_back(self, address: str) -> None:
        """Count one failure less, as if it had not been: a right log-in begins no new time to wait."""
        count, _, before = self._failed.pop(address, _NONE)
        if count > 1:
            self._failed[address] = (count - 1, before, before)

    def note_right(self, address: str, token_digest: str) -> None:
        """Remember that a token was right."""
        self._right[address, token_digest] = None
        self._right.move_to_end((address, token_digest))
        _forget_first(self._right)


def too_many(what: str, wait: float) -> Problem:
    """Return the answer to a caller that must wait."""
    seconds = str(max(1, math.ceil(wait)))
    return Problem(HTTPStatus.TOO_MANY_REQUESTS, f"{what}: wait {seconds} s", headers={"Retry-After": seconds})


def tell_failure(what: str, address: str) -> None:
    """Log wrong credentials for fail2ban; the log leaves out what it said in the last run, unless it is called news."""
    logger.warning("authentication failure: %s from %s", what, address, extra={"news": object()})


def _forget_first(known: OrderedDict[Any, Any]) -> None:
    if len(known) > MOST_CALLERS:
        known.popitem(last=False)
