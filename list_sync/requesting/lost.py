"""Looking for a request whose answer was lost, before anything is sent again."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from list_sync.errors import LookupFailed, UnexpectedResponse
from list_sync.model.journal import RequestIdentity
from list_sync.model.servers import Availability, ServerRequest, TitleDetails
from list_sync.model.titles import MediaType
from list_sync.requesting.identity import find_request, is_asked_by

# A server may still be working on a request so many seconds after its connection broke.
LOOKS = 6
PAUSE_SECONDS = 1.0

# How many more of the newest requests are read than are looked for.
MARGIN = 50

FindDetails = Callable[[MediaType, int], TitleDetails | None]
FetchRecent = Callable[[int], tuple[ServerRequest, ...]]


@dataclass(frozen=True, slots=True)
class Search:
    """The result of looking for a request: the request, or whether it is surely absent, or neither.

    `is_title_known` returns whether the server has a state of the title in this quality.
    """

    found: ServerRequest | None = None
    is_absent: bool = False
    is_title_known: bool = False


def look_for(
    identity: RequestIdentity, find_details: FindDetails, stop: threading.Event, *, looks: int = LOOKS
) -> Search:
    """Look for a request on the page of its title until it is found, with a second between two looks."""
    search = Search()
    for look in range(looks):
        if look and stop.wait(PAUSE_SECONDS):
            return Search()
        search = _look_once(identity, find_details)
        if search.found:
            break
    return search


def fetch_down_to(number: int | None, take: int, fetch_recent: FetchRecent) -> tuple[ServerRequest, ...]:
    """Return the newest requests: at least `take`, and down to a number."""
    rows = fetch_recent(take)
    if number is not None and len(rows) == take and rows[-1].request_id > number:
        return fetch_recent(rows[0].request_id - number + MARGIN)
    return rows


def _look_once(identity: RequestIdentity, find_details: FindDetails) -> Search:
    try:
        details = find_details(*identity.title_key)
    except (LookupFailed, UnexpectedResponse):
        return Search()
    if details is None:
        return Search()
    rows = details.state.requests
    own = [row for row in rows if is_asked_by(row, identity.requester_id)]
    found = find_request(own, identity) or find_request(rows, identity)
    is_title_known = details.state.availability_in(identity.quality) is not Availability.UNKNOWN
    return Search(found, is_absent=found is None, is_title_known=is_title_known)
