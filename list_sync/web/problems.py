"""Answers that say what went wrong, in the form of RFC 9457."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from secrets import token_hex
from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from list_sync.errors import ConfigError, InvalidListId, PlanRefused, QueueFull, ServiceError, StorageError
from list_sync.web.wording import describe_errors, describe_status, name_status

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """A request that cannot be answered as it was meant; `detail` tells people what to do."""

    def __init__(self, status: HTTPStatus, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.detail = detail
        self.headers = headers
        super().__init__(detail)


class ProblemAnswer(BaseModel):
    """What went wrong, and what to do (RFC 9457)."""

    type: Literal["about:blank"]
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["there is no run 42"])


_WORDS = {
    400: "the request is not understood",
    401: "no token, or one that is not known",
    403: "the token does not allow this",
    404: "there is no such thing",
    408: "the body did not arrive in time",
    409: "this is not possible any more",
    413: "the body is too large",
    415: "the body is not JSON",
    421: "the host name is not known: see WEB_ALLOWED_HOSTS",
    422: "a value is not accepted; `detail` names it",
    429: "too many requests, or too many syncs that wait: wait as long as Retry-After says",
    502: "the media-request server does not answer, or not as expected",
    503: "the database cannot be used at the moment, or too many large bodies arrive at once",
}


def may_answer(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of the problems that a route may answer with."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}}}
    return {status: {"description": _WORDS[status], "content": content} for status in statuses}


UNUSABLE = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "the database cannot be used at the moment; the log and /health say more",
    headers={"Retry-After": "10"},
)


def answer_problem(problem: Problem) -> Response:
    """Return the answer to a request with a problem."""
    body = {
        "type": "about:blank",
        "title": name_status(problem.status),
        "status": problem.status,
        "detail": problem.detail,
    }
    # A name of a file may hold what is no text.
    text = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return Response(text, problem.status, headers=dict(problem.headers or {}), media_type=MEDIA_TYPE)


def name_fault(scope: Scope) -> str:
    """Return the number under which the log and the answer tell of the fault of a request: `7f3a-0512`."""
    number: str = scope.setdefault("state", {}).setdefault("fault", f"{token_hex(2)}-{token_hex(2)}")
    return number


Answer = Callable[[Request, Problem], Response]


def add_handlers(app: FastAPI, answer: Answer) -> None:
    """Make every error an answer that `answer` builds."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> Response:
        return answer(request, error)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        detail = describe_status(error.status_code, request.method)
        return answer(request, Problem(HTTPStatus(error.status_code), detail, headers=error.headers))

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        return answer(request, Problem(HTTPStatus.UNPROCESSABLE_ENTITY, describe_errors(error.errors())))

    @app.exception_handler(InvalidListId)
    @app.exception_handler(ConfigError)
    async def _refused(request: Request, error: Exception) -> Response:
        return answer(request, Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)))

    @app.exception_handler(PlanRefused)
    async def _outdated(request: Request, error: PlanRefused) -> Response:
        return answer(request, Problem(HTTPStatus.CONFLICT, str(error)))

    @app.exception_handler(ServiceError)
    async def _unanswered(request: Request, error: ServiceError) -> Response:
        return answer(request, Problem(HTTPStatus.BAD_GATEWAY, str(error)))

    @app.exception_handler(QueueFull)
    async def _full(request: Request, error: QueueFull) -> Response:
        return answer(request, Problem(HTTPStatus.TOO_MANY_REQUESTS, str(error), headers={"Retry-After": "60"}))

    @app.exception_handler(StorageError)
    async def _storage(request: Request, _error: StorageError) -> Response:
        return answer(request, UNUSABLE)

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, _error: Exception) -> Response:
        detail = f"this is a fault of ListSync; the log says more under {name_fault(request.scope)}"
        return answer(request, Problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail))
