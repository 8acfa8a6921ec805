"""Exchanges over requests and urllib3: sessions, retries, and translation of errors."""

import logging
import threading
from collections.abc import Callable, Mapping, Set
from typing import Any, cast

import requests
import tenacity
import urllib3

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.bodies import MOST_BYTES_ON_THE_WAY, read_body
from list_sync.api.http.classifier import find_challenge, retry_after_seconds
from list_sync.api.http.failures import translate_failure
from list_sync.api.http.limits import HostLimits
from list_sync.api.http.peers import Reach
from list_sync.api.http.session import Session
from list_sync.api.http.watch import Watch, watching
from list_sync.errors import AnswerLost, RateLimited, ServiceError, SyncCancelled
from list_sync.model.masking import bare_address

logger = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 60.0


class Exchanges:
    """The exchanges of one client; `silence_seconds` and `seconds` are the time limits of one of them."""

    def __init__(
        self,
        service: str,
        *,
        stop: threading.Event,
        pause: Callable[[float], None],
        headers: Mapping[str, str],
        silence_seconds: float,
        seconds: float,
        attempts: int,
        max_bytes: int,
        limits: HostLimits | None,
        reach: Reach,
    ) -> None:
        self._service = service
        self._stop = stop
        self._pause = pause
        self._silence_seconds = silence_seconds
        self._seconds = seconds
        self._attempts = attempts
        self._max_bytes = max_bytes
        self._limits = limits
        self._reach = reach
        self._session = Session()
        self._session.headers.update(headers)

    def forget_cookies(self) -> None:
        """Forget the cookies of all answers so far."""
        self._session.cookies.clear()

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._session.close()

    def read(self, method: str, url: str, parts: Mapping[str, Any], *, fields: Set[str] | None) -> HttpAnswer:
        """Return the answer to a read, with retries."""
        retrying = tenacity.Retrying(
            stop=self._has_tried_enough,
            wait=_pause_before_retry,
            sleep=self._pause,
            retry=tenacity.retry_if_exception(_is_worth_retrying) | tenacity.retry_if_result(_asks_for_retry),
            before_sleep=self._log_retry,
            retry_error_callback=_last_outcome,
        )
        return retrying(self.make, method, url, parts, is_write=False, fields=fields)

    def _has_tried_enough(self, state: tenacity.RetryCallState) -> bool:
        # The tries together, without the pauses between them, may take the time of one exchange.
        spent = (state.seconds_since_start or 0.0) - state.idle_for
        return state.attempt_number >= self._attempts or spent >= self._seconds

    def _log_retry(self, state: tenacity.RetryCallState) -> None:
        failure = state.outcome.exception() if state.outcome else None
        what = failure or "a busy answer"
        logger.debug("%s: try %d gave %s", self._service, state.attempt_number, what)

    def make(
        self, method: str, url: str, parts: Mapping[str, Any], *, is_write: bool, fields: Set[str] | None
    ) -> HttpAnswer:
        """Return the answer to one exchange; raise the error of ours for one that failed."""
        if self._stop.is_set():
            raise SyncCancelled(f"stopped before {self._service} was asked")
        if self._limits is not None:
            self._limits.wait_for_turn(url, service=self._service, stop=self._stop)
        max_bytes = MOST_BYTES_ON_THE_WAY if fields else self._max_bytes
        watch = Watch(
            self._service,
            stop=self._stop,
            silence_seconds=self._silence_seconds,
            seconds=self._seconds,
            max_bytes=max_bytes,
            is_write=is_write,
            reach=self._reach,
        )
        try:
            with (
                watching(watch),
                self._session.request(method, url, stream=True, timeout=watch.slice_seconds, **parts) as response,
            ):
                if self._limits is not None:
                    self._limits.note(url, response.status_code, response.headers)
                return self._answer_of(response, max_bytes, fields)
        # requests raises ValueError for a redirect to an invalid address.
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            failure = translate_failure(self._service, error, url, is_sent=watch.is_sent)
        if isinstance(failure, AnswerLost) and watch.is_over():
            failure = AnswerLost(self._service, f"the answer was not complete after {watch.seconds:.0f} s")
        # Raised outside the handler: the library's message holds the whole address, with the keys in its query.
        raise failure

    def _answer_of(self, response: requests.Response, max_bytes: int, fields: Set[str] | None) -> HttpAnswer:
        content, document = b"", None
        if not response.is_redirect:
            content, document = read_body(response, self._service, max_bytes=max_bytes, fields=fields)
        return HttpAnswer(
            status=response.status_code,
            headers=response.headers,
            content=content,
            url=bare_address(response.url),
            service=self._service,
            cookies={cookie.name: cookie.value or "" for cookie in response.cookies},
            document=document,
        )


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
