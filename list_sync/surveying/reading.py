"""Reading what the server knows of some titles, in the way that costs fewer calls."""

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from list_sync.api.mediaserver.tmdb_watch import PROVEN_TOGETHER, TmdbWatch
from list_sync.errors import LookupFailed, ServiceError, UnexpectedResponse
from list_sync.model.matches import Candidate
from list_sync.model.servers import Fingerprint, Glance, MediaState, TitleDetails
from list_sync.model.titles import MediaType, TitleKey
from list_sync.workers import run_parallel

FEW_FILMS = 20


class StateReader(Protocol):
    """The calls to a media-request server that surveying needs."""

    def fetch_fingerprint(self) -> Fingerprint:
        """Return the numbers that change when a person or program changes something."""
        ...

    def fetch_glance(self, place: int) -> Glance:
        """Return the same numbers, and the page of titles that begins at `place`."""
        ...

    def fetch_newest_states(self) -> Mapping[TitleKey, MediaState]:
        """Return the titles that were added to the server last, without their requests."""
        ...

    def fetch_requests(self, *, workers: int = 5) -> Mapping[TitleKey, MediaState]:
        """Return every requested title with its requests only."""
        ...

    def fetch_states(self, *, workers: int = 5) -> Mapping[TitleKey, MediaState]:
        """Return everything that the server knows."""
        ...

    def count_state_pages(self, fingerprint: Fingerprint) -> int:
        """Return how many calls fetch_states would take."""
        ...

    def find_details(self, media_type: MediaType, tmdb_id: int) -> TitleDetails | None:
        """Return one title, or None where the server could not get it from TMDB."""
        ...

    def find_by_imdb(self, imdb_id: str) -> tuple[Candidate, ...]:
        """Return the titles with this id; LookupFailed when TMDB is down."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: states (everything, if `is_everything`), details, and the titles that could not be read."""

    states: Mapping[TitleKey, MediaState] = field(default_factory=dict)
    details: Mapping[TitleKey, TitleDetails] = field(default_factory=dict)
    unreadable: frozenset[TitleKey] = frozenset()
    unknown_to_tmdb: frozenset[TitleKey] = frozenset()
    is_everything: bool = False


def read_titles(
    films: Collection[TitleKey],
    shows: Collection[TitleKey],
    server: StateReader,
    *,
    pages: int | None,
    workers: int,
    stop: threading.Event,
    watch: TmdbWatch | None = None,
) -> Reading:
    """Read the state of films and the details of shows; `pages` is what reading everything costs, None if it was read.

    The details of a show are always needed: only they hold its seasons and its TVDB id. A few films are read one by
    one even if that costs more calls, because a detail page also shows that an id is wrong.
    """
    read_all = pages is not None and len(films) > max(pages, FEW_FILMS)
    states = dict(server.fetch_states(workers=workers)) if read_all else {}
    wanted = [*films, *shows] if len(films) <= FEW_FILMS or not (read_all or pages is None) else list(shows)
    reading = read_details(wanted, server, workers=workers, stop=stop, watch=watch or TmdbWatch())
    return replace(reading, states={**states, **reading.states}, is_everything=read_all)


def read_details(
    keys: Collection[TitleKey], server: StateReader, *, workers: int, stop: threading.Event, watch: TmdbWatch
) -> Reading:
    """Read the details of titles one by one; distinguish those that TMDB lacks from those that cannot be read now."""
    details = _read_pages(keys, server, workers=workers, stop=stop)
    found = {key: value for key, value in details.items() if isinstance(value, TitleDetails)}
    missed = [key for key, value in details.items() if value is None]
    unknown = _find_unknown(missed, found, server, watch)
    states = {key: value.state for key, value in found.items()}
    return Reading(states, found, frozenset(details.keys() - found.keys() - unknown), unknown)


def _read_pages(
    keys: Iterable[TitleKey], server: StateReader, *, workers: int, stop: threading.Event
) -> dict[TitleKey, TitleDetails | ServiceError | None]:
    """Read detail pages; raise the error if all pages fail, because then the server is the cause."""

    # In the order of `keys`, not in the order of the answers.
    pages: dict[TitleKey, TitleDetails | ServiceError | None] = dict.fromkeys(keys)
    run_parallel(
        list(pages),
        lambda key: read_page(key, server),
        pages.__setitem__,
        workers=workers,
        stop=stop,
        doing="titles were being read",
    )
    errors = [page for page in pages.values() if isinstance(page, ServiceError)]
    if len(errors) > 1 and len(errors) == len(pages):
        raise errors[0]
    return pages


def read_page(key: TitleKey, server: StateReader) -> TitleDetails | ServiceError | None:
    """Return one detail page, None if the server could not get it, or an error that concerns this title only."""
    try:
        return server.find_details(*key)
    except (LookupFailed, UnexpectedResponse) as error:
        return error


def _find_unknown(
    missed: Sequence[TitleKey], found: dict[TitleKey, TitleDetails], server: StateReader, watch: TmdbWatch
) -> frozenset[TitleKey]:
    """Return the titles that TMDB does not have; titles that can be read now are added to `found`.

    The servers answer 500 for them, as for every title while TMDB fails (measured).
    """

    def is_missed_again(key: TitleKey) -> bool:
        page = read_page(key, server)
        if isinstance(page, TitleDetails):
            found[key] = page
        return page is None

    unknown: set[TitleKey] = set()
    for start in range(0, len(missed), PROVEN_TOGETHER):
        batch = missed[start : start + PROVEN_TOGETHER]
        if watch.is_absence_proven([partial(is_missed_again, key) for key in batch], server):
            unknown.update(batch)
    return frozenset(unknown)
