"""SeleniumBase as custom providers get it, in a process of their own: it finds our drivers and gives elements."""

import sys
from functools import partial
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from list_sync.browser.chromium import copy_drivers
from list_sync.errors import ServiceUnavailable

PAGE_SECONDS = 60


def prepare_seleniumbase(drivers: str | None, chromedriver: str | None) -> None:
    """Make the SeleniumBase of this process use a folder of drivers, any port, and elements of Selenium.

    Do nothing if it is not installed.
    """
    if find_spec("seleniumbase") is None:
        return
    from seleniumbase import BaseCase
    from seleniumbase.core import browser_launcher

    if drivers or chromedriver:
        browser_launcher.override_driver_dir(drivers or copy_drivers(str(chromedriver)))
    # SeleniumBase reads the arguments of the program. -n means that others run beside it: with it, the browser takes
    # a free port, without it the undetected mode of all of them takes 9222.
    sys.argv[1:] = ["-n"]
    BaseCase.open = with_elements(BaseCase.open)


def with_elements(open_page: Any) -> Any:
    """Return an `open` that does not disconnect the driver of the undetected mode, and that names a silent site.

    SeleniumBase 4.56 opens pages of that mode over CDP, and then its elements have no `find_element`.
    """

    def open_with_driver(self: Any, url: str, **options: Any) -> Any:
        driver = self.driver
        if options or getattr(driver, "_is_using_cdp", False):
            return open_page(self, url, **options)
        is_undetected, get = getattr(driver, "_is_using_uc", False), driver.get
        driver.set_page_load_timeout(PAGE_SECONDS)
        driver._is_using_uc, driver.get = False, partial(_get_in_time, get)
        try:
            return open_page(self, url)
        finally:
            driver._is_using_uc, driver.get = is_undetected, get

    return open_with_driver


def _get_in_time(get: Any, url: str) -> None:
    from selenium.common.exceptions import TimeoutException

    try:
        get(url)
    except TimeoutException as error:
        late = ServiceUnavailable("browser", f"{urlsplit(url).hostname} did not answer within {PAGE_SECONDS} s")
        # SeleniumBase decides by this attribute whether it tries again.
        vars(late)["msg"] = late.message
        raise late from error
