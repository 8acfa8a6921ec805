"""Which seasons of a show still have to be requested."""

from list_sync.model.decisions import OwnRequest, OwnState
from list_sync.model.servers import Availability, MediaState
from list_sync.model.titles import Quality

SPECIALS = 0

_REQUESTABLE = frozenset({Availability.UNKNOWN})


def wanted_seasons(asked_for: frozenset[int] | None, in_tmdb: tuple[int, ...]) -> frozenset[int]:
    """Return the seasons that the lists want and TMDB has; specials only if a list names them.

    The servers accept a season that TMDB does not have (measured), so it is left out here.
    """
    if asked_for is None:
        return frozenset(number for number in in_tmdb if number != SPECIALS)
    return asked_for & frozenset(in_tmdb)


def missing_seasons(
    wanted: frozenset[int], state: MediaState | None, own: OwnRequest | None, quality: Quality
) -> tuple[int, ...]:
    """Return the wanted seasons that are not on the server and were never requested, by us or by others."""
    taken = _asked_for(own) | (_on_server(state, quality) if state else frozenset())
    if state and _is_wholly_there(state, quality):
        return ()
    return tuple(sorted(wanted - taken))


def _asked_for(own: OwnRequest | None) -> frozenset[int]:
    return own.seasons if own and own.state is not OwnState.REFUSED else frozenset()


def _on_server(state: MediaState, quality: Quality) -> frozenset[int]:
    present = {number for number, status in state.seasons_in(quality).items() if status not in _REQUESTABLE}
    requested = {number for request in state.requests_in(quality) for number in request.seasons}
    return frozenset(present | requested)


def _is_wholly_there(state: MediaState, quality: Quality) -> bool:
    available = state.availability_in(quality) is Availability.AVAILABLE
    return available and not state.seasons_in(quality)
