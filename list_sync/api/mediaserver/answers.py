"""What the server's answer to POST /request means: one kind for each row of the measured table."""

import re
from collections.abc import Mapping

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.mediaserver.payloads import SERVICE, find_message, parse_season_numbers
from list_sync.api.mediaserver.verdicts import expect_success, find_body
from list_sync.errors import AnswerLost, ServiceUnavailable
from list_sync.model.servers import AnswerKind, RequestAnswer, RequestStatus

# S and O: "...: Request failed with status code 404", J: "...: 404 Not Found: {json}".
_TMDB_STATUS = re.compile(r"status code (\d{3})\b|: (\d{3}) ")

# What innocent requests are answered while other clients' transactions fail around them (measured).
_DATABASE_ERROR = re.compile(r"SQLITE_|constraint failed|duplicate key value|transaction", re.IGNORECASE)

_NO_REASON = ("", "internal server error")

_REFUSALS = (
    ("you do not have permission", AnswerKind.NO_PERMISSION),
    ("quota exceeded", AnswerKind.QUOTA_EXCEEDED),
    ("is blacklisted", AnswerKind.BLOCKLISTED),
    ("is blocklisted", AnswerKind.BLOCKLISTED),
)


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
        return RequestAnswer(_refusal_kind(message), message)
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


def _refusal_kind(message: str) -> AnswerKind:
    words = message.casefold()
    return next((kind for part, kind in _REFUSALS if part in words), AnswerKind.REJECTED)


def _failure_kind(message: str) -> AnswerKind:
    if message.startswith("[TMDB]"):
        return AnswerKind.TITLE_UNKNOWN if _tmdb_status(message) == "404" else AnswerKind.TMDB_UNAVAILABLE
    if "UNIQUE constraint failed: media.tvdbId" in message:
        return AnswerKind.TVDB_CONFLICT
    if message.startswith('Could not find any entity of type "User"'):
        return AnswerKind.NO_PERMISSION
    if _DATABASE_ERROR.search(message):
        return AnswerKind.DATABASE_CONFLICT
    return AnswerKind.REJECTED


def _tmdb_status(message: str) -> str:
    found = _TMDB_STATUS.search(message)
    return (found[1] or found[2]) if found else ""
