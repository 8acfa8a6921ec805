"""What to remember of the server after our own requests: only what was read from it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from list_sync.model.servers import Fingerprint, Learned, MediaState, ServerRequest
from list_sync.model.titles import Quality, TitleKey
from list_sync.surveying.freshness import is_explained_by
from list_sync.surveying.reading import StateReader
from list_sync.surveying.survey import Survey


def what_was_learned(
    survey: Survey, read_back: Collection[ServerRequest], fingerprint: Fingerprint | None, *, started_at: datetime
) -> Learned:
    """Return what to remember of the server: `read_back` are the requests that were read after ours were made."""
    return Learned(
        states=states_after(survey, read_back),
        details=survey.learned_details.values(),
        tried=survey.tried,
        fingerprint=fingerprint,
        everything=survey.everything is not None,
        next_place=survey.next_place,
        unread_since=started_at if read_back else None,
    )


def states_after(survey: Survey, read_back: Iterable[ServerRequest]) -> Mapping[TitleKey, MediaState]:
    """Return the states that were read, with the requests that were read back."""
    states = {**(survey.everything or {}), **survey.learned_states}
    for request in read_back:
        key = (request.media_type, request.tmdb_id)
        known = states.get(key) or survey.knowledge.states.get(key) or MediaState(*key)
        states[key] = _with_request(known, request)
    return states


def _with_request(state: MediaState, request: ServerRequest) -> MediaState:
    others = [other for other in state.requests if other.request_id != request.request_id]
    state = state.with_requests((*others, request))
    if request.availability is None:
        return state
    if request.quality is Quality.UHD:
        return replace(state, availability_4k=request.availability)
    return replace(state, availability=request.availability)


def fingerprint_to_keep(survey: Survey, server: StateReader, *, own_requests: int) -> Fingerprint | None:
    """Return the fingerprint to compare with that of the next run, or None if others changed the server as well.

    If we sent no requests, it is the one from the beginning, so that a change while we read is not missed. The number
    of failed requests stays as it was, so that the next run finds those that failed in the meantime.
    """
    if own_requests == 0:
        return survey.fingerprint
    after = server.fetch_fingerprint()
    if not is_explained_by(survey.fingerprint, after, own_requests=own_requests):
        return None
    return replace(after, failed=survey.fingerprint.failed)
