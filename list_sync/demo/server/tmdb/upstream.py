"""TMDB behind the servers: their look-ups, how long they cache answers, and their messages for failures."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from http import HTTPStatus
from typing import TypeVar

from list_sync.demo.catalogue.catalogue import CatalogueTitle
from list_sync.demo.server.calls.answers import encode
from list_sync.demo.server.dialects import Dialect
from list_sync.demo.server.faults import Faults
from list_sync.demo.server.tmdb.titles import Titles

Answer = TypeVar("Answer")

# The servers cache answers for these times (measured). They do not cache errors.
SEARCHES_KEPT_SECONDS = 300
DETAILS_KEPT_SECONDS = 43_200

_TMDB_ERRORS = {
    404: (34, "The resource you requested could not be found."),
    429: (25, "Your request count (#) is over the allowed limit of (40)."),
    500: (11, "Internal error: Something went wrong, contact TMDb."),
}


class TmdbFailed(Exception):
    """TMDB did not answer, or (with 404) has no such title."""

    def __init__(self, status: int) -> None:
        super().__init__(f"TMDB answered {status}")
        self.status = status


class Upstream:
    """Look-ups at TMDB as the servers do them: cached answers are used even while TMDB is down."""

    def __init__(self, faults: Faults, titles: Titles) -> None:
        self._faults = faults
        self._titles = titles
        self._lock = threading.Lock()
        self._kept_until: dict[Hashable, float] = {}
        self._skipped_seconds = 0.0

    def ask(self, key: Hashable, answer: Callable[[], Answer | None], *, kept_seconds: float) -> Answer:
        """Return the answer of TMDB or the cache; raise TmdbFailed if TMDB fails or has no such title (None)."""
        with self._lock:
            is_kept = self._kept_until.get(key, 0.0) > self._now()
        if not is_kept and self._faults.is_tmdb_failing():
            raise TmdbFailed(self._faults.tmdb_status)
        # The catalogue never changes, so only the time of an answer is kept, not the answer.
        found = answer()
        if found is None:
            raise TmdbFailed(404)
        if not is_kept:
            with self._lock:
                self._kept_until[key] = self._now() + kept_seconds
        return found

    def details(self, kind: str, tmdb: float) -> CatalogueTitle:
        """Return a film or show; raise TmdbFailed."""
        return self.ask((kind, tmdb), lambda: self._titles.find(kind, tmdb), kept_seconds=DETAILS_KEPT_SECONDS)

    def let_pass(self, seconds: float) -> None:
        """Make the cached answers older."""
        with self._lock:
            self._skipped_seconds += seconds

    def forget(self) -> None:
        """Empty the cache, as a restart of the server does."""
        with self._lock:
            self._kept_until.clear()

    def _now(self) -> float:
        return time.monotonic() + self._skipped_seconds


def failed_details(dialect: Dialect, kind: str, status: int) -> str:
    """Return the message of a POST /request whose details could not be read (Jellyseerr has its own wording)."""
    what = "movie" if kind == "movie" else "TV show"
    prefix = f"[TMDB] Failed to fetch {what} details: "
    if dialect is not Dialect.JELLYSEERR:
        return f"{prefix}Request failed with status code {status}"
    code, text = _TMDB_ERRORS.get(status, _TMDB_ERRORS[500])
    body = encode({"success": False, "status_code": code, "status_message": text}).decode()
    return f"{prefix}{status} {HTTPStatus(status).phrase}: {body}"
