"""The pool of browsers: as many as are allowed, one page at a time per host, with a pause between pages."""

import threading
from collections.abc import Iterator
from pathlib import Path

PAUSE_SECONDS = 2.0


class BrowserPool:
    """Browsers that start when they are needed and end when they are not; safe to share between threads."""

    def __init__(
        self,
        size: int,
        *,
        stop: threading.Event,
        folder: Path,
        driver_folder: Path | None = None,
        undetected: bool = False,
        timeout_seconds: float = 60.0,
    ) -> None:
        self.size = size

    def read_page(
        self,
        url: str,
        *,
        service: str,
        wait_for: str,
        accept: str | None = None,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> str:
        """Return the HTML of one page."""
        raise NotImplementedError

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
        """Yield the HTML of a page and of those that follow it by clicking."""
        raise NotImplementedError

    def close(self) -> None:
        """End every browser."""
