"""What each answer of the server to a request means, for the title and for the journal."""

from dataclasses import dataclass

from list_sync.model.decisions import ItemStatus, Request, RequestOutcome
from list_sync.model.journal import RequestState
from list_sync.model.servers import AnswerKind, RequestAnswer
from list_sync.model.waiting import UNTIL_CORRECTED

SPECIALS = 0
ASKED_LATER = "a later run requests it again"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one kind of answer means.

    `is_sure` is False where other programs that write at the same moment can be the cause: the server is read first.
    """

    status: ItemStatus
    reason: str = ""
    state: RequestState = RequestState.REFUSED
    is_sure: bool = True

    @property
    def is_to_be_verified(self) -> bool:
        """Return whether the server says that it has the title's request, or may have it."""
        return self.state is RequestState.ACCEPTED or not self.is_sure


MEANINGS = {
    AnswerKind.CREATED: Meaning(ItemStatus.REQUESTED, state=RequestState.ACCEPTED),
    AnswerKind.DUPLICATE: Meaning(
        ItemStatus.ALREADY_REQUESTED, "another user or program requested it just before", RequestState.ACCEPTED
    ),
    AnswerKind.NOTHING_LEFT: Meaning(
        ItemStatus.ALREADY_REQUESTED, "no season is left to request", RequestState.ACCEPTED
    ),
    AnswerKind.NO_PERMISSION: Meaning(ItemStatus.REQUEST_FAILED),
    AnswerKind.REQUESTER_UNKNOWN: Meaning(ItemStatus.REQUEST_FAILED),
    AnswerKind.KEY_MAY_NOT: Meaning(
        ItemStatus.WAITING,
        "approval: key needs a key whose owner may manage users and requests: use an administrator's key, or state"
        f" approval: requester; {UNTIL_CORRECTED}",
    ),
    AnswerKind.QUOTA_EXCEEDED: Meaning(ItemStatus.WAITING),
    AnswerKind.BLOCKLISTED: Meaning(ItemStatus.BLOCKLISTED, "blocklisted on the server"),
    AnswerKind.TITLE_UNKNOWN: Meaning(ItemStatus.NOT_FOUND, "TMDB has no such title"),
    AnswerKind.TMDB_UNAVAILABLE: Meaning(
        ItemStatus.WAITING, "the server could not reach TMDB; the next run requests it again"
    ),
    AnswerKind.TVDB_CONFLICT: Meaning(
        ItemStatus.UNSUPPORTED, "another show on the server holds the same TVDB id", is_sure=False
    ),
    AnswerKind.DATABASE_CONFLICT: Meaning(
        ItemStatus.REQUEST_FAILED, "the server's database refused it twice", is_sure=False
    ),
    AnswerKind.REJECTED: Meaning(ItemStatus.REQUEST_FAILED),
}


def outcome_of(request: Request, answer: RequestAnswer) -> RequestOutcome:
    """Return what the server's answer means for the title."""
    if answer.kind is AnswerKind.NOTHING_LEFT and request.seasons == (SPECIALS,):
        # Measured: Seerr and Jellyseerr take no request for specials alone unless they are set up for it.
        return RequestOutcome(request, ItemStatus.UNSUPPORTED, "the server takes no request for specials")
    if answer.kind is AnswerKind.REQUESTER_UNKNOWN and request.is_requester_stated:
        return RequestOutcome(request, ItemStatus.WAITING, _without_requester(request))
    return RequestOutcome(request, MEANINGS[answer.kind].status, _reason(request, answer), answer.request_id)


def _reason(request: Request, answer: RequestAnswer) -> str:
    if answer.kind is AnswerKind.CREATED:
        return _created(request, answer)
    if answer.kind is AnswerKind.QUOTA_EXCEEDED:
        return f"{_quota(request)}; {ASKED_LATER}"
    if answer.kind in (AnswerKind.NO_PERMISSION, AnswerKind.REQUESTER_UNKNOWN):
        kind = request.match.media_type.plural
        return f"user {request.requester_id} may not request {kind}: {answer.message}"
    return MEANINGS[answer.kind].reason or f"the server refused: {answer.message or 'no reason given'}"


def _without_requester(request: Request) -> str:
    problem = f"user {request.requester_id}, the requester of {request.list_ref.label}, is not on the server any more"
    return f"{problem}: state another one; {UNTIL_CORRECTED}"


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
