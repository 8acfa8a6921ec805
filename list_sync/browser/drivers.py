"""The browser drivers for custom providers: their `SB()` finds our drivers, also in a read-only container."""

import importlib
import os
from pathlib import Path


def use_driver_folder(driver_folder: Path | None) -> None:
    """Tell SeleniumBase in this process to use the driver folder, and not to download drivers.

    Do nothing if SeleniumBase is not installed.
    """
    os.environ.setdefault("SE_OFFLINE", "true")
    if driver_folder is None or not (driver_folder / "chromedriver").is_file():
        return
    try:
        launcher = importlib.import_module("seleniumbase.core.browser_launcher")
    except ImportError:
        return
    launcher.override_driver_dir(str(driver_folder))
