"""Asking the server about one title, for commands that also work without an answer."""

from dataclasses import replace

from list_sync.api.overseerr import OverseerrClient
from list_sync.config import Settings
from list_sync.main import build_client

QUICK_SECONDS = 5.0


def open_quick_client(settings: Settings) -> OverseerrClient:
    """Return a client that waits 5 seconds for an answer and tries nothing again."""
    seconds = min(QUICK_SECONDS, settings.process.http_timeout)
    process = settings.process.model_copy(update={"http_timeout": seconds, "retry_attempts": 0})
    return build_client(replace(settings, process=process))
