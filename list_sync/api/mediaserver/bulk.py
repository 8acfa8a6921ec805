"""Bulk reads of the server: its counts, one page of titles, or every page of titles and requests."""

from collections.abc import Iterable

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.mediaserver.connection import OverseerrConnection
from list_sync.api.mediaserver.paging import PAGE_SIZE, read_rows
from list_sync.api.mediaserver.payloads import RequestTotals, parse_media_page, parse_request_page, parse_request_totals
from list_sync.api.mediaserver.state import StateCollector, TitleKey
from list_sync.model.servers import Fingerprint, Glance, MediaState, ServerRequest

States = dict[TitleKey, MediaState]


def fetch_fingerprint(connection: OverseerrConnection) -> Fingerprint:
    """Return the counts that change when people change something, in two reads that do not involve Radarr or Sonarr."""
    totals = parse_request_totals(connection.read("request/count").json())
    media = parse_media_page(connection.read("media", take=1, skip=0).json())
    return _build_fingerprint(totals, media.total)


def count_requests(connection: OverseerrConnection) -> int:
    """Return the number of requests of all users, in one read that does not involve Radarr or Sonarr."""
    return parse_request_totals(connection.read("request/count").json()).total


def fetch_glance(connection: OverseerrConnection, place: int) -> Glance:
    """Return the same counts, and the page of titles that begins at `place`, in two reads."""
    totals = parse_request_totals(connection.read("request/count").json())
    page = parse_media_page(_read_page(connection, "media", place).json())
    following = place + PAGE_SIZE
    next_place = following if following < page.total else 0
    return Glance(_build_fingerprint(totals, page.total), _collect(page.rows), next_place)


def fetch_newest_states(connection: OverseerrConnection) -> States:
    """Return the titles that the server added last, without their requests, in one read."""
    return _collect(parse_media_page(_read_page(connection, "media", 0).json()).rows)


def fetch_states(connection: OverseerrConnection, *, workers: int) -> States:
    """Return the state of every title on the server, in pages that `workers` threads read."""
    collector = StateCollector()
    read_rows(
        lambda skip: _read_page(connection, "media", skip),
        parse_media_page,
        collector.add_media,
        workers=workers,
        stop=connection.stop,
    )
    _read_requests(connection, collector, workers)
    return collector.states()


def fetch_requests(connection: OverseerrConnection, *, workers: int) -> States:
    """Return every title that has requests, with its requests only."""
    collector = StateCollector()
    _read_requests(connection, collector, workers)
    return collector.states()


def fetch_recent_requests(connection: OverseerrConnection, take: int) -> tuple[ServerRequest, ...]:
    """Return the newest `take` requests, newest first."""
    found: dict[int, ServerRequest] = {}
    for skip in range(0, take, PAGE_SIZE):
        size = min(PAGE_SIZE, take - skip)
        page = parse_request_page(connection.read("request", take=size, skip=skip, sort="added").json())
        found.update((request.request_id, request) for request in page.rows)
        if skip + size >= page.total:
            break
    return tuple(sorted(found.values(), key=lambda request: -request.request_id))


def _read_requests(connection: OverseerrConnection, collector: StateCollector, workers: int) -> None:
    def fetch_page(skip: int) -> HttpAnswer:
        return _read_page(connection, "request", skip)

    read_rows(fetch_page, parse_request_page, collector.add_request, workers=workers, stop=connection.stop)


def _read_page(connection: OverseerrConnection, path: str, skip: int) -> HttpAnswer:
    return connection.read(path, take=PAGE_SIZE, skip=skip)


def _build_fingerprint(totals: RequestTotals, media: int) -> Fingerprint:
    return Fingerprint(totals.total, totals.pending, totals.declined, media, totals.failed)


def _collect(rows: Iterable[MediaState]) -> States:
    collector = StateCollector()
    for row in rows:
        collector.add_media(row)
    return collector.states()
