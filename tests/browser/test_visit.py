"""Errors of a page, without a browser: what a worker answers stands for it."""

import threading
import time

import pytest

from list_sync.browser.chromium import BrowserFailure
from list_sync.browser.own_browsers import with_elements
from list_sync.browser.turns import Turns
from list_sync.browser.visit import Visit, WantedPages
from list_sync.errors import RateLimited, ServiceUnavailable

WANTED = WantedPages("http://silent.example:8080/list", "local", wait_for=".item")


class SilentSite:
    """The worker of a browser whose page never comes: chromedriver answers the first look after the timeout."""

    def __init__(self):
        self.patience_seconds = []

    def ask(self, order, *, seconds):
        self.patience_seconds.append(seconds)
        if order["order"] == "look":
            raise BrowserFailure("slow", "timeout: Timed out receiving message from renderer: 60.000")
        return {}


def test_a_server_that_accepts_and_never_answers_is_named_and_the_browser_has_not_crashed():
    browser, stop = SilentSite(), threading.Event()
    visit = Visit(browser, WANTED, Turns(stop), stop=stop, timeout_seconds=60.0)

    with pytest.raises(ServiceUnavailable, match=r"silent\.example did not answer within 60 s"):
        next(visit.pages())
    assert min(browser.patience_seconds) > 60.0


class LateSite:
    """The worker of a browser whose page is there when the time is nearly over."""

    def ask(self, order, *, seconds):
        time.sleep(0.05)
        seen = {"found": 0, "mark": "", "url": WANTED.url, "status": 429, "title": "Slow down", "challenge": ""}
        return {**seen, "isComplete": True, "canAccept": False, "hasNext": False} if order["order"] == "look" else {}


def test_a_refusal_that_comes_late_is_named_as_such_and_not_as_a_changed_source():
    stop = threading.Event()
    visit = Visit(LateSite(), WANTED, Turns(stop), stop=stop, timeout_seconds=0.01)

    with pytest.raises(RateLimited, match="HTTP 429"):
        next(visit.pages())


class SilentDriver:
    """The driver of a browser that a provider started itself."""

    _is_using_uc = True

    def __init__(self, error):
        self.seconds = None
        self._error = error

    def set_page_load_timeout(self, seconds):
        self.seconds = seconds

    def get(self, _url):
        assert not self._is_using_uc
        raise self._error("Timed out receiving message from renderer: 59.9")


class OwnBrowser:
    """What `SB` gives a provider."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, url):
        self.driver.get(url)


def test_a_silent_site_is_named_by_the_browser_of_a_provider_too():
    timeout = pytest.importorskip("selenium.common.exceptions").TimeoutException
    browser = OwnBrowser(SilentDriver(timeout))

    with pytest.raises(ServiceUnavailable, match=r"silent\.example did not answer within 60 s"):
        with_elements(OwnBrowser.open)(browser, WANTED.url)
    assert (browser.driver.seconds, browser.driver._is_using_uc) == (60, True)
