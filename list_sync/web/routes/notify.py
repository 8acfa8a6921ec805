"""A test message to each service of NOTIFY_URLS and DISCORD_WEBHOOK_URL."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from list_sync.model.access import Scope
from list_sync.notifying.trying import UNSET, try_channels
from list_sync.telling import find_audience
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer


class Channel(BaseModel):
    """What came of the test of one service."""

    service: str = Field(examples=["Discord"])
    arrived: bool
    reason: str = Field(examples=[""], description="why the message did not arrive")


class TestAnswer(BaseModel):
    """What came of the test of each service."""

    channels: list[Channel]


def routes(parts: Parts) -> APIRouter:
    """Return the route of the test."""
    router = APIRouter(prefix="/api/notify", tags=["settings"])

    @router.post(
        "/test", response_model=TestAnswer, dependencies=[needs(Scope.ADMIN)], responses=may_answer(HTTPStatus.CONFLICT)
    )
    def test(request: Request) -> TestAnswer:
        """Send a test message to each service that is set, and tell which took it."""
        tell_deed(request.scope, "test messages")
        return send_test(parts)

    return router


def send_test(parts: Parts) -> TestAnswer:
    """Send a test message to each service; raise Problem if none is set."""
    addresses = find_audience(parts.present).addresses
    if not addresses:
        raise Problem(HTTPStatus.CONFLICT, UNSET)
    tried = [Channel(service=one.service, arrived=not one.reason, reason=one.reason) for one in try_channels(addresses)]
    return TestAnswer(channels=tried)
