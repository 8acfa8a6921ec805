"""Classification of HTTP answers, in one place for every service: challenge, limit, refusal, absence, outage."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.json_documents import SHORT_BYTES
from list_sync.errors import (
    AuthenticationFailed,
    Blocked,
    NeedsVip,
    RateLimited,
    Refused,
    ResourceNotFound,
    ServiceError,
    ServiceUnavailable,
    UnexpectedResponse,
)

Explanation = Callable[[HttpAnswer], ServiceError | None]

_WAF_MARKS = (b"gokuProps", b"awswaf")
_CLOUDFLARE_MARKS = (b"Just a moment", b"Sorry, you have been blocked", b"error code: 1015", b"Error 1015")
_RATE_MARKS = (b"error code: 1015", b"Error 1015")
_KEY_WORDS = ("api key", "apikey", "api_key", "token", "client id", "client_id", "credential", "unauthorized")
# A longer pause would lead past the last date that Python has.
LONGEST_ASKED_SECONDS = 366 * 86400.0
_WORDS_KEYS = ("error_description", "error", "message", "status_message", "detail")


def classify(
    answer: HttpAnswer, *, is_json_due: bool = True, explain: Explanation | None = None
) -> ServiceError | None:
    """Return the error that an answer means, or None if the answer can be read.

    `explain` reads the error bodies of one service. It is called if the answer is no challenge.
    """
    challenge = find_challenge(answer)
    if challenge is not None:
        return challenge
    explained = explain(answer) if explain else None
    if explained is not None:
        return explained
    if answer.status >= 300:
        return _error_of_status(answer)
    if is_json_due and answer.is_html:
        title = f' "{answer.page_title}"' if answer.page_title else ""
        return UnexpectedResponse(answer.service, f"a web page{title}, expected JSON: blocked, or the source changed")
    return None


def expect_success(answer: HttpAnswer, explain: Explanation | None = None, *, is_json_due: bool = True) -> HttpAnswer:
    """Return the answer; raise the error that it means, if it means one."""
    error = classify(answer, is_json_due=is_json_due, explain=explain)
    if error is not None:
        raise error
    return answer


def find_challenge(answer: HttpAnswer) -> Blocked | None:
    """Return the name of the filter that answered in place of the service, or nothing."""
    start = answer.content[:100_000]
    if "x-amzn-waf-action" in answer.headers or answer.status == 202 or (answer.is_html and _has(start, _WAF_MARKS)):
        return _blocked(answer, "AWS WAF answered with a challenge")
    if "cf-mitigated" in answer.headers:
        return _blocked(answer, "Cloudflare answered with a challenge")
    # Error 1015 may come as plain text; the other two are pages.
    is_cloudflare = answer.headers.get("Server", "").lower() == "cloudflare"
    if answer.status in {403, 429, 503} and is_cloudflare and _has(start, _CLOUDFLARE_MARKS):
        what = "rate limited by Cloudflare (error 1015)" if _has(start, _RATE_MARKS) else "Cloudflare blocks us"
        return _blocked(answer, what)
    return None


def _has(content: bytes, marks: tuple[bytes, ...]) -> bool:
    return any(mark in content for mark in marks)


def _blocked(answer: HttpAnswer, what: str) -> Blocked:
    pause = retry_after_seconds(answer.headers)
    return Blocked(answer.service, f"blocked: {what} in place of the source{_pause_text(pause)}", retry_after=pause)


def _error_of_status(answer: HttpAnswer) -> ServiceError:
    words = find_words(answer)
    said = f": {words}" if words else ""
    service, status = answer.service, answer.status
    if status == 429:
        pause = retry_after_seconds(answer.headers)
        return RateLimited(service, f"rate limited{_pause_text(pause)}{said}", retry_after=pause)
    if status == 401 or (status == 403 and any(word in words.lower() for word in _KEY_WORDS)):
        return AuthenticationFailed(service, f"the key or token was refused (HTTP {status}){said}")
    if status == 403 and answer.is_html:
        return _blocked(answer, "a filter answered with a web page (HTTP 403)")
    if status in _MEANINGS:
        kind, meaning = _MEANINGS[status]
        return kind(service, f"{meaning} (HTTP {status}){said}")
    if status >= 500:
        return ServiceUnavailable(service, f"the service is in trouble (HTTP {status}){said}")
    return UnexpectedResponse(service, f"HTTP {status}, expected an answer{said}")


_MEANINGS: Mapping[int, tuple[type[ServiceError], str]] = {
    403: (Refused, "private or forbidden"),
    404: (ResourceNotFound, "not found"),
    410: (ResourceNotFound, "not found, it is gone"),
    423: (Refused, "the account is locked or deactivated"),
    426: (NeedsVip, "only for paying (VIP) accounts"),
}


def find_words(answer: HttpAnswer) -> str:
    """Return the service's own error message as one line of at most 200 characters, or nothing.

    A long document is no message, and would take much memory as a value.
    """
    if len(answer.content) > SHORT_BYTES:
        return ""
    try:
        document: object = json.loads(answer.content)
    except (ValueError, RecursionError):
        return ""
    words = _words_in(document)
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())[:200]


def _words_in(document: object) -> str:
    if not isinstance(document, dict):
        return ""
    for key in _WORDS_KEYS:
        value = document.get(key)
        if isinstance(value, str):
            return value
        if isinstance(value, dict) and isinstance(value.get("message"), str):
            return str(value["message"])
    errors = document.get("errors")
    if isinstance(errors, list) and errors:
        return errors[0] if isinstance(errors[0], str) else _words_in(errors[0])
    return ""


def retry_after_seconds(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Return how many seconds the service asks us to wait, if it states a time.

    It may state it in Retry-After (seconds or a date), Trakt's X-Ratelimit (JSON with `until`) or X-RateLimit-Reset
    (epoch).
    """
    moment = server_time(headers) or now or datetime.now(UTC)
    for read, name in (
        (_from_retry_after, "Retry-After"),
        (_from_until, "X-Ratelimit"),
        (_from_epoch, "X-RateLimit-Reset"),
    ):
        value = headers.get(name, "").strip()
        seconds = read(value, moment) if value else None
        if seconds is not None:
            return min(max(0.0, seconds), LONGEST_ASKED_SECONDS)
    return None


def server_time(headers: Mapping[str, str]) -> datetime | None:
    """Return the time on the sender's clock. All times in the answer refer to that clock, and ours may be wrong."""
    try:
        return _aware(parsedate_to_datetime(headers.get("Date", "")))
    except (ValueError, OverflowError):
        return None


def _from_retry_after(value: str, now: datetime) -> float | None:
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return (_aware(parsedate_to_datetime(value)) - now).total_seconds()
    except (ValueError, OverflowError):
        return None


def _from_until(value: str, now: datetime) -> float | None:
    until = find_moment(json_object(value).get("until"))
    return None if until is None else (until - now).total_seconds()


def _from_epoch(value: str, now: datetime) -> float | None:
    number = find_number(value)
    return None if number is None else number - now.timestamp()


def json_object(text: str) -> Mapping[str, object]:
    """Return the JSON object in a header; an empty one for anything else."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def find_moment(value: object) -> datetime | None:
    """Return the time in a text in ISO format, which is in UTC unless it says otherwise."""
    try:
        return _aware(datetime.fromisoformat(str(value)))
    except ValueError:
        return None


def find_number(text: str | None) -> int | None:
    """Return the number in a header, if it is one of seconds or requests."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _pause_text(pause: float | None) -> str:
    return f", it asks for a pause of {pause:.0f} s" if pause else ""
