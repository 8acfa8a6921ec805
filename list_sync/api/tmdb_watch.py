"""Whether TMDB lacks what it was asked for or only fails: the one probe, and when an empty answer is believed."""

import random
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from list_sync.errors import AuthenticationFailed, LookupFailed, ServiceError, ServiceUnavailable
from list_sync.model.matches import Candidate

LEAST_PROBES = 5
FAILURES_IN_A_ROW = 5

# So many absences are proven together, and doubted together where TMDB fails among them.
PROVEN_TOGETHER = 10


class IdSearch(Protocol):
    """The server's search by IMDb id, the one that tells a failing TMDB from an unknown id."""

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
        """Tell whether TMDB failed so often in a row that asking on is of no use."""
        return self._in_a_row >= FAILURES_IN_A_ROW

    def note_failure(self) -> None:
        """Note that TMDB did not answer."""
        with self._lock:
            self.has_failed = True
            self._in_a_row += 1

    def note_answer(self) -> None:
        """Note that TMDB answered; not after it was found to be down, so that a run decides that once."""
        with self._lock:
            if not self.is_down:
                self._in_a_row = 0

    def is_answering(self, server: IdSearch) -> bool:
        """Ask TMDB, through the server, what no cache can answer: for an id that was never asked for before.

        Measured: the servers answer `imdb:` 500 where TMDB fails, and 200 with nothing where it knows no such id. No
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
        """Ask once more for what came back empty, and tell whether TMDB has none of it.

        Each of `ask_again` asks and tells whether the answer was the same. TMDB has to answer a probe before them and
        after each, five at least. Where it fails in between, the rest are asked all the same: some may be found.
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
    """Tell whether an error of a look-up is one of the server itself, which ends a run, and not of TMDB behind it."""
    is_server_down = isinstance(error, ServiceUnavailable) and not isinstance(error, LookupFailed)
    return is_server_down or isinstance(error, AuthenticationFailed)
