"""What to do about one title, given what is known of it."""

from datetime import datetime, timedelta

from list_sync.model.answers import MEANINGS
from list_sync.model.decisions import Decision, ItemStatus, Knowledge, OwnRequest, OwnState, Request, Skip
from list_sync.model.matches import Match, MatchResult, NoMatch, NoMatchReason
from list_sync.model.moments import is_over
from list_sync.model.policy import Policy
from list_sync.model.servers import AnswerKind, Availability, MediaState, RequestStatus
from list_sync.model.titles import MediaType, Quality
from list_sync.planning.evidence import find_contradiction
from list_sync.planning.seasons import missing_seasons, wanted_seasons

REFUSAL_IS_REMEMBERED = timedelta(days=7)

_WITHOUT_A_MATCH = {
    NoMatchReason.NOT_FOUND: ItemStatus.NOT_FOUND,
    NoMatchReason.AMBIGUOUS: ItemStatus.NEEDS_REVIEW,
    NoMatchReason.LOOKUP_FAILED: ItemStatus.ERROR,
    NoMatchReason.BANNED: ItemStatus.EXCLUDED,
}
_LASTING_REFUSALS = frozenset({AnswerKind.TVDB_CONFLICT})
# A request that the server loses can leave the title pending although no request for it exists (measured).
_UNASKED = frozenset({Availability.UNKNOWN, Availability.PENDING})
_THERE = frozenset({Availability.PARTIALLY_AVAILABLE, Availability.AVAILABLE})
_LIVE = frozenset({RequestStatus.PENDING, RequestStatus.APPROVED, RequestStatus.COMPLETED})


def decide(result: MatchResult, knowledge: Knowledge, policy: Policy, *, now: datetime) -> Decision:
    """Return the request to send for one title, or the state in which it is left alone and why."""
    if isinstance(result, NoMatch):
        return Skip(result, _WITHOUT_A_MATCH[result.reason], result.detail)
    key = (result.media_type, result.tmdb_id)
    if not knowledge.info.offers(result.media_type, policy.quality):
        return Skip(result, ItemStatus.UNSUPPORTED, f"the server has no 4K server for {result.media_type.plural}")
    state = knowledge.states.get(key)
    own = knowledge.own.get(key)
    return (
        _held_back_by_status(result, state, policy)
        or _held_back_by_own_record(result, state, own, policy, now=now)
        or _held_back_by_tmdb(result, knowledge)
        or _held_back_by_doubt(result, knowledge)
        or _decide_by_kind(result, state, own, knowledge, policy)
    )


def _held_back_by_status(match: Match, state: MediaState | None, policy: Policy) -> Skip | None:
    if state is None:
        return None
    if Availability.BLOCKLISTED in (state.availability, state.availability_4k):
        return Skip(match, ItemStatus.BLOCKLISTED, "blocklisted on the server")
    availability = state.availability_in(policy.quality)
    if availability is Availability.DELETED:
        return Skip(match, ItemStatus.DELETED, "deleted on the server, so not asked for again")
    requests = state.requests_in(policy.quality)
    unknown_request = any(request.status is RequestStatus.UNRECOGNISED for request in requests)
    if availability is Availability.UNRECOGNISED or unknown_request:
        return Skip(match, ItemStatus.UNSUPPORTED, "the server reports a status that this version does not know")
    return None


def _held_back_by_own_record(
    match: Match, state: MediaState | None, own: OwnRequest | None, policy: Policy, *, now: datetime
) -> Skip | None:
    if own is None or own.state is OwnState.NOTHING_LEFT:
        return None
    if own.state is OwnState.UNSETTLED:
        return Skip(match, ItemStatus.WAITING, "a request was sent and its answer lost; it is being looked for")
    if own.state is OwnState.RECOVERED:
        reason = f"requested on {_day(own)} before that run was cut off; found on the server"
        return Skip(match, ItemStatus.REQUESTED, reason)
    if own.state is OwnState.REFUSED:
        return _held_back_by_refusal(match, own, now=now)
    if _is_known(state, policy.quality):
        return None
    if own.state is OwnState.UNREAD:
        reason = f"requested by us on {_day(own)}; not read back since"
        return Skip(match, ItemStatus.ALREADY_REQUESTED, reason)
    return _vanished(match, own) if own.state is OwnState.VANISHED else _taken_back(match, own)


def _held_back_by_refusal(match: Match, own: OwnRequest, *, now: datetime) -> Skip | None:
    if own.answer not in _LASTING_REFUSALS or is_over(own.at, REFUSAL_IS_REMEMBERED, now=now):
        return None
    meaning = MEANINGS[own.answer]
    again = (own.at + REFUSAL_IS_REMEMBERED).date().isoformat()
    return Skip(match, meaning.status, f"{meaning.reason}, the server said on {_day(own)}; asked again after {again}")


def _taken_back(match: Match, own: OwnRequest) -> Skip:
    reason = f"requested on {_day(own)} and taken back on the server since; not asked for again unless you pin it"
    return Skip(match, ItemStatus.DECLINED, reason)


def _vanished(match: Match, own: OwnRequest) -> Skip:
    reason = f"requested on {_day(own)}, and vanished from the server together with most of our requests"
    return Skip(match, ItemStatus.WAITING, f"{reason}: settle it with list-sync accept-reset")


def _day(own: OwnRequest) -> str:
    return own.at.date().isoformat()


def _is_known(state: MediaState | None, quality: Quality) -> bool:
    if state is None:
        return False
    return state.availability_in(quality) not in _UNASKED or bool(state.requests_in(quality))


def _held_back_by_tmdb(match: Match, knowledge: Knowledge) -> Skip | None:
    key = (match.media_type, match.tmdb_id)
    if key in knowledge.unknown_to_tmdb:
        kind = "film" if match.media_type is MediaType.MOVIE else "show"
        return Skip(match, ItemStatus.NOT_FOUND, f"TMDB has no {kind} {match.tmdb_id}")
    if key in knowledge.unreadable:
        return Skip(match, ItemStatus.ERROR, "the server could not read this title from TMDB; tried again next run")
    return None


def _held_back_by_doubt(match: Match, knowledge: Knowledge) -> Skip | None:
    details = knowledge.details.get((match.media_type, match.tmdb_id))
    doubt = find_contradiction(match, details) if details else None
    return Skip(match, ItemStatus.NEEDS_REVIEW, doubt) if doubt else None


def _decide_by_kind(
    match: Match, state: MediaState | None, own: OwnRequest | None, knowledge: Knowledge, policy: Policy
) -> Decision:
    if match.media_type is MediaType.MOVIE:
        return _refused_by_arr(match, state, policy) or _settled(match, state, policy) or _request(match, policy)
    return _decide_show(match, state, own, knowledge, policy)


def _request(match: Match, policy: Policy, seasons: tuple[int, ...] = ()) -> Request:
    return Request(match, quality=policy.quality, seasons=seasons, requester_id=policy.requester_id)


def _decide_show(
    match: Match, state: MediaState | None, own: OwnRequest | None, knowledge: Knowledge, policy: Policy
) -> Decision:
    details = knowledge.details.get((match.media_type, match.tmdb_id))
    if details is None:
        return _request(match, policy)
    wanted = wanted_seasons(match.seasons, details.season_numbers)
    missing = missing_seasons(wanted, state, own, policy.quality)
    if missing and details.tvdb_id is None:
        reason = "TMDB names no TVDB id for this show, and the server cannot request one without it"
        return Skip(match, ItemStatus.UNSUPPORTED, reason)
    if missing:
        return _request(match, policy, missing)
    if own and own.state is OwnState.VANISHED and missing_seasons(wanted, state, None, policy.quality):
        return _vanished(match, own)
    return (
        _refused_by_arr(match, state, policy, wanted)
        or _settled(match, state, policy)
        or _refused_seasons(match, own)
        or _no_seasons(match)
    )


def _refused_by_arr(
    match: Match, state: MediaState | None, policy: Policy, wanted: frozenset[int] = frozenset()
) -> Skip | None:
    """Return the failure if Radarr or Sonarr refused what the list wants, unless it is there or requested again."""
    if state is None or state.availability_in(policy.quality) is Availability.AVAILABLE:
        return None
    requests = state.requests_in(policy.quality)
    failed = [request for request in requests if request.status is RequestStatus.FAILED]
    standing = [request for request in requests if request.status in _LIVE]
    if match.media_type is MediaType.TV:
        there = {number for number, status in state.seasons_in(policy.quality).items() if status in _THERE}
        open_seasons = wanted.difference(there, *(request.seasons for request in standing))
        failed = [request for request in failed if request.seasons & open_seasons]
    elif standing:
        return None
    if not failed:
        return None
    arr = "Radarr" if match.media_type is MediaType.MOVIE else "Sonarr"
    number = max(request.request_id for request in failed)
    reason = f"request {number} failed on its way from the server to {arr}: retry it on the server"
    return Skip(match, ItemStatus.REQUEST_FAILED, reason)


def _refused_seasons(match: Match, own: OwnRequest | None) -> Skip | None:
    if own is None or own.state is not OwnState.NOTHING_LEFT:
        return None
    seasons = ", ".join(str(number) for number in sorted(own.seasons))
    reason = f"asked for season {seasons} on {_day(own)}, and the server had nothing left to take a request for"
    return Skip(match, ItemStatus.UNSUPPORTED, reason)


def _no_seasons(match: Match) -> Skip:
    wanted = "season that the list asks for" if match.seasons else "season but specials"
    return Skip(match, ItemStatus.UNSUPPORTED, f"TMDB has no {wanted} for this show")


def _settled(match: Match, state: MediaState | None, policy: Policy) -> Skip | None:
    """Return why a title that the server knows needs nothing, or None when it may be asked for."""
    if state is None:
        return None
    availability = state.availability_in(policy.quality)
    requests = state.requests_in(policy.quality)
    statuses = {request.status for request in requests}
    if availability is Availability.AVAILABLE:
        return Skip(match, ItemStatus.ALREADY_AVAILABLE, "available on the server")
    if availability is Availability.UNKNOWN and statuses and statuses <= {RequestStatus.COMPLETED}:
        return Skip(match, ItemStatus.DELETED, "was available once and is gone from the server; not asked for again")
    if statuses & _LIVE:
        newest = max(request.request_id for request in requests if request.status in _LIVE)
        return Skip(match, ItemStatus.ALREADY_REQUESTED, f"requested on the server (request {newest})")
    if availability is Availability.PARTIALLY_AVAILABLE:
        return Skip(match, ItemStatus.ALREADY_AVAILABLE, "partly available on the server, nothing left to ask for")
    if RequestStatus.DECLINED in statuses:
        return Skip(match, ItemStatus.DECLINED, "its request was declined on the server; not asked for again")
    if availability is Availability.PROCESSING:
        return Skip(match, ItemStatus.ALREADY_REQUESTED, "processing on the server")
    return None
