"""The log and the counts of calls to the demo server."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

CALLS_KEPT = 100_000

PostKey = tuple[str, int, bool]


@dataclass(frozen=True, slots=True)
class Call:
    """One call under /api/v1; `status` is None if it was not answered."""

    method: str
    path: str
    query: str
    user: int | None
    body: Any
    status: int | None

    @property
    def label(self) -> str:
        """Return the call in the form of `Faults.only`."""
        return f"{self.method} {self.path}" + (f"?{self.query}" if self.query else "")


class Traffic:
    """The log and the counts of all calls since the last reset."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget every call."""
        with self._lock:
            self._calls: deque[Call] = deque(maxlen=CALLS_KEPT)
            self._posts: dict[PostKey, int] = defaultdict(int)
            self._answers: dict[PostKey, list[int]] = defaultdict(list)
            self._under_way: list[str] = []
            self.reads = 0
            self.writes = 0
            self.deaths = 0

    def began(self, label: str) -> None:
        """Record the beginning of a call."""
        with self._lock:
            self._under_way.append(label)

    def under_way(self) -> list[str]:
        """Return the label of each call that has not ended."""
        with self._lock:
            return list(self._under_way)

    def received_post(self, body: object) -> PostKey | None:
        """Count a POST /request by its title and return the title's key, if it names one."""
        key = _post_key(body)
        if key is not None:
            with self._lock:
                self._posts[key] += 1
        return key

    def ended(self, call: Call, key: PostKey | None) -> None:
        """Record a call and how it was answered."""
        with self._lock:
            self._calls.append(call)
            with suppress(ValueError):
                # It is missing if the counts were reset during the call.
                self._under_way.remove(call.label)
            if call.method != "GET":
                self.writes += 1
            elif call.status is not None:
                self.reads += 1
            if key is not None and call.status is not None:
                self._answers[key].append(call.status)

    def died(self) -> None:
        """Count a call that would have ended the real server's process."""
        with self._lock:
            self.deaths += 1

    def calls(self) -> list[Call]:
        """Return the calls so far, oldest first."""
        with self._lock:
            return list(self._calls)

    def posts_by_title(self) -> dict[PostKey, int]:
        """Return how many POST /request came in for each title and quality."""
        with self._lock:
            return dict(self._posts)

    def answers_by_title(self) -> dict[PostKey, list[int]]:
        """Return the statuses that POST /request was answered with, for each title and quality."""
        with self._lock:
            return {key: list(statuses) for key, statuses in self._answers.items()}


def _post_key(body: object) -> PostKey | None:
    if not isinstance(body, dict):
        return None
    kind, tmdb = body.get("mediaType"), body.get("mediaId")
    if isinstance(kind, str) and isinstance(tmdb, int) and not isinstance(tmdb, bool):
        return kind, tmdb, body.get("is4k") is True
    return None
