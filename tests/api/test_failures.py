"""What a third-party provider's own requests raise, told as our errors."""

import pytest
import requests

from list_sync.api.http.failures import find_failure
from list_sync.errors import (
    AnswerLost,
    AuthenticationFailed,
    ListSyncError,
    RateLimited,
    Refused,
    ResourceNotFound,
    ServiceUnavailable,
    UnexpectedResponse,
)
from tests.fakes.scripted_server import ScriptedServer, Served


def failure_of(url: str, **more: object) -> ListSyncError | None:
    try:
        response = requests.get(url, timeout=2, **more)
        response.raise_for_status()
        response.json()
    except requests.RequestException as error:
        return find_failure("theirs", error)
    return None


@pytest.mark.parametrize(
    ("served", "error"),
    [
        (Served({}, 401), AuthenticationFailed),
        (Served({}, 403), Refused),
        (Served({}, 404), ResourceNotFound),
        (Served({}, 429), RateLimited),
        (Served({}, 503), ServiceUnavailable),
        (Served({}, 418), UnexpectedResponse),
        (Served("<html>"), UnexpectedResponse),
        (Served(cut_after=-1), AnswerLost),
        (Served(b"[1, 2]", headers={"Content-Encoding": "gzip"}), UnexpectedResponse),
    ],
)
def test_an_exception_of_requests_is_our_error_without_its_address(served: Served, error: type[ListSyncError]):
    with ScriptedServer([served]) as server:
        found = failure_of(f"{server.url}/list?key=SECRET")

    assert type(found) is error
    assert "SECRET" not in str(found)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1:1/?key=SECRET", ServiceUnavailable),
        ("nonsense", UnexpectedResponse),
        ("http://", UnexpectedResponse),
    ],
)
def test_an_address_that_gives_nothing_is_our_error(url: str, error: type[ListSyncError]):
    found = failure_of(url)

    assert type(found) is error
    assert "SECRET" not in str(found)


def test_other_exceptions_are_not_ours_to_tell():
    assert find_failure("theirs", ValueError("x")) is None
    assert find_failure("theirs", KeyError("x")) is None
