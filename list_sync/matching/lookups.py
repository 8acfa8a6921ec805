"""The catalogue for the resolver: each look-up is counted, and none is sent during an outage."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from list_sync.api.mediaserver.tmdb_watch import TmdbWatch, concerns_server
from list_sync.api.sources.tmdb import Catalogue
from list_sync.errors import LookupFailed, ServiceError, SyncCancelled
from list_sync.model.matches import Candidate, SearchPage
from list_sync.model.servers import TitleDetails
from list_sync.model.titles import MediaType

Key = TypeVar("Key")
Answer = TypeVar("Answer")

SERVER = "overseerr"
DOING = "titles were looked up"
OUTAGE = "TMDB cannot be reached through the server; tried again in the next run"
UNRELIABLE = "TMDB does not answer reliably through the server; looked for again in the next run"


def read_details(candidate: Candidate, catalogue: Catalogue) -> TitleDetails:
    """Return the details of a title that TMDB is known to have; raise LookupFailed if they cannot be read."""
    details = catalogue.find_details(candidate.media_type, candidate.tmdb_id)
    if details is None:
        raise LookupFailed(SERVER, f"the details of {candidate.label} could not be read; tried again in the next run")
    return details


class Lookups:
    """Sends look-ups from several threads until too many in a row have failed."""

    def __init__(
        self,
        catalogue: Catalogue,
        stop: threading.Event,
        server: Catalogue | None = None,
        watch: TmdbWatch | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._server = server or catalogue
        self._stop = stop
        self._watch = watch or TmdbWatch()
        self._is_ended = False

    @property
    def is_outage(self) -> bool:
        """Return whether look-ups are no longer sent."""
        return self._watch.is_down

    def end(self) -> None:
        """Send nothing more: the run is over, but some of its threads still work."""
        self._is_ended = True

    def find_by_imdb(self, imdb_id: str) -> Sequence[Candidate]:
        """Return what TMDB holds under an IMDb id."""
        return self._send(lambda: self._catalogue.find_by_imdb(imdb_id), lambda _found: True)

    def find_by_tvdb(self, tvdb_id: int) -> Sequence[Candidate]:
        """Return what TMDB holds under a TVDB id."""
        return self._send(lambda: self._catalogue.find_by_tvdb(tvdb_id), lambda _found: True)

    def is_absence_proven(self, look_again: Sequence[Callable[[], bool]]) -> bool:
        """Return whether an empty answer is empty again while TMDB answers, see TmdbWatch."""
        return self._watch.is_absence_proven(look_again, self._server)

    def search(self, query: str, *, page: int = 1) -> SearchPage:
        """Return a page of the title search."""
        # The servers answer with an empty page when TMDB is down, so an empty page does not end a series of failures.
        return self._send(lambda: self._catalogue.search(query, page=page), lambda found: bool(found.candidates))

    def find_details(self, media_type: MediaType, tmdb_id: int) -> TitleDetails | None:
        """Return a title with its other ids."""
        details = self._send(lambda: self._catalogue.find_details(media_type, tmdb_id), lambda found: found is not None)
        self._watch.has_failed |= details is None
        return details

    def _send(self, call: Callable[[], Answer], is_proof: Callable[[Answer], bool]) -> Answer:
        if self._is_ended or self._stop.is_set():
            raise SyncCancelled(f"stopped while {DOING}")
        if self.is_outage:
            raise LookupFailed(SERVER, OUTAGE)
        try:
            answer = call()
        except ServiceError as error:
            if concerns_server(error):
                raise
            self._watch.note_failure()
            raise LookupFailed(SERVER, f"the look-up failed, tried again in the next run: {error.message}") from error
        if is_proof(answer):
            self._watch.note_answer()
        return answer


class SharedLookups:
    """The look-ups of titles that share a key: each is sent once, a failed one too; used by one thread at a time."""

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups
        self._by_imdb: dict[str, Sequence[Candidate] | LookupFailed] = {}
        self._by_tvdb: dict[int, Sequence[Candidate] | LookupFailed] = {}
        self._pages: dict[tuple[str, int], SearchPage | LookupFailed] = {}
        self._details: dict[tuple[MediaType, int], TitleDetails | LookupFailed | None] = {}

    def find_by_imdb(self, imdb_id: str) -> Sequence[Candidate]:
        """Return what TMDB holds under an IMDb id."""
        return _ask_once(self._by_imdb, imdb_id, lambda: self._lookups.find_by_imdb(imdb_id))

    def find_by_tvdb(self, tvdb_id: int) -> Sequence[Candidate]:
        """Return what TMDB holds under a TVDB id."""
        return _ask_once(self._by_tvdb, tvdb_id, lambda: self._lookups.find_by_tvdb(tvdb_id))

    def search(self, query: str, *, page: int = 1) -> SearchPage:
        """Return a page of the title search."""
        return _ask_once(self._pages, (query, page), lambda: self._lookups.search(query, page=page))

    def find_details(self, media_type: MediaType, tmdb_id: int) -> TitleDetails | None:
        """Return a title with its other ids."""
        return _ask_once(self._details, (media_type, tmdb_id), lambda: self._lookups.find_details(media_type, tmdb_id))


def _ask_once(answers: dict[Key, Answer | LookupFailed], key: Key, call: Callable[[], Answer]) -> Answer:
    if key not in answers:
        try:
            answers[key] = call()
        except LookupFailed as error:
            answers[key] = error
    answer = answers[key]
    if isinstance(answer, LookupFailed):
        raise answer
    return answer
