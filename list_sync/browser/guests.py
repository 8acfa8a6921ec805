"""Browsers that a provider of the user's own starts: its `SB()` finds our drivers, also where all is read-only."""

import importlib
import os
from pathlib import Path


def welcome_guests(driver_folder: Path | None) -> None:
    """Keep SeleniumBase in this process from looking for drivers on the network, and show it the driver folder.

    Where SeleniumBase is not installed nothing happens; whoever imports it is told then.
    """
    os.environ.setdefault("SE_OFFLINE", "true")
    if driver_folder is None or not (driver_folder / "chromedriver").is_file():
        return
    try:
        launcher = importlib.import_module("seleniumbase.core.browser_launcher")
    except ImportError:
        return
    launcher.override_driver_dir(str(driver_folder))
