"""Reading the server: a little in every run, and more of some titles, in the way that costs fewer calls."""

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from list_sync.api.mediaserver.tmdb_watch import PROVEN_TOGETHER, TmdbWatch
from list_sync.api.overseerr import OverseerrClient
from list_sync.errors import LookupFailed, ServiceError, UnexpectedResponse
from list_sync.model.servers import Fingerprint, Glance, MediaState, TitleDetails
from list_sync.model.titles import TitleKey
from list_sync.workers import run_parallel, threads_for

FEW_FILMS = 20

States = Mapping[TitleKey, MediaState]


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
    server: OverseerrClient,
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
    keys: Collection[TitleKey], server: OverseerrClient, *, workers: int, stop: threading.Event, watch: TmdbWatch
) -> Reading:
    """Read the details of titles one by one; distinguish those that TMDB lacks from those that cannot be read now."""
    details = _read_pages(keys, server, workers=workers, stop=stop)
    found = {key: value for key, value in details.items() if isinstance(value, TitleDetails)}
    missed = [key for key, value in details.items() if value is None]
    unknown = _find_unknown(missed, found, server, watch)
    states = {key: value.state for key, value in found.items()}
    return Reading(states, found, frozenset(details.keys() - found.keys() - unknown), unknown)


def _read_pages(
    keys: Iterable[TitleKey], server: OverseerrClient, *, workers: int, stop: threading.Event
) -> dict[TitleKey, TitleDetails | ServiceError | None]:
    """Read detail pages; raise the error if all pages fail, because then the server is the cause."""

    # In the order of `keys`, not in the order of the answers.
    pages: dict[TitleKey, TitleDetails | ServiceError | None] = dict.fromkeys(keys)
    run_parallel(
        list(pages),
        lambda key: read_page(key, server),
        pages.__setitem__,
        workers=threads_for(len(pages), most=workers),
        stop=stop,
        doing="titles were being read",
    )
    errors = [page for page in pages.values() if isinstance(page, ServiceError)]
    if len(errors) > 1 and len(errors) == len(pages):
        raise errors[0]
    return pages


def read_page(key: TitleKey, server: OverseerrClient) -> TitleDetails | ServiceError | None:
    """Return one detail page, None if the server could not get it, or an error that concerns this title only."""
    try:
        return server.find_details(*key)
    except (LookupFailed, UnexpectedResponse) as error:
        return error


def _find_unknown(
    missed: Sequence[TitleKey], found: dict[TitleKey, TitleDetails], server: OverseerrClient, watch: TmdbWatch
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


def look(
    server: OverseerrClient,
    glance: Glance,
    known: States,
    *,
    before: Fingerprint,
    sent: Collection[TitleKey],
    workers: int,
) -> Reading:
    """Return the states of a glance, what was sent last, and all requests if the number of failed ones changed.

    Otherwise requests are not read, because the server asks every Radarr and Sonarr for them.
    """
    states = dict(take_in_rows(known, glance.states))
    if glance.fingerprint.failed != before.failed:
        asked_for = server.fetch_requests(workers=workers)
        states.update(_with_requests({**known, **states}, asked_for))
    details = _read_sent([key for key in sent if key not in glance.states], server)
    if isinstance(details, TitleDetails):
        key = (details.media_type, details.tmdb_id)
        return Reading({**states, key: details.state}, {key: details})
    return Reading({**states, **take_in_rows({**known, **states}, details)})


def take_in_rows(known: States, rows: States) -> States:
    """Return the states in some rows, with the requests that are known already.

    A title with several rows is left out, because one row does not show its whole state.
    """
    return {
        key: row.with_requests(known[key].requests) if key in known else row
        for key, row in rows.items()
        if key not in known or known[key].media_rows <= row.media_rows
    }


def _with_requests(known: States, asked_for: States) -> States:
    """Return the titles whose requests changed."""
    read = {key: state.requests for key, state in asked_for.items()}
    changed = {key: state for key, state in known.items() if state.requests != read.get(key, ())}
    new = {key: state for key, state in asked_for.items() if key not in known}
    return {**new, **{key: state.with_requests(read.get(key, ())) for key, state in changed.items()}}


def _read_sent(unseen: Collection[TitleKey], server: OverseerrClient) -> TitleDetails | States:
    """Read what was sent last and is not on the page already read: one title by its page, more by the newest page."""
    if not unseen:
        return {}
    if len(unseen) > 1:
        return server.fetch_newest_states()
    (key,) = unseen
    page = read_page(key, server)
    return page if isinstance(page, TitleDetails) else {}
