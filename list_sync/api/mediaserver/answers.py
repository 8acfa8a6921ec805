"""The meaning of the server's answers: errors with advice, and a kind of answer for each POST /request."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.classifier import retry_after_seconds
from list_sync.api.mediaserver.payloads import parse_season_numbers
from list_sync.api.mediaserver.rows import SERVICE, find_body, find_message
from list_sync.errors import (
    AnswerLost,
    AuthenticationFailed,
    RateLimited,
    Refused,
    ResourceNotFound,
    ServiceUnavailable,
    UnexpectedResponse,
)
from list_sync.model.servers import AnswerKind, RequestAnswer, RequestStatus

_ADDRESS_ADVICE = "set OVERSEERR_URL to the server itself, with its path prefix, and let /api/ pass any login before it"

# S and O: "...: Request failed with status code 404", J: "...: 404 Not Found: {json}".
_TMDB_STATUS = re.compile(r"status code (\d{3})\b|: (\d{3}) ")

# What innocent requests are answered while other clients' transactions fail around them (measured).
_DATABASE_ERROR = re.compile(r"SQLITE_|constraint failed|duplicate key value|transaction", re.IGNORECASE)

_NO_REASON = ("", "internal server error")

_REFUSALS = (
    ("you do not have permission to modify the request user", AnswerKind.KEY_MAY_NOT),
    ("you do not have permission", AnswerKind.NO_PERMISSION),
    ("quota exceeded", AnswerKind.QUOTA_EXCEEDED),
    ("is blacklisted", AnswerKind.BLOCKLISTED),
    ("is blocklisted", AnswerKind.BLOCKLISTED),
)


def expect_api(answer: HttpAnswer) -> None:
    """Raise the matching error for an answer that is not from the API, or that asks for a pause."""
    if answer.status == 429:
        raise RateLimited(SERVICE, "asks for a pause (HTTP 429)", retry_after=retry_after_seconds(answer.headers))
    if 300 <= answer.status < 400:
        target = _plain_location(answer.headers.get("Location", ""))
        raise UnexpectedResponse(SERVICE, f"redirects to {target} instead of answering: {_ADDRESS_ADVICE}")
    if answer.is_html and answer.status < 500:
        problem = f"answered a web page instead of JSON (HTTP {answer.status})"
        raise UnexpectedResponse(SERVICE, f"{problem}: {_ADDRESS_ADVICE}")
    if answer.status == 401:
        words = (
            "asks for a login (HTTP 401): the API key did not arrive; check OVERSEERR_API_KEY and any proxy before it"
        )
        raise AuthenticationFailed(SERVICE, words)


def expect_success(answer: HttpAnswer, path: str) -> None:
    """Raise the matching error for a read whose answer is not 2xx; the caller handles a 403 of the access check."""
    if 200 <= answer.status < 300:
        return
    words = find_message(find_body(answer)) or f"HTTP {answer.status}"
    if answer.status >= 500:
        raise ServiceUnavailable(SERVICE, f"failed at /{path} (HTTP {answer.status}): {words}")
    if answer.status == 404:
        raise ResourceNotFound(SERVICE, f"has no /api/v1/{path}: {_ADDRESS_ADVICE}")
    if answer.status == 403:
        raise Refused(SERVICE, f"refused /{path}: {words}")
    raise UnexpectedResponse(SERVICE, f"did not understand /{path} (HTTP {answer.status}): {words}")


def _plain_location(location: str) -> str:
    try:
        parts = urlsplit(location)
    except ValueError:
        return "another address"
    host = parts.netloc.rpartition("@")[2]
    return (f"{parts.scheme}://{host}" if host else "") + parts.path or "another address"


def parse_request_answer(answer: HttpAnswer) -> RequestAnswer:
    """Return what the answer to a request means.

    Raise AnswerLost if the request may have been made, and ServiceError if the server did not read it.
    """
    status, body = answer.status, find_body(answer)
    message = find_message(body)
    if status == 202:
        return RequestAnswer(AnswerKind.NOTHING_LEFT, message)
    if 200 <= status < 300:
        return _parse_created(status, body)
    if status == 409:
        return RequestAnswer(AnswerKind.DUPLICATE, message)
    if status == 403:
        refusals = (kind for words, kind in _REFUSALS if words in message.casefold())
        return RequestAnswer(next(refusals, AnswerKind.REJECTED), message)
    if status == 404:
        expect_success(answer, "request")
    if status == 503:
        raise ServiceUnavailable(SERVICE, "takes no requests just now (HTTP 503)")
    # A proxy's 502 or 504, or a 500 without words of its own, does not say whether the request was made.
    if status > 500 or (status == 500 and message.casefold() in _NO_REASON):
        raise AnswerLost(SERVICE, f"failed while it took a request (HTTP {status})")
    if status == 500:
        return RequestAnswer(_failure_kind(message), message)
    return RequestAnswer(AnswerKind.REJECTED, message or f"HTTP {status}")


def _parse_created(status: int, body: object) -> RequestAnswer:
    request_id = body.get("id") if isinstance(body, Mapping) else None
    if not isinstance(body, Mapping) or isinstance(request_id, bool) or not isinstance(request_id, int):
        raise AnswerLost(SERVICE, f"answered HTTP {status} to a request without saying which request it made")
    return RequestAnswer(
        AnswerKind.CREATED,
        request_id=request_id,
        status=RequestStatus.of(body.get("status")),
        seasons=parse_season_numbers(body.get("seasons")),
    )


def _failure_kind(message: str) -> AnswerKind:
    if message.startswith("[TMDB]"):
        status = _TMDB_STATUS.search(message)
        return AnswerKind.TITLE_UNKNOWN if status and "404" in status.groups() else AnswerKind.TMDB_UNAVAILABLE
    if "UNIQUE constraint failed: media.tvdbId" in message:
        return AnswerKind.TVDB_CONFLICT
    if message.startswith('Could not find any entity of type "User"'):
        return AnswerKind.REQUESTER_UNKNOWN
    if _DATABASE_ERROR.search(message):
        return AnswerKind.DATABASE_CONFLICT
    return AnswerKind.REJECTED
