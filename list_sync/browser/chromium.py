"""The Chromium of a worker process: the only module that knows SeleniumBase and the errors of Selenium."""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Order = Mapping[str, Any]

# The largest cache on disk; the profile is removed when the browser ends.
_CACHE_BYTES = 32 * 1024 * 1024
_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    f"--disk-cache-size={_CACHE_BYTES}",
    "--media-cache-size=1",
    "--blink-settings=imagesEnabled=false",
)
# SeleniumBase 4.56 is made for tests of one's own sites and trusts every page; we read pages that we do not know.
_UNWANTED = frozenset(
    {
        "--ignore-certificate-errors",
        "--ignore-ssl-errors=yes",
        "--allow-running-insecure-content",
        "--allow-insecure-localhost",
        "--allow-file-access-from-files",
        "--disable-web-security",
    }
)
_LOOK = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
_CRASH_WORDS = ("crashed", "not reachable", "disconnected", "not connected", "session deleted", "invalid session")


class BrowserFailure(Exception):
    """An order that failed, on both sides of the process: the kind of failure and a line of text."""

    def __init__(self, kind: str, words: str) -> None:
        self.kind = kind
        self.words = " ".join(words.split())[:300]
        super().__init__(f"{kind}: {self.words}")


def start(order: Order) -> "Page":
    """Start the ordered browser; raise BrowserFailure naming what is missing."""
    try:
        from selenium.common import exceptions
        from selenium.webdriver.common.options import ArgOptions
        from seleniumbase import Driver
        from seleniumbase.core import browser_launcher
    except ImportError as error:
        raise BrowserFailure("no start", str(error)) from error
    add_argument = ArgOptions.add_argument
    ArgOptions.add_argument = lambda self, argument: argument in _UNWANTED or add_argument(self, argument)
    try:
        browser_launcher.override_driver_dir(order["drivers"] or copy_drivers(order["chromedriver"]))
        driver = Driver(
            browser="chrome",
            headless=True,
            uc=order["undetected"],
            enable_ws=True,
            binary_location=order["chromium"],
            chromium_arg=",".join(_ARGUMENTS),
            page_load_strategy="none",
        )
        driver.set_page_load_timeout(order["seconds"])
        driver.set_script_timeout(order["seconds"])
    except OSError as error:
        raise BrowserFailure("no start", f"{error.strerror}: {error.filename or ''}") from error
    # SeleniumBase raises plain Exceptions for drivers of another version.
    except Exception as error:
        raise BrowserFailure("no start", _words(error)) from error
    return Page(driver, exceptions)


def copy_drivers(chromedriver: str) -> str:
    """Return a folder with a copy of the driver, because the undetected mode of SeleniumBase changes it."""
    from seleniumbase.undetected.patcher import Patcher

    folder = Path.cwd() / "drivers"
    folder.mkdir()
    for name in ("chromedriver", "uc_driver"):
        shutil.copy(chromedriver, folder / name)
    Patcher(executable_path=os.fspath(folder / "uc_driver")).auto()
    return os.fspath(folder)


def _words(error: Exception) -> str:
    words = getattr(error, "msg", None) or str(error) or type(error).__name__
    return str(words).partition("Stacktrace:")[0].partition("(Session info:")[0]


class Page:
    """The page in a browser, and its orders: open, look, click, read."""

    def __init__(self, driver: Any, exceptions: Any) -> None:
        self._driver = driver
        self._exceptions = exceptions
        self._actions: Mapping[str, Callable[[Order], dict[str, Any]]] = {
            "open": self._open,
            "look": self._look,
            "click": self._click,
            "read": self._read,
        }

    def carry_out(self, order: Order) -> dict[str, Any]:
        """Return the answer to an order; raise BrowserFailure for every error of Selenium."""
        try:
            return self._actions[order["order"]](order)
        except BrowserFailure:
            raise
        except self._exceptions.TimeoutException as error:
            raise BrowserFailure("slow", _words(error)) from error
        except self._exceptions.WebDriverException as error:
            raise BrowserFailure(_kind(_words(error).lower()), _words(error)) from error
        # Any other error means that the driver has ended.
        except OSError as error:
            raise BrowserFailure("crash", type(error).__name__) from error
        except Exception as error:
            raise BrowserFailure("crash", f"{type(error).__name__}: {_words(error)}") from error

    def _open(self, order: Order) -> dict[str, Any]:
        # The `get` of the undetected mode would ask the site a second time.
        open_page = getattr(self._driver, "default_get", self._driver.get)
        self._driver.execute_script("document.documentElement?.setAttribute('data-list-sync-left', '')")
        open_page(order["url"])
        return {}

    def _look(self, order: Order) -> dict[str, Any]:
        seen = self._driver.execute_script(_LOOK, order["wait_for"], order["accept"], order["next"])
        return dict(seen)

    def _click(self, order: Order) -> dict[str, Any]:
        found = self._driver.execute_script("return document.querySelector(arguments[0])", order["selector"])
        if found is None:
            return {}
        try:
            self._driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
            found.click()
        except (
            self._exceptions.ElementClickInterceptedException,
            self._exceptions.ElementNotInteractableException,
        ):
            # Something covers it, usually a banner.
            self._driver.execute_script("arguments[0].click()", found)
        except self._exceptions.StaleElementReferenceException:
            return {}
        return {}

    def _read(self, order: Order) -> dict[str, Any]:
        length = self._driver.execute_script("return document.documentElement.outerHTML.length")
        if length > order["most"]:
            raise BrowserFailure("too large", f"{length} characters")
        html: str = self._driver.execute_script("return document.documentElement.outerHTML")
        return {"html": f"<!DOCTYPE html>{html}"}


def _kind(words: str) -> str:
    return "crash" if any(mark in words for mark in _CRASH_WORDS) else "failed"
