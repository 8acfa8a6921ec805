"""Looking for a request whose answer was lost, before anything is sent again."""

import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from list_sync.errors import ServiceError
from list_sync.model.decisions import Request
from list_sync.model.servers import ServerRequest, TitleDetails
from list_sync.model.titles import MediaType, Quality

LOOKS = 6
PAUSE_SECONDS = 1.0


class DetailReader(Protocol):
    """The part of a media-request server that looking needs."""

    def find_details(self, media_type: MediaType, tmdb_id: int) -> TitleDetails | None:
        """Return what the server knows of a title."""
        ...


@dataclass(frozen=True, slots=True)
class Search:
    """What looking came to; without a find, `is_absent` tells a sure absence from not being able to tell."""

    found: ServerRequest | None = None
    is_absent: bool = False


def look_for(request: Request, reader: DetailReader, stop: threading.Event) -> Search:
    """Look for a request on the server for some seconds.

    The server may still be working on a request whose connection broke, hence more than one look.
    """
    search = Search()
    for look in range(LOOKS):
        search = _look_once(request, reader)
        if search.found or (look + 1 < LOOKS and stop.wait(PAUSE_SECONDS)):
            break
    return search


def _look_once(request: Request, reader: DetailReader) -> Search:
    try:
        details = reader.find_details(request.match.media_type, request.match.tmdb_id)
    except ServiceError:
        return Search()
    if details is None:
        return Search()
    rows = details.state.requests
    own = [row for row in rows if is_asked_by(row, request.requester_id)]
    found = find_request(own, quality=request.quality, seasons=request.seasons)
    found = found or find_request(rows, quality=request.quality, seasons=request.seasons)
    return Search(found, is_absent=found is None)


def find_request(
    requests: Iterable[ServerRequest], *, quality: Quality, seasons: Collection[int]
) -> ServerRequest | None:
    """Return the oldest of a title's requests in this quality that together hold all of the seasons, if they do."""
    wanted = frozenset(seasons)
    fitting = [
        request for request in requests if request.quality is quality and (not wanted or request.seasons & wanted)
    ]
    if not wanted <= frozenset().union(*(request.seasons for request in fitting)):
        return None
    return min(fitting, key=lambda request: request.request_id, default=None)


def is_asked_by(row: ServerRequest, requester_id: int | None) -> bool:
    """Tell whether a request is made in this user's name; an unknown user on either side fits."""
    return requester_id is None or row.requester_id in (requester_id, None)
