"""Merging of the server's rows of one title; races can create several media rows for it."""

from collections.abc import Mapping
from dataclasses import replace

from list_sync.model.servers import Availability, MediaState, ServerRequest
from list_sync.model.titles import MediaType

TitleKey = tuple[MediaType, int]


def highest(first: Availability, second: Availability) -> Availability:
    """Return the higher of two states. An unknown number counts as the highest, so that it causes no request."""
    if Availability.UNRECOGNISED in (first, second):
        return Availability.UNRECOGNISED
    return max(first, second)


def merge_states(first: MediaState, second: MediaState) -> MediaState:
    """Merge two rows of one title: the highest state wins, season by season, HD and 4K apart."""
    known = {request.request_id: request for request in (*second.requests, *first.requests)}
    return replace(
        first,
        availability=highest(first.availability, second.availability),
        availability_4k=highest(first.availability_4k, second.availability_4k),
        seasons=_merge_seasons(first.seasons, second.seasons),
        seasons_4k=_merge_seasons(first.seasons_4k, second.seasons_4k),
        media_rows=first.media_rows + second.media_rows,
    ).with_requests(known.values())


def _merge_seasons(first: Mapping[int, Availability], second: Mapping[int, Availability]) -> dict[int, Availability]:
    merged = dict(first)
    for number, availability in second.items():
        merged[number] = highest(merged.get(number, availability), availability)
    return merged


class StateCollector:
    """The states read so far, one value per title; the rows are not kept."""

    def __init__(self) -> None:
        self._states: dict[TitleKey, MediaState] = {}

    def add_media(self, state: MediaState) -> None:
        """Add one media row."""
        key = (state.media_type, state.tmdb_id)
        known = self._states.get(key)
        self._states[key] = state if known is None else merge_states(known, state)

    def add_request(self, request: ServerRequest) -> None:
        """Add one request row, even if the media row of its title was not read."""
        key = (request.media_type, request.tmdb_id)
        state = self._states.get(key) or MediaState(request.media_type, request.tmdb_id)
        self._states[key] = state.with_requests((*state.requests, request))

    def states(self) -> dict[TitleKey, MediaState]:
        """Return the collected states."""
        return self._states
