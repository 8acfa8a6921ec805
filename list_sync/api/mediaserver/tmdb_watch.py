"""Whether TMDB has no such title or only fails: the one probe, and when an empty answer is believed."""

import random
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from list_sync.errors import AuthenticationFailed, LookupFailed, ServiceError, ServiceUnavailable
from list_sync.model.matches import Candidate

LEAST_PROBES = 5
FAILURES_IN_A_ROW = 5

# So many absences are proven together; if TMDB fails in between, all of them stay unproven.
PROVEN_TOGETHER = 10


class IdSearch(Protocol):
    """The server's search by IMDb id: the only search that answers differently if TMDB fails."""

    def find_by_imdb(self, imdb_id: str) -> Sequence[Candidate]:
        """Return the titles with this id; raise LookupFailed where TMDB did not answer."""
        ...


class TmdbWatch:
    """What one run saw of TMDB's failures, in all its stages and threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_a_row = 0
        self.has_failed = False

    @property
    def is_down(self) -> bool:
        """Tell whether TMDB failed so often in a row that more questions are useless."""
        return self._in_a_row >= FAILURES_IN_A_ROW

    def note_failure(self) -> None:
        """Note that TMDB did not answer."""
        with self._lock:
            self.has_failed = True
            self._in_a_row += 1

    def note_answer(self) -> None:
        """Note that TMDB answered; ignored once TMDB counts as down, which a run decides only once."""
        with self._lock:
            if not self.is_down:
                self._in_a_row = 0

    def is_answering(self, server: IdSearch) -> bool:
        """Ask TMDB, through the server, for an id that was never asked for before, so that no cache can answer.

        Measured: the servers answer `imdb:` with 500 if TMDB fails, and with an empty 200 if it has no such id. No
        IMDb id has ten digits.
        """
        try:
            server.find_by_imdb(f"tt{random.randint(10**9, 10**10 - 1)}")
        except ServiceError as error:
            if concerns_server(error):
                raise
            self.note_failure()
            return False
        self.note_answer()
        return True

    def is_absence_proven(self, ask_again: Sequence[Callable[[], bool]], server: IdSearch) -> bool:
        """Ask once more for what came back empty, and tell whether that proves that TMDB has none of it.

        Each of `ask_again` asks once more and tells whether the answer was the same. TMDB must answer a probe
        before and after each, at least five in all. If it fails in between, the rest is still asked: some may be found.
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
    """Tell whether a look-up failed because of the server itself, which ends a run, and not because of TMDB."""
    is_server_down = isinstance(error, ServiceUnavailable) and not isinstance(error, LookupFailed)
    return is_server_down or isinstance(error, AuthenticationFailed)
