"""Faults that the demo server can simulate, and the settings of the simulated server."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(slots=True)
class Faults:
    """Switches that make the server fail; all are off except `lossy`, because the real servers lose requests."""

    tmdb_down: bool = False
    tmdb_status: int = 500
    tmdb_failing_percent: float = 0.0
    tmdb_good_calls: int | None = None
    tmdb_bad_calls: int | None = None
    ratings_down: bool = False
    down_status: int | None = None
    down_calls: int | None = None
    retry_after: int | None = None
    html_answers: bool = False
    login_redirect: bool = False
    truncate_json: bool = False
    garbage: bool = False
    garbage_bytes: int = 1024
    slow_seconds: float = 0.0
    drop_after_write: int = 0
    drop_before_write: int = 0
    lose_rows: int = 0
    lossy: bool = True
    post_seconds: float = 0.002
    processing_seconds: float = 0.0
    auto_available_seconds: float | None = None
    die_in_the_middle: int | None = None
    radarr_refuses: bool = False
    radarr_down: bool = False
    sonarr_down: bool = False
    arr_hangs_seconds: float = 0.0
    only: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    _random: random.Random = field(default_factory=lambda: random.Random(1), repr=False, compare=False)  # noqa: S311 (no secret)

    def applies_to(self, call: str) -> bool:
        """Return whether faults apply to `METHOD /path`; `only` limits them to calls that contain that text."""
        return self.only in call

    def take(self, name: str) -> bool:
        """Count a fault down by one; return whether there was one left."""
        with self._lock:
            left = getattr(self, name)
            if not left:
                return False
            setattr(self, name, left - 1)
            return True

    def is_tmdb_failing(self) -> bool:
        """Count one call to TMDB and return whether it fails.

        While TMDB is down, every call fails; else `tmdb_failing_percent` of the calls. After `tmdb_good_calls` good
        calls, the next `tmdb_bad_calls` fail, or all of them if that is None.
        """
        with self._lock:
            is_unlucky = self._random.random() * 100 < self.tmdb_failing_percent
            return self._is_bad_call() or self.tmdb_down or is_unlucky

    def _is_bad_call(self) -> bool:
        if self.tmdb_good_calls is None:
            return False
        if self.tmdb_good_calls > 0:
            self.tmdb_good_calls -= 1
            return False
        if self.tmdb_bad_calls is None:
            return True
        if self.tmdb_bad_calls > 0:
            self.tmdb_bad_calls -= 1
            return True
        return False

    def roll_dice_anew(self, seed: int) -> None:
        """Set the seed for the choice of failing calls when a percentage of them fails."""
        with self._lock:
            self._random.seed(seed)

    def is_fatal_call(self) -> bool:
        """Count one call for `die_in_the_middle`; return whether the server ends with this call."""
        with self._lock:
            if self.die_in_the_middle is None:
                return False
            if self.die_in_the_middle > 0:
                self.die_in_the_middle -= 1
                return False
            self.die_in_the_middle = None
            return True

    def find_down_status(self) -> int | None:
        """Return the status that replaces the answer of this call, if any."""
        with self._lock:
            if self.down_status is None or self.down_calls == 0:
                return None
            if self.down_calls is not None:
                self.down_calls -= 1
            return self.down_status


@dataclass(slots=True)
class ServerSettings:
    """The settings of the server's administrator."""

    movie_4k_enabled: bool = False
    series_4k_enabled: bool = False
    partial_requests_enabled: bool = True
    special_episodes_enabled: bool = False
    csrf_protection: bool = False
    quota_days: int = 7
    webhook_url: str = ""
    webhook_authorization: str = ""
    override_rules: list[dict[str, Any]] = field(default_factory=list)


def change(target: Faults | ServerSettings, values: Mapping[str, object]) -> None:
    """Set attributes by name; raise ValueError naming one that does not exist."""
    known = {entry.name for entry in fields(target) if not entry.name.startswith("_")}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"unknown: {name}")
        setattr(target, name, value)


def current(target: Faults | ServerSettings) -> dict[str, object]:
    """Return the attributes by name."""
    return {entry.name: getattr(target, entry.name) for entry in fields(target) if not entry.name.startswith("_")}
