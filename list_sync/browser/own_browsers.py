"""SeleniumBase as custom providers get it, in a process of their own: it finds our drivers and gives elements."""

import sys
from importlib.util import find_spec
from typing import Any

from list_sync.browser.chromium import copy_drivers


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
    BaseCase.open = _with_elements(BaseCase.open)


def _with_elements(open_page: Any) -> Any:
    """Return an `open` that does not disconnect the driver of the undetected mode.

    SeleniumBase 4.56 opens pages of that mode over CDP, and then its elements have no `find_element`.
    """

    def open_with_driver(self: Any, url: str, **options: Any) -> Any:
        driver = self.driver
        is_first = getattr(driver, "_is_using_uc", False) and not getattr(driver, "_is_using_cdp", False)
        if not is_first or options:
            return open_page(self, url, **options)
        driver._is_using_uc = False
        try:
            return open_page(self, url)
        finally:
            driver._is_using_uc = True

    return open_with_driver
