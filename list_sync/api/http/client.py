"""The HTTP client of all services: sessions, retries, limits, and translation of errors of requests and urllib3."""

import contextlib
import io
import logging
import threading
from collections.abc import Mapping
from functools import partial
from typing import Any, cast
from urllib.parse import urlsplit

import requests
import tenacity
import urllib3

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.classifier import Explanation, expect_success, find_challenge, retry_after_seconds
from list_sync.api.http.conditional import KnownAnswers, answer_key, unchanged
from list_sync.api.http.failures import translate_failure
from list_sync.api.http.limits import HostLimits
from list_sync.api.http.session import Session
from list_sync.api.http.watch import Watch, watching
from list_sync.errors import AnswerLost, RateLimited, ServiceError, SyncCancelled, UnexpectedResponse
from list_sync.footprint import Part, hold, receive
from list_sync.version import __version__

__all__ = ["HttpAnswer", "HttpClient"]

logger = logging.getLogger(__name__)

PROJECT_URL = "https://github.com/Woahai321/list-sync"
USER_AGENT = f"ListSync/{__version__} (+{PROJECT_URL})"
LONGEST_PAUSE_SECONDS = 60.0
_PART_BYTES = 64 * 1024
# Millions of chunks of one byte would take a minute of computing time.
MOST_PARTS = 400_000
# The time limit of a whole exchange, in units of the longest silence.
TIMEOUTS_PER_EXCHANGE = 4


class HttpClient:
    """A session with one service; safe to share between threads.

    `retry_attempts` is the total number of tries of a read. When `stop` is set, waiting and reading end with
    SyncCancelled. `limits` are the rate limits of the hosts, shared with other clients. `known_answers` are kept
    answers that need no second transfer while they are unchanged. `allows_private` lets public hosts redirect to
    addresses of this machine and of private networks.
    """

    def __init__(
        self,
        service: str,
        *,
        timeout_seconds: float = 30.0,
        retry_attempts: int = 3,
        stop: threading.Event | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 32 * 1024 * 1024,
        limits: HostLimits | None = None,
        known_answers: KnownAnswers | None = None,
        allows_private: bool = False,
    ) -> None:
        self.service = service
        self._limits = limits
        self._known_answers = known_answers
        self._timeout_seconds = timeout_seconds
        self._limit_seconds = TIMEOUTS_PER_EXCHANGE * timeout_seconds
        self._attempts = max(1, retry_attempts)
        self.stop = stop or threading.Event()
        self._max_bytes = max_bytes
        self._allows_private = allows_private
        self._session = Session()
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json, */*;q=0.5"})
        self._session.headers.update(headers or {})

    def __repr__(self) -> str:
        return f"HttpClient({self.service!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what makes a client for the same service in another process; it shares no limits and no answers."""
        client = partial(
            HttpClient,
            timeout_seconds=self._timeout_seconds,
            retry_attempts=self._attempts,
            allows_private=self._allows_private,
        )
        return client, (self.service,)

    def send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        data: Mapping[str, str] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        retry: bool = False,
        allow_redirects: bool = True,
    ) -> HttpAnswer:
        """Return the answer to one exchange without judging its status.

        Raise ServiceUnavailable if the server was not reached, AnswerLost if it was reached but the answer is missing
        or cut short, UnexpectedResponse for an answer over the size limit, SyncCancelled when the stop event is set.
        """
        parts = {"params": params, "json": json, "data": data, "headers": headers, "allow_redirects": allow_redirects}
        if retry:
            return self._retrying()(self._exchange, method, url, parts, is_write=False)
        return self._exchange(method, url, parts, is_write=method != "GET")

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        explain: Explanation | None = None,
    ) -> HttpAnswer:
        """Return the answer to a read, with retries; raise the matching error for any answer that is not a success."""
        return expect_success(self._read_once(url, params, headers), explain, is_json_due=False)

    def get_json(
        self,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        explain: Explanation | None = None,
    ) -> object:
        """Return the JSON document at `url`; raise the matching error for anything else."""
        return expect_success(self._read_once(url, params, headers), explain).json()

    def post_json(
        self, url: str, body: object, *, headers: Mapping[str, str] | None = None, explain: Explanation | None = None
    ) -> HttpAnswer:
        """Return the answer to a read by POST (GraphQL), with retries and errors as in get."""
        return expect_success(self.send("POST", url, json=body, headers=headers, retry=True), explain)

    def pause(self, seconds: float) -> None:
        """Wait; raise SyncCancelled when the stop event is set."""
        if self.stop.wait(seconds):
            raise SyncCancelled(f"stopped while {self.service} was given a pause")

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._session.close()

    def _read_once(
        self, url: str, params: Mapping[str, str | int] | None, headers: Mapping[str, str] | None
    ) -> HttpAnswer:
        """Return the answer to a read, or the kept answer if the service says that it is unchanged."""
        if self._known_answers is None:
            return self.send("GET", url, params=params, headers=headers, retry=True)
        key = answer_key(self.service, url, params, headers)
        known = self._known_answers.find(key)
        asking = {**(headers or {}), **known[1]} if known else headers
        answer = self.send("GET", url, params=params, headers=asking, retry=True)
        if known and answer.status == 304:
            return unchanged(known[0], answer)
        self._known_answers.keep(key, answer)
        return answer

    def _retrying(self) -> tenacity.Retrying:
        return tenacity.Retrying(
            stop=self._has_tried_enough,
            wait=_pause_before_retry,
            sleep=self.pause,
            retry=tenacity.retry_if_exception(_is_worth_retrying) | tenacity.retry_if_result(_asks_for_retry),
            before_sleep=self._log_retry,
            retry_error_callback=_last_outcome,
        )

    def _has_tried_enough(self, state: tenacity.RetryCallState) -> bool:
        # The tries together, without the pauses between them, may take the time of one exchange.
        spent = (state.seconds_since_start or 0.0) - state.idle_for
        return state.attempt_number >= self._attempts or spent >= self._limit_seconds

    def _log_retry(self, state: tenacity.RetryCallState) -> None:
        failure = state.outcome.exception() if state.outcome else None
        what = failure if failure else "a busy answer"
        logger.debug("%s: try %d gave %s", self.service, state.attempt_number, what)

    def _exchange(self, method: str, url: str, parts: dict[str, Any], *, is_write: bool) -> HttpAnswer:
        if self.stop.is_set():
            raise SyncCancelled(f"stopped before {self.service} was asked")
        if self._limits is not None:
            self._limits.wait_for_turn(url, service=self.service, stop=self.stop)
        watch = Watch(
            self.service,
            stop=self.stop,
            silence_seconds=self._timeout_seconds,
            seconds=self._limit_seconds,
            max_bytes=self._max_bytes,
            is_write=is_write,
            allows_private=self._allows_private,
        )
        try:
            with (
                watching(watch),
                self._session.request(method, url, stream=True, timeout=watch.slice_seconds, **parts) as response,
            ):
                if self._limits is not None:
                    self._limits.note(url, response.status_code, response.headers)
                return self._answer_of(response)
        # requests raises ValueError for a redirect to an invalid address.
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            failure = translate_failure(self.service, error, url)
        if isinstance(failure, AnswerLost) and watch.is_over():
            failure = AnswerLost(self.service, f"the answer was not complete after {watch.seconds:.0f} s")
        # Raised outside the handler: the library's message holds the whole address, with the keys in its query.
        raise failure

    def _answer_of(self, response: requests.Response) -> HttpAnswer:
        return HttpAnswer(
            status=response.status_code,
            headers=response.headers,
            content=b"" if response.is_redirect else self._read(response),
            url=_bare_address(response.url),
            service=self.service,
            cookies={cookie.name: cookie.value or "" for cookie in response.cookies},
        )

    def _read(self, response: requests.Response) -> bytes:
        stated = response.headers.get("Content-Length", "")
        if stated.isascii() and stated.isdigit() and int(stated[:18]) > self._max_bytes:
            raise self._too_large()
        # Its bytes can be taken without a copy.
        body = io.BytesIO()
        parts = iter(partial(response.raw.read1, _PART_BYTES, decode_content=True), b"")
        for number, part in enumerate(parts):
            body.write(part)
            if body.tell() > self._max_bytes:
                raise self._too_large()
            if number > MOST_PARTS:
                raise UnexpectedResponse(self.service, "an answer in too many tiny parts, which is refused")
            receive(len(part))
            hold(Part.DOCUMENT, body.tell())
        return body.getvalue()

    def _too_large(self) -> UnexpectedResponse:
        size = (
            f"{self._max_bytes / 1024 / 1024:.0f} MB" if self._max_bytes >= 1024 * 1024 else f"{self._max_bytes} bytes"
        )
        return UnexpectedResponse(self.service, f"an answer over {size}, which is refused")


def _is_worth_retrying(error: BaseException) -> bool:
    # A raised RateLimited comes from our own count, which a second try does not change.
    return isinstance(error, ServiceError) and error.retryable and not isinstance(error, RateLimited)


def _asks_for_retry(answer: HttpAnswer) -> bool:
    if answer.status != 429 and answer.status < 500:
        return False
    # A retry before the requested time makes a limit longer. After a pause that is too long, the next run tries again.
    pause = retry_after_seconds(answer.headers) or 0.0
    return pause <= LONGEST_PAUSE_SECONDS and find_challenge(answer) is None


_exponential = tenacity.wait_exponential_jitter(multiplier=0.5, max=15.0, jitter=0.5)


def _pause_before_retry(state: tenacity.RetryCallState) -> float:
    pause = _exponential(state)
    if state.outcome is None or state.outcome.failed:
        return pause
    return max(pause, retry_after_seconds(state.outcome.result().headers) or 0.0)


def _last_outcome(state: tenacity.RetryCallState) -> HttpAnswer:
    return cast(HttpAnswer, state.outcome.result() if state.outcome else None)


def _bare_address(url: str) -> str:
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return ""
