"""What is known of the server once our own requests have been made."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from list_sync.knowing.freshness import is_explained_by
from list_sync.knowing.reading import Server
from list_sync.knowing.survey import Survey
from list_sync.model.decisions import Request, RequestOutcome, TitleKey
from list_sync.model.server_state import Availability, Fingerprint, MediaState, RequestStatus, ServerRequest


def states_after(survey: Survey, outcomes: Iterable[RequestOutcome]) -> Mapping[TitleKey, MediaState]:
    """Return the states that were read, with our own requests added to them."""
    states = {**(survey.everything or {}), **survey.learned_states}
    for outcome in outcomes:
        request = outcome.decision
        if isinstance(request, Request) and outcome.request_id is not None:
            key = request.title_key
            known = states.get(key) or survey.knowledge.states.get(key) or MediaState(*key)
            states[key] = _with_request(known, request, outcome.request_id)
    return states


def _with_request(state: MediaState, request: Request, request_id: int) -> MediaState:
    row = ServerRequest(
        request_id,
        state.media_type,
        state.tmdb_id,
        request.is_4k,
        RequestStatus.PENDING,
        frozenset(request.seasons),
        request.requester_id,
    )
    requests = (*state.requests, row)
    if request.is_4k:
        return replace(state, availability_4k=max(state.availability_4k, Availability.PENDING), requests=requests)
    return replace(state, availability=max(state.availability, Availability.PENDING), requests=requests)


def fingerprint_to_keep(survey: Survey, server: Server, *, own_requests: int) -> Fingerprint | None:
    """Return the fingerprint to compare the next run's with, or None where somebody else wrote as well.

    Without requests of our own it is the one from the beginning; so a change that came while we read is not missed.
    """
    if own_requests == 0:
        return survey.fingerprint
    after = server.fetch_fingerprint()
    return after if is_explained_by(survey.fingerprint, after, own_requests=own_requests) else None
