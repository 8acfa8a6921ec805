"""Requests that vanished from the server at once: the answer of a person."""

from fastapi import APIRouter, Request
from pydantic import Field

from list_sync.correcting.resets import settle_reset
from list_sync.model.access import Scope
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.answers import Body
from list_sync.web.parts import Parts
from list_sync.web.problems import may_answer


class ResetOrder(Body):
    """What the requests that vanished at once mean."""

    ask_again: bool = Field(
        description="true: the server was set up anew, and the next sync requests their titles again; false: people"
        " deleted them, and their titles stay away"
    )


class ResetAnswer(Body):
    """How many requests were settled."""

    settled: int = Field(examples=[38])


def routes(parts: Parts) -> APIRouter:
    """Return the route that settles them."""
    router = APIRouter(tags=["titles"], dependencies=[needs(Scope.ADMIN)])

    @router.post("/api/reset", response_model=ResetAnswer, responses=may_answer(422))
    def reset(order: ResetOrder, request: Request) -> ResetAnswer:
        """Say what the requests mean that vanished from the server at once, as `accept-reset` does."""
        tell_deed(request.scope, "accept-reset", "ask again" if order.ask_again else "keep away")
        return ResetAnswer(settled=settle(parts, ask_again=order.ask_again))

    return router


def settle(parts: Parts, *, ask_again: bool) -> int:
    """Record the answer, and return how many requests it was about."""
    return settle_reset(parts.store, ask_again=ask_again)
