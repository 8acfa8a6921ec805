"""The titles that were requested recently for one user, by any program or person."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from list_sync.api.http.payloads import expect_list, expect_object
from list_sync.api.mediaserver.connection import OverseerrConnection
from list_sync.api.mediaserver.paging import PAGE_SIZE
from list_sync.api.mediaserver.payloads import SERVICE, parse_request_page
from list_sync.model.titles import QualityKey

# Reading this many more than needed lets messages nearly always state the full number.
MARGIN = 50


def fetch_asked(
    connection: OverseerrConnection, requester_id: int, *, since: datetime, until: datetime, enough: int
) -> frozenset[QualityKey]:
    """Return the titles that a user requested between two moments, newest first, up to `enough`.

    Several requests for seasons of one show are one title.
    """
    asked: set[QualityKey] = set()
    size = min(PAGE_SIZE, enough + MARGIN)
    skip, total = 0, 1
    while skip < total and len(asked) < enough:
        answer = connection.read("request", take=size, skip=skip, sort="added", requestedBy=requester_id)
        body = answer.json()
        total = parse_request_page(body).total
        for key, created in _read_page(body):
            if created is not None and created < since:
                return frozenset(asked)
            if key and created is not None and created <= until:
                asked.add(key)
        skip += size
    return frozenset(asked)


def _read_page(body: object) -> Iterator[tuple[QualityKey | None, datetime | None]]:
    """Yield each request's title (None if neither film nor show) and time (None if it is not stated)."""
    document = expect_object(body, service=SERVICE, what="/request")
    results = expect_list(document.get("results"), service=SERVICE, what="/request results")
    for (_number, row), raw in zip(parse_request_page(body).entries, results, strict=True):
        key = (row.media_type, row.tmdb_id, row.quality) if row else None
        yield key, _parse_moment(raw.get("createdAt") if isinstance(raw, Mapping) else None)


def _parse_moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
