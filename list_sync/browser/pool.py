"""The pool of browsers: at most as many as allowed, started when needed and ended when idle."""

import importlib.util
import logging
import shutil
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from list_sync.browser.apart import ApartProcess, Call
from list_sync.browser.chromium import BrowserFailure
from list_sync.browser.session import Browser, BrowserLost, WorkerProcess
from list_sync.browser.turns import Turns
from list_sync.browser.visit import Visit, WantedPages
from list_sync.errors import NotOffered, ResourceNotFound, ServiceUnavailable, SyncCancelled, UnexpectedResponse

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0
IDLE_SECONDS = 30.0
START_SECONDS = 60.0
_LOOK_SECONDS = 0.1
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_CHROMEDRIVER_FOLDERS = "/usr/lib/chromium:/usr/lib/chromium-browser"
_WAYS_OUT = "or use the full image; SELENIUM_POOL_SIZE=0 does without"

AnyProcess = TypeVar("AnyProcess", bound=WorkerProcess)


class BrowserPool:
    """Browsers that threads share; after `close`, the next page starts a new one.

    `folder` is used for their files if the temporary folder of the system is not suitable. `driver_folder` holds
    chromedriver and, for the undetected mode, uc_driver.
    """

    def __init__(
        self,
        size: int,
        *,
        stop: threading.Event,
        folder: Path,
        driver_folder: Path | None = None,
        undetected: bool = False,
        timeout_seconds: float = 60.0,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._size = size
        self._stop = stop
        self._folder = folder
        self._driver_folder = driver_folder
        self._undetected = undetected
        self._timeout_seconds = timeout_seconds
        self._idle_seconds = idle_seconds
        self._turns = Turns(stop)
        self._places = threading.Semaphore(size)
        # Two browsers that start at the same time use the same port (SeleniumBase 4.56, undetected mode).
        self._starting = threading.Lock()
        self._lock = threading.Lock()
        self._all: set[WorkerProcess] = set()
        self._idle: list[Browser] = []
        self._alarm: threading.Timer | None = None

    def read_page(
        self, url: str, *, service: str, wait_for: str, accept: str | None = None, pause_seconds: float = PAUSE_SECONDS
    ) -> str:
        """Return the HTML of one page; for the errors see the docstring of the package."""
        with closing(self._read(WantedPages(url, service, wait_for, accept, None, pause_seconds))) as pages:
            return next(pages)

    def read_pages(
        self,
        url: str,
        *,
        service: str,
        wait_for: str,
        then_click: str,
        accept: str | None = None,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> Iterator[str]:
        """Yield the HTML of a page and of the pages after each click; raise the same errors as read_page."""
        return self._read(WantedPages(url, service, wait_for, accept, then_click, pause_seconds))

    def run_apart(
        self, service: str, function: str, arguments: tuple[Any, ...], *, folders: tuple[str, ...]
    ) -> Iterator[Any]:
        """Yield what a generator function (`module:name`) yields that starts browsers by itself.

        It runs in a process of its own and counts as one browser. Log records of code in `folders` are logged. Raise
        its ListSyncError, NotOffered if no browser is allowed, ServiceUnavailable and SyncCancelled.
        """
        with self._place(service):
            # An idle browser of ours would be one more than is allowed.
            self._end_idle()
            process = self._new(service, ApartProcess)
            try:
                yield from process.run(self._call(function, arguments, folders))
            except BrowserLost as error:
                if self._stop.is_set():
                    raise SyncCancelled(f"{service}: stopped while a provider was at work") from error
                raise ServiceUnavailable(service, str(error)) from error
            finally:
                self._end(process)

    @property
    def time_at_work(self) -> float:
        """Return the present time while a function runs by run_apart, which ends it in time; 0.0 otherwise."""
        with self._lock:
            is_at_work = any(isinstance(process, ApartProcess) for process in self._all)
        return time.monotonic() if is_at_work else 0.0

    def _call(self, function: str, arguments: tuple[Any, ...], folders: tuple[str, ...]) -> Call:
        chromedriver = self._find_driver()
        drivers = _find_folder(chromedriver, needs_both=True) if chromedriver else None
        return Call(function, arguments, folders, logging.getLogger().getEffectiveLevel(), drivers, chromedriver)

    def close(self) -> None:
        """End every browser, also those in use."""
        with self._lock:
            if self._alarm is not None:
                self._alarm.cancel()
            browsers = list(self._all)
            self._idle.clear()
        for browser in browsers:
            self._end(browser)

    def _read(self, wanted: WantedPages) -> Generator[str, None, None]:
        """Yield the pages; after a crash, start again once with a new browser."""
        given = 0
        for is_last_try in (False, True):
            try:
                for number, html in enumerate(self._visit(wanted)):
                    if number >= given:
                        given += 1
                        yield html
                return
            except BrowserLost as error:
                if self._stop.is_set():
                    raise SyncCancelled(f"{wanted.service}: stopped while a page was read") from error
                if is_last_try:
                    raise ServiceUnavailable(wanted.service, f"the browser crashed twice: {error}") from error
                logger.warning("%s: the browser crashed (%s): once more with a fresh one", wanted.service, error)

    def _visit(self, wanted: WantedPages) -> Iterator[str]:
        with self._place(wanted.service):
            browser = self._find_idle() or self._begin(wanted.service)
            is_fit = False
            try:
                visit = Visit(browser, wanted, self._turns, stop=self._stop, timeout_seconds=self._timeout_seconds)
                yield from visit.pages()
                is_fit = True
            # After any other error the page may still be loading, and would delay the next one.
            except (ResourceNotFound, UnexpectedResponse, GeneratorExit):
                is_fit = True
                raise
            finally:
                self._give_back(browser, is_fit=is_fit)

    @contextmanager
    def _place(self, service: str) -> Iterator[None]:
        if not self._size:
            raise NotOffered("switched off (SELENIUM_POOL_SIZE=0)")
        while not self._places.acquire(timeout=_LOOK_SECONDS):
            if self._stop.is_set():
                raise SyncCancelled(f"{service}: stopped while waiting for a browser")
        try:
            yield
        finally:
            self._places.release()

    def _find_idle(self) -> Browser | None:
        with self._lock:
            if self._alarm is not None:
                self._alarm.cancel()
            browser = self._idle.pop() if self._idle else None
        if browser is None or browser.is_alive:
            return browser
        self._end(browser)
        return None

    def _give_back(self, browser: Browser, *, is_fit: bool) -> None:
        if is_fit and browser.is_alive and not self._stop.is_set():
            with self._lock:
                self._idle.append(browser)
                if self._alarm is not None:
                    self._alarm.cancel()
                self._alarm = threading.Timer(self._idle_seconds, self._end_idle)
                self._alarm.daemon = True
                self._alarm.start()
        else:
            self._end(browser)

    def _end_idle(self) -> None:
        with self._lock:
            browsers, self._idle = self._idle, []
        for browser in browsers:
            self._end(browser)

    def _end(self, process: WorkerProcess) -> None:
        process.end()
        with self._lock:
            self._all.discard(process)
            self._idle = [browser for browser in self._idle if browser is not process]

    def _begin(self, service: str) -> Browser:
        """Start a browser and return it; raise NotOffered naming what is missing."""
        chromium = next(filter(None, map(shutil.which, _NAMES)), None)
        chromedriver = self._find_driver()
        if chromium is None:
            raise NotOffered(f"Chromium is not installed: install it {_WAYS_OUT}")
        if chromedriver is None:
            raise NotOffered(f"chromedriver is not installed: install it {_WAYS_OUT}")
        if importlib.util.find_spec("seleniumbase") is None:
            raise NotOffered(f"SeleniumBase is not installed: run `make browser` in a checkout, {_WAYS_OUT}")
        with self._starting:
            began = time.monotonic()
            browser = self._new(service, Browser)
            try:
                browser.ask(self._first_order(chromium, chromedriver), seconds=START_SECONDS)
            except BaseException as error:
                self._end(browser)
                raise _start_failure(service, error) from error
        logger.debug("a browser started in %.1f s", time.monotonic() - began)
        return browser

    def _new(self, service: str, kind: Callable[..., AnyProcess]) -> AnyProcess:
        if self._stop.is_set():
            raise SyncCancelled(f"{service}: stopped before a browser started")
        try:
            process = kind(self._folder, stop=self._stop)
        except OSError as error:
            advice = "make room, set TMPDIR to another folder, or SELENIUM_POOL_SIZE=0 to do without"
            raise ServiceUnavailable(service, f"there is no room for a browser: {error}: {advice}") from error
        with self._lock:
            self._all.add(process)
        return process

    def _find_driver(self) -> str | None:
        if self._driver_folder is not None and (self._driver_folder / "chromedriver").is_file():
            # The process of a browser has another working folder.
            return str(self._driver_folder.absolute() / "chromedriver")
        return shutil.which("chromedriver") or shutil.which("chromedriver", path=_CHROMEDRIVER_FOLDERS)

    def _first_order(self, chromium: str, chromedriver: str) -> dict[str, object]:
        return {
            "order": "start",
            "chromium": chromium,
            "chromedriver": chromedriver,
            "drivers": _find_folder(chromedriver, needs_both=self._undetected),
            "undetected": self._undetected,
            "seconds": self._timeout_seconds,
        }


def _find_folder(chromedriver: str, *, needs_both: bool) -> str | None:
    """Return the folder of a driver, unless uc_driver is needed and is not there."""
    folder = Path(chromedriver).parent
    return str(folder) if not needs_both or (folder / "uc_driver").is_file() else None


def _start_failure(service: str, error: BaseException) -> BaseException:
    if not isinstance(error, BrowserFailure):
        return error
    return ServiceUnavailable(service, f"the browser does not start: {error.words}; SELENIUM_POOL_SIZE=0 does without")
