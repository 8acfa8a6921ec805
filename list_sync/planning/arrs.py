"""What Radarr and Sonarr say against a title: that they refused it, or that import lists may not add it."""

from list_sync.model.arrs import ARR_TITLES
from list_sync.model.decisions import ItemStatus, Knowledge, Skip, Wish
from list_sync.model.servers import Availability, MediaState, RequestStatus
from list_sync.model.titles import MediaType

LIVE = frozenset({RequestStatus.PENDING, RequestStatus.APPROVED, RequestStatus.COMPLETED})
_THERE = frozenset({Availability.PARTIALLY_AVAILABLE, Availability.AVAILABLE})


def find_refused(wish: Wish, state: MediaState | None, wanted: frozenset[int] = frozenset()) -> Skip | None:
    """Return the failure if Radarr or Sonarr refused what the list wants, unless it is there or requested again."""
    if state is None or state.availability_in(wish.quality) is Availability.AVAILABLE:
        return None
    requests = state.requests_in(wish.quality)
    failed = [request for request in requests if request.status is RequestStatus.FAILED]
    standing = [request for request in requests if request.status in LIVE]
    if wish.match.media_type is MediaType.TV:
        there = {number for number, status in state.seasons_in(wish.quality).items() if status in _THERE}
        open_seasons = wanted.difference(there, *(request.seasons for request in standing))
        failed = [request for request in failed if request.seasons & open_seasons]
    elif standing:
        return None
    if not failed:
        return None
    arr = ARR_TITLES[wish.match.media_type]
    number = max(request.request_id for request in failed)
    reason = f"request {number} failed on its way from the server to {arr}: retry it on the server"
    return Skip(wish.result, ItemStatus.REQUEST_FAILED, reason, wish.quality)


def find_excluded(wish: Wish, knowledge: Knowledge) -> Skip | None:
    """Return the skip of a title that the user's own Radarr or Sonarr may not take from import lists."""
    key = (wish.match.media_type, wish.match.tmdb_id)
    numbers, details = knowledge.arr_excluded.get(key[0], frozenset()), knowledge.details.get(key)
    number = key[1] if key[0] is MediaType.MOVIE else details and details.tvdb_id
    if number not in numbers:
        return None
    return Skip(wish.result, ItemStatus.EXCLUDED, f"excluded in {ARR_TITLES[key[0]]}", wish.quality)
