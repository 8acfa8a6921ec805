"""Whether TMDB has no such title or only fails: the test question, and when an empty answer counts."""

import random
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from list_sync.errors import AuthenticationFailed, LookupFailed, ServiceError, ServiceUnavailable
from list_sync.model.matches import Candidate

LEAST_PROBES = 5
FAILURES_IN_A_ROW = 5

# This many absences are proven together; if TMDB fails in between, none of them is proven.
PROVEN_TOGETHER = 10


class IdSearch(Protocol):
    """The server's search by IMDb id: the only search that answers differently if TMDB fails."""

    def find_by_imdb(self, imdb_id: str) -> Sequence[Candidate]:
        """Return the titles with this id; raise LookupFailed where TMDB did not answer."""


class TmdbWatch:
    """The failures of TMDB in one run, counted for all stages and threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_a_row = 0
        self.has_failed = False

    @property
    def is_down(self) -> bool:
        """Return whether TMDB failed so often in a row that further look-ups are useless."""
        return self._in_a_row >= FAILURES_IN_A_ROW

    def note_failure(self) -> None:
        """Note that TMDB did not answer."""
        with self._lock:
            self.has_failed = True
            self._in_a_row += 1

    def note_answer(self) -> None:
        """Note that TMDB answered; ignored after TMDB counts as down, because a run decides that only once."""
        with self._lock:
            if not self.is_down:
                self._in_a_row = 0

    def is_answering(self, server: IdSearch) -> bool:
        """Return whether TMDB answers the server. The test asks for a new random id, so that no cache can answer.

        Measured: the servers answer `imdb:` with 500 if TMDB fails, and with an empty 200 if it has no such id. No
        IMDb id has ten digits.
        """
        try:
            server.find_by_imdb(f"tt{random.randint(10**9, 10**10 - 1)}")  # noqa: S311 (no secret)
        except ServiceError as error:
            if concerns_server(error):
                raise
            self.note_failure()
            return False
        self.note_answer()
        return True

    def is_absence_proven(self, ask_again: Sequence[Callable[[], bool]], server: IdSearch) -> bool:
        """Repeat the look-ups that came back empty; return whether that proves that TMDB has none of these titles.

        Each of `ask_again` repeats one look-up and returns whether the answer was the same. TMDB must answer a test
        question before and after each, at least five in total. If TMDB fails in between, the other look-ups are still
        repeated, because some may find a title.
        """
        if self.is_down or not self.is_answering(server):
            return False
        is_proven = True
        for ask in ask_again:
            if self.is_down:
                return False
            if not ask():
                self.has_failed = True
                is_proven = False
            is_proven = is_proven and self.is_answering(server)
        more = range(LEAST_PROBES - 1 - len(ask_again))
        return is_proven and all(self.is_answering(server) for _ in more)


def concerns_server(error: ServiceError) -> bool:
    """Return whether a look-up failed because of the server itself, which ends a run, and not because of TMDB."""
    is_server_down = isinstance(error, ServiceUnavailable) and not isinstance(error, LookupFailed)
    return is_server_down or isinstance(error, AuthenticationFailed)
