"""Reading pages in a browser: open, wait for the wanted part, pass challenges and cookie pages, explain failures."""

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from list_sync.browser.chromium import BrowserFailure
from list_sync.browser.session import Browser, BrowserLost
from list_sync.browser.turns import Turns
from list_sync.errors import (
    Blocked,
    RateLimited,
    ResourceNotFound,
    ServiceError,
    ServiceUnavailable,
    SyncCancelled,
    UnexpectedResponse,
)

MOST_CHARACTERS = 32 * 1024 * 1024
_LOOK_SECONDS = 0.2
_ANSWER_SECONDS = 15.0
# Scripts may still fill a page after it is complete; a refusal does not change.
_SETTLING_SECONDS = 3.0
_CHALLENGE_SECONDS = 20.0
_MOST_ACCEPTS = 3
_MOST_PAGES = 2_000
_MISSING = (404, 410)


@dataclass(frozen=True, slots=True)
class WantedPages:
    """The pages to read: the first address, what to wait for, and how to get to the next page."""

    url: str
    service: str
    wait_for: str
    accept: str | None = None
    then_click: str | None = None
    pause_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Seen:
    """The state of a page at one moment, as look.js reports it."""

    found: int
    mark: str
    url: str
    status: int
    title: str
    challenge: str
    is_complete: bool
    can_accept: bool
    has_next: bool


class Visit:
    """The reading of wanted pages with one browser."""

    def __init__(
        self, browser: Browser, wanted: WantedPages, turns: Turns, *, stop: threading.Event, timeout_seconds: float
    ) -> None:
        self._browser = browser
        self._wanted = wanted
        self._turns = turns
        self._stop = stop
        self._timeout_seconds = timeout_seconds

    def pages(self) -> Iterator[str]:
        """Yield the HTML of each page; raise ServiceErrors, BrowserLost or SyncCancelled."""
        with self._turn():
            self._ask({"order": "open", "url": self._wanted.url})
            seen = self._wait(mark="")
            html = self._read()
        for _ in range(_MOST_PAGES):
            yield html
            if not self._wanted.then_click or not seen.has_next:
                return
            with self._turn():
                self._ask({"order": "click", "selector": self._wanted.then_click})
                seen = self._wait(mark=seen.mark)
                html = self._read()
        raise self._unexpected(f"gave up after {_MOST_PAGES} pages")

    def _turn(self) -> Any:
        return self._turns.at(self._wanted.url, pause_seconds=self._wanted.pause_seconds)

    def _read(self) -> str:
        return str(self._ask({"order": "read", "most": MOST_CHARACTERS})["html"])

    def _wait(self, *, mark: str) -> Seen:
        """Wait until the page has the wanted part, differs from `mark` and no longer changes; return its state."""
        began = time.monotonic()
        accepts = 0
        earlier = ""
        complete_at: float | None = None
        while True:
            seen = self._look()
            if seen.found and seen.mark not in ("", mark):
                if seen.mark == earlier and seen.status in _MISSING:
                    # An error page may look like the wanted one.
                    raise ResourceNotFound(self._wanted.service, f"not found (HTTP {seen.status})")
                if seen.mark == earlier:
                    return seen
                earlier = seen.mark
            elif seen.can_accept and accepts < _MOST_ACCEPTS:
                self._ask({"order": "click", "selector": self._wanted.accept})
                accepts += 1
            now = time.monotonic()
            complete_at = (complete_at or now) if seen.is_complete else None
            resting_seconds = now - complete_at if complete_at else 0.0
            failure = None if seen.found and not mark else self._find_failure(seen, now - began, resting_seconds)
            if failure is not None:
                raise failure
            if now - began > self._timeout_seconds:
                raise self._out_of_time(seen, mark)
            if self._stop.wait(_LOOK_SECONDS):
                raise SyncCancelled(f"{self._wanted.service}: stopped while waiting for a page")

    def _look(self) -> Seen:
        wanted = self._wanted
        order = {"order": "look", "wait_for": wanted.wait_for, "accept": wanted.accept, "next": wanted.then_click}
        answer = self._ask(order)
        return Seen(
            found=int(answer["found"]),
            mark=str(answer["mark"]),
            url=str(answer["url"]),
            status=int(answer["status"]),
            title=str(answer["title"]),
            challenge=str(answer["challenge"]),
            is_complete=bool(answer["isComplete"]),
            can_accept=bool(answer["canAccept"]),
            has_next=bool(answer["hasNext"]),
        )

    def _find_failure(self, seen: Seen, waited_seconds: float, resting_seconds: float) -> ServiceError | None:
        """Return the error for a page that will not become the wanted one."""
        service = self._wanted.service
        if seen.challenge:
            if waited_seconds < min(_CHALLENGE_SECONDS, self._timeout_seconds):
                return None
            return Blocked(service, f"blocked: {seen.challenge} puts a challenge before the page, and it stays")
        if seen.url.startswith("chrome-error:"):
            host = urlsplit(self._wanted.url).hostname
            return ServiceUnavailable(service, f"{host} cannot be reached by the browser")
        if resting_seconds < min(_SETTLING_SECONDS, self._timeout_seconds / 2):
            return None
        return self._error_of_status(seen.status)

    def _error_of_status(self, status: int) -> ServiceError | None:
        service = self._wanted.service
        if status in _MISSING:
            return ResourceNotFound(service, f"not found (HTTP {status})")
        if status == 429:
            return RateLimited(service, "rate limited (HTTP 429)")
        if status in (401, 403, 405):
            return Blocked(service, f"blocked: a filter answered in place of the page (HTTP {status})")
        if status >= 500:
            return ServiceUnavailable(service, f"the service is in trouble (HTTP {status})")
        return None

    def _out_of_time(self, seen: Seen, mark: str) -> ServiceError:
        if mark and seen.mark == mark:
            return self._unexpected("the next page never came")
        if not seen.url:
            return self._unanswered()
        if not seen.is_complete:
            host = urlsplit(self._wanted.url).hostname
            return ServiceUnavailable(
                self._wanted.service, f"the page of {host} was not there after {self._timeout_seconds:.0f} s"
            )
        title = f' "{seen.title}"' if seen.title else ""
        return self._error_of_status(seen.status) or self._unexpected(
            f"the page{title} does not hold what is looked for: the source changed"
        )

    def _unanswered(self) -> ServiceUnavailable:
        host = urlsplit(self._wanted.url).hostname
        return ServiceUnavailable(self._wanted.service, f"{host} did not answer within {self._timeout_seconds:.0f} s")

    def _unexpected(self, what: str) -> UnexpectedResponse:
        return UnexpectedResponse(self._wanted.service, what)

    def _ask(self, order: Mapping[str, object]) -> Mapping[str, Any]:
        try:
            # While a page does not come, chromedriver answers any order only after the timeout of the page.
            return self._browser.ask(order, seconds=self._timeout_seconds + _ANSWER_SECONDS)
        except BrowserFailure as failure:
            raise self._error_of(failure) from failure

    def _error_of(self, failure: BrowserFailure) -> Exception:
        match failure.kind:
            case "slow":
                return self._unanswered()
            case "too large":
                return self._unexpected(f"a page over {MOST_CHARACTERS // 2**20} MB, which is refused")
            case _:
                return BrowserLost(failure.words)
