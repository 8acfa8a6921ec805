"""What to do about each title, and what came of doing it."""

from dataclasses import dataclass
from enum import StrEnum

from list_sync.model.matches import Match, MatchResult


class ItemStatus(StrEnum):
    """The states of a list item: stored, shown and counted under these names."""

    REQUESTED = "requested"
    WOULD_REQUEST = "would_request"
    ALREADY_REQUESTED = "already_requested"
    ALREADY_AVAILABLE = "already_available"
    WAITING = "waiting"
    NEEDS_REVIEW = "needs_review"
    NOT_FOUND = "not_found"
    EXCLUDED = "excluded"
    FILTERED = "filtered"
    BLOCKLISTED = "blocklisted"
    DECLINED = "declined"
    DELETED = "deleted"
    UNSUPPORTED = "unsupported"
    REQUEST_FAILED = "request_failed"
    ERROR = "error"


FAILURES = frozenset({ItemStatus.REQUEST_FAILED, ItemStatus.ERROR})


@dataclass(frozen=True, slots=True)
class Request:
    """The decision to ask the server for a title; `seasons` is empty for a film and never for a show."""

    match: Match
    is_4k: bool
    seasons: tuple[int, ...] = ()
    requester_id: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Skip:
    """The decision to leave a title alone, the state that it is shown in, and why in one sentence."""

    subject: MatchResult
    status: ItemStatus
    reason: str


Decision = Request | Skip


@dataclass(frozen=True, slots=True)
class RequestOutcome:
    """What became of one decision."""

    decision: Decision
    status: ItemStatus
    reason: str
    request_id: int | None = None

    @property
    def result(self) -> MatchResult:
        """Return the match result that was decided upon."""
        return self.decision.match if isinstance(self.decision, Request) else self.decision.subject
