"""Refusals that would repeat in this run (quota, permission, TMDB down): such requests are not sent again."""

import logging
from dataclasses import dataclass

from list_sync.api.overseerr import OverseerrClient
from list_sync.errors import ServiceError, SyncCancelled
from list_sync.model.answers import MEANINGS, outcome_of
from list_sync.model.decisions import Request, RequestOutcome
from list_sync.model.servers import AnswerKind, RequestAnswer
from list_sync.model.terms import Approval
from list_sync.model.titles import MediaType, Quality

logger = logging.getLogger(__name__)

TMDB_FAILURES_IN_A_ROW = 5


@dataclass(slots=True)
class _Gate:
    """The refusal of one kind of title; shows with no more than `room` seasons still pass."""

    answer: RequestAnswer
    room: int = 0


class Gates:
    """The refusals of one run, by requester, kind of title and quality."""

    def __init__(self, server: OverseerrClient) -> None:
        self._server = server
        self._gates: dict[tuple[int | None, MediaType, Quality], _Gate] = {}
        self._tmdb_failures = 0
        self._without_tmdb: RequestAnswer | None = None
        self._without_key: RequestAnswer | None = None

    def find_refusal(self, request: Request) -> RequestOutcome | None:
        """Return the outcome of a request that the server is known to refuse."""
        if self._without_tmdb:
            return outcome_of(request, self._without_tmdb)
        if self._without_key and request.approval is Approval.KEY:
            return outcome_of(request, self._without_key)
        gate = self._gates.get(_key(request))
        if gate is None or 0 < len(request.seasons) <= gate.room:
            return None
        return outcome_of(request, gate.answer)

    def note(self, request: Request, answer: RequestAnswer) -> None:
        """Note what an answer means for later requests."""
        is_tmdb_down = answer.kind is AnswerKind.TMDB_UNAVAILABLE
        self._tmdb_failures = self._tmdb_failures + 1 if is_tmdb_down else 0
        if self._tmdb_failures == TMDB_FAILURES_IN_A_ROW:
            self._without_tmdb = answer
        gate = self._gates.get(_key(request))
        if answer.kind is AnswerKind.QUOTA_EXCEEDED:
            # Refused although the quota had room for it: other programs use the same quota.
            room = 0 if gate else self._read_room(request)
            self._gates[_key(request)] = _Gate(answer, room)
        elif answer.kind in (AnswerKind.NO_PERMISSION, AnswerKind.REQUESTER_UNKNOWN):
            self._gates[_key(request)] = _Gate(answer)
            if answer.kind is AnswerKind.REQUESTER_UNKNOWN and request.is_requester_stated:
                logger.warning("%s", outcome_of(request, answer).reason)
            else:
                _warn_of_permission(request)
        elif answer.kind is AnswerKind.KEY_MAY_NOT:
            self._without_key = answer
            logger.warning("%s", MEANINGS[answer.kind].reason)
        elif gate and answer.kind is AnswerKind.CREATED:
            gate.room -= len(answer.seasons or request.seasons)

    def reopen(self, request: Request) -> None:
        """Remove the refusals for a request that was lost, because its part of the quota is free again."""
        self._gates.pop(_key(request), None)

    def _read_room(self, request: Request) -> int:
        """Return how many seasons the quota has left; the server refuses a whole show with more seasons (measured)."""
        if request.match.media_type is MediaType.MOVIE:
            return 0
        try:
            quota = self._server.fetch_quotas(request.requester_id).get(MediaType.TV)
        except (ServiceError, SyncCancelled):
            return 0
        return min(quota.remaining or 0, len(request.seasons) - 1) if quota else 0


def _warn_of_permission(request: Request) -> None:
    kind = f"{'4K ' if request.quality is Quality.UHD else ''}{request.match.media_type.plural}"
    stated, remedy = "OVERSEERR_USER_ID", "set OVERSEERR_USER_ID to another one"
    if request.is_requester_stated:
        stated, remedy = f"requester of {request.list_ref.label}", "state another requester"
    logger.warning(
        "user %s (%s) may not request %s: give this user the permission on the server's page Users, or %s",
        request.requester_id,
        stated,
        kind,
        remedy,
    )


def _key(request: Request) -> tuple[int | None, MediaType, Quality]:
    return request.requester_id, request.match.media_type, request.quality
