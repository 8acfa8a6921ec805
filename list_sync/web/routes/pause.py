"""The pause: a time in which no sync starts."""

from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter, Request

from list_sync.errors import ConfigError
from list_sync.model.access import Scope
from list_sync.model.pauses import parse_pause
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.orders import PauseAnswer, PauseOrder
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer


def routes(parts: Parts) -> APIRouter:
    """Return the routes of the pause."""
    router = APIRouter(prefix="/api/pause", tags=["runs"])

    @router.get("", response_model=PauseAnswer, dependencies=[needs(Scope.READ)])
    def find() -> PauseAnswer:
        """Tell until when no sync starts."""
        return PauseAnswer(paused_until=parts.daemon.find_pause())

    @router.post("", response_model=PauseAnswer, dependencies=[needs(Scope.TRIGGER)], responses=may_answer(422))
    def begin(order: PauseOrder, request: Request) -> PauseAnswer:
        """Let no sync start for a time; a sync that works goes on, and what is asked for meanwhile waits."""
        return PauseAnswer(paused_until=begin_pause(parts, order, request))

    @router.delete("", response_model=PauseAnswer, dependencies=[needs(Scope.TRIGGER)])
    def end(request: Request) -> PauseAnswer:
        """Let syncs start again."""
        end_pause(parts, request)
        return PauseAnswer(paused_until=None)

    return router


def begin_pause(parts: Parts, order: PauseOrder, request: Request) -> datetime:
    """Let no sync start for a time and return its end; raise Problem for a time that is over, or too long."""
    until = find_end(order, parts, what="pause")
    tell_deed(request.scope, "pause", f"until {until:%Y-%m-%d %H:%M:%S %z}")
    parts.daemon.pause(until)
    return until


def end_pause(parts: Parts, request: Request) -> None:
    """Let syncs start again."""
    tell_deed(request.scope, "end pause")
    parts.daemon.pause(None)


def find_end(order: PauseOrder, parts: Parts, *, what: str) -> datetime:
    """Return the end that an order means; raise a problem if it is over, or too far ahead."""
    wanted = order.length if order.until is None else order.until.isoformat()
    try:
        return parse_pause(wanted or "", zone=parts.settings.process.zone, now=parts.now())
    except ConfigError:
        detail = f"the {what} is over already, or longer than 366 days: give another length or time"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail) from None
