"""Clients of the media-request server, as the settings say: one for syncs, and one that waits only seconds."""

import threading
from dataclasses import replace

from list_sync.api.overseerr import OverseerrClient
from list_sync.config import Settings

QUICK_SECONDS = 5.0


def build_client(settings: Settings, *, stop: threading.Event | None = None) -> OverseerrClient:
    """Return a client for the server of the settings; raise ConfigError naming the missing settings."""
    key = settings.household.overseerr_api_key
    return OverseerrClient(
        settings.household.overseerr_url,
        key.get_secret_value() if key else None,
        settings.household.overseerr_user_id,
        timeout_seconds=settings.process.http_timeout,
        retry_attempts=settings.process.retry_attempts,
        stop=stop,
    )


def open_quick_client(settings: Settings) -> OverseerrClient:
    """Return a client that waits 5 seconds for an answer and tries nothing again."""
    seconds = min(QUICK_SECONDS, settings.process.http_timeout)
    process = settings.process.model_copy(update={"http_timeout": seconds, "retry_attempts": 0})
    return build_client(replace(settings, process=process))
