"""Rate limits of each host, counted for all workers of the process together."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from list_sync.api.http.classifier import (
    LONGEST_ASKED_SECONDS,
    find_moment,
    find_number,
    json_object,
    retry_after_seconds,
    server_time,
)
from list_sync.errors import RateLimited, SyncCancelled
from list_sync.model.moments import shown, utc_now

# A source that asks for a longer pause is reported as rate limited; a later run reads it.
LONGEST_PAUSE_SECONDS = 60.0
# A source may ask for a year by mistake: it is asked again after a week, as lists that fail are.
LONGEST_SHUT_SECONDS = 7 * 86400.0
# The window of our own count always ends, so we wait for it.
LONGEST_WINDOW_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A maximum of requests within a number of seconds."""

    requests: int
    seconds: float


# Trakt: maintainer statement of 1 September 2026 (trakt/trakt-api issue 909). AniList: degraded to 30 a minute, while
# its headers still say 90 (docs.anilist.co).
RULES: Mapping[str, Rule] = {"api.trakt.tv": Rule(500, 300.0), "graphql.anilist.co": Rule(30, 60.0)}


@dataclass(frozen=True, slots=True)
class Allowance:
    """The rate limit that a host stated in its last answer."""

    remaining: int
    limit: int | None = None
    until: datetime | None = None


@dataclass(slots=True)
class _Host:
    rule: Rule | None
    sent: deque[float] = field(default_factory=deque)
    shut_until: float = 0.0
    asked_again_at: float = 0.0
    allowance: Allowance | None = None


class HostLimits:
    """The limits of every host, shared by all clients of a process; safe to share between threads.

    `answers` is the number of all answers so far.
    """

    def __init__(
        self,
        rules: Mapping[str, Rule] = RULES,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._now = now
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()
        self.answers = 0

    def wait_for_turn(self, url: str, *, service: str, stop: threading.Event) -> None:
        """Wait until a request may be sent; raise RateLimited if that takes too long, SyncCancelled on stop."""
        while pause := self._take_turn(url, service):
            if stop.wait(pause):
                raise SyncCancelled(f"stopped while waiting for the rate limit of {service}")

    def _take_turn(self, url: str, service: str) -> float:
        with self._lock:
            host, clock = self._host(url), self._clock()
            if min(host.shut_until, host.asked_again_at) > clock:
                pause = host.shut_until - clock
                if pause > LONGEST_PAUSE_SECONDS:
                    raise RateLimited(
                        service,
                        f"rate limited until {shown(self._now() + timedelta(seconds=pause))}",
                        retry_after=pause,
                    )
                return pause
            if host.rule is None:
                return 0.0
            while host.sent and host.sent[0] <= clock - host.rule.seconds:
                host.sent.popleft()
            if len(host.sent) < host.rule.requests:
                host.sent.append(clock)
                return 0.0
            # Rounding can give zero, and zero would mean that the turn was taken.
            return min(LONGEST_WINDOW_SECONDS, max(0.001, host.sent[0] + host.rule.seconds - clock))

    def note(self, url: str, status: int, headers: Mapping[str, str]) -> None:
        """Note the limit that an answer states."""
        now = server_time(headers) or self._now()
        allowance = parse_allowance(headers)
        with self._lock:
            self.answers += 1
            host = self._host(url)
            host.allowance = allowance or host.allowance
            pause = retry_after_seconds(headers, now=now) if status in (429, 503) else None
            if pause is None and allowance is not None and allowance.remaining <= 0 and allowance.until:
                pause = (allowance.until - now).total_seconds()
            if pause is not None and pause > 0:
                clock = self._clock()
                host.shut_until = max(host.shut_until, clock + min(pause, LONGEST_ASKED_SECONDS))
                host.asked_again_at = clock + LONGEST_SHUT_SECONDS

    def find_allowances(self) -> Mapping[str, Allowance]:
        """Return the limit that each host stated in its last answer."""
        with self._lock:
            return {name: host.allowance for name, host in self._hosts.items() if host.allowance is not None}

    def _host(self, url: str) -> _Host:
        name = _host_name(url)
        if name not in self._hosts:
            self._hosts[name] = _Host(self._rules.get(name))
        return self._hosts[name]


def _host_name(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def parse_allowance(headers: Mapping[str, str]) -> Allowance | None:
    """Return the limit in Trakt's X-Ratelimit (JSON) or in X-RateLimit-* of MDBList and AniList, if there is one."""
    document = json_object(headers.get("X-Ratelimit", ""))
    remaining = document.get("remaining")
    if isinstance(remaining, int):
        limit = document.get("limit")
        return Allowance(remaining, limit if isinstance(limit, int) else None, find_moment(document.get("until")))
    left = find_number(headers.get("X-RateLimit-Remaining"))
    if left is None:
        return None
    reset = find_number(headers.get("X-RateLimit-Reset"))
    until = datetime.fromtimestamp(reset, UTC) if reset is not None else None
    return Allowance(left, find_number(headers.get("X-RateLimit-Limit")), until)
