"""What each answer of the server means for the title and for the journal."""

from list_sync.model.decisions import ItemStatus, Request, RequestOutcome
from list_sync.model.journal import RequestState
from list_sync.model.servers import AnswerKind, RequestAnswer

_STATUS = {
    AnswerKind.CREATED: ItemStatus.REQUESTED,
    AnswerKind.DUPLICATE: ItemStatus.ALREADY_REQUESTED,
    AnswerKind.NOTHING_LEFT: ItemStatus.ALREADY_REQUESTED,
    AnswerKind.NO_PERMISSION: ItemStatus.REQUEST_FAILED,
    AnswerKind.QUOTA_EXCEEDED: ItemStatus.WAITING,
    AnswerKind.BLOCKLISTED: ItemStatus.BLOCKLISTED,
    AnswerKind.TITLE_UNKNOWN: ItemStatus.NOT_FOUND,
    AnswerKind.TMDB_UNAVAILABLE: ItemStatus.WAITING,
    AnswerKind.TVDB_CONFLICT: ItemStatus.UNSUPPORTED,
    AnswerKind.DATABASE_CONFLICT: ItemStatus.REQUEST_FAILED,
    AnswerKind.REJECTED: ItemStatus.REQUEST_FAILED,
}
_REASONS = {
    AnswerKind.DUPLICATE: "somebody else requested it just before",
    AnswerKind.NOTHING_LEFT: "no season is left to ask for",
    AnswerKind.BLOCKLISTED: "blocklisted on the server",
    AnswerKind.TITLE_UNKNOWN: "TMDB has no such title",
    AnswerKind.TMDB_UNAVAILABLE: "the server could not reach TMDB; asked for again in the next run",
    AnswerKind.TVDB_CONFLICT: "another show on the server holds the same TVDB id",
    AnswerKind.DATABASE_CONFLICT: "the server's database refused it, twice",
}
_IS_ON_SERVER = frozenset({AnswerKind.CREATED, AnswerKind.DUPLICATE, AnswerKind.NOTHING_LEFT})

# Others that write at the same moment cause these as well, so they are looked into before they are believed.
UNSURE = frozenset({AnswerKind.TVDB_CONFLICT, AnswerKind.DATABASE_CONFLICT})

SPECIALS = 0


def outcome_of(request: Request, answer: RequestAnswer) -> RequestOutcome:
    """Return what the server's answer means for the title."""
    if answer.kind is AnswerKind.NOTHING_LEFT and request.seasons == (SPECIALS,):
        # Measured: Seerr and Jellyseerr take no request for specials alone unless they are set up for it.
        return RequestOutcome(request, ItemStatus.UNSUPPORTED, "the server takes no request for specials")
    return RequestOutcome(request, _STATUS[answer.kind], _reason(request, answer), answer.request_id)


def state_after(kind: AnswerKind) -> RequestState:
    """Return the journal's word for an answer: is the title on the server now, or was it refused?"""
    return RequestState.ACCEPTED if kind in _IS_ON_SERVER else RequestState.REFUSED


def _reason(request: Request, answer: RequestAnswer) -> str:
    if answer.kind is AnswerKind.CREATED:
        return _created(request, answer)
    if answer.kind is AnswerKind.QUOTA_EXCEEDED:
        return f"{_quota(request)}; asked for again in a later run"
    if answer.kind is AnswerKind.NO_PERMISSION:
        return f"user {request.requester_id} may not request this: {answer.message}"
    return _REASONS.get(answer.kind) or f"the server refused: {answer.message or 'without a word'}"


def _created(request: Request, answer: RequestAnswer) -> str:
    number = f"request {answer.request_id}" if answer.request_id is not None else "request"
    if not request.seasons:
        return f"{number} made" if answer.message == "" else f"{number} made, {answer.message}"
    seasons = ", ".join(str(season) for season in sorted(answer.seasons or request.seasons))
    return f"{number} made for season{'s' if ',' in seasons else ''} {seasons}"


def _quota(request: Request) -> str:
    seasons = len(request.seasons)
    if seasons == 0:
        return f"the quota of user {request.requester_id} is used up"
    return f"the quota of user {request.requester_id} has no room for {seasons} season{'s' if seasons > 1 else ''}"
