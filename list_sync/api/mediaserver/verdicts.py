"""Answers that are not from the API: login pages, redirects, failures; each becomes an error with advice."""

from urllib.parse import urlsplit

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.classifier import retry_after_seconds
from list_sync.api.mediaserver.payloads import SERVICE, find_message
from list_sync.errors import (
    AuthenticationFailed,
    RateLimited,
    Refused,
    ResourceNotFound,
    ServiceUnavailable,
    UnexpectedResponse,
)

KEY_REFUSED = "the server refused the API key: copy it again from the server's Settings, General (OVERSEERR_API_KEY)"
_ADDRESS_ADVICE = "set OVERSEERR_URL to the server itself, with its path prefix, and let /api/ pass any login before it"


def find_body(answer: HttpAnswer) -> object:
    """Return the JSON of an answer, or None if it is not JSON."""
    try:
        return answer.json()
    except UnexpectedResponse:
        return None


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
