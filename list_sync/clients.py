"""Clients of the media-request server, as the settings say: one for syncs, and one that waits only seconds."""

import threading
from dataclasses import replace
from urllib.parse import urlsplit

from list_sync.api.overseerr import OverseerrClient
from list_sync.config import Settings

QUICK_SECONDS = 5.0
_PORTS = {"http": 80, "https": 443}


def build_client(
    settings: Settings,
    *,
    stop: threading.Event | None = None,
    own_servers: frozenset[tuple[str, int]] | None = None,
) -> OverseerrClient:
    """Return a client for the server of the settings; raise ConfigError naming the missing settings.

    With `own_servers`, a person typed the address: it leads to no other private one.
    """
    key = settings.household.overseerr_api_key
    return OverseerrClient(
        settings.household.overseerr_url,
        key.get_secret_value() if key else None,
        settings.household.overseerr_user_id,
        timeout_seconds=settings.process.http_timeout,
        retry_attempts=settings.process.retry_attempts,
        stop=stop,
        own_servers=own_servers,
    )


def open_quick_client(settings: Settings, *, own_servers: frozenset[tuple[str, int]] | None = None) -> OverseerrClient:
    """Return a client that waits 5 seconds for an answer and tries nothing again; `own_servers` as in build_client."""
    seconds = min(QUICK_SECONDS, settings.process.http_timeout)
    process = settings.process.model_copy(update={"http_timeout": seconds, "retry_attempts": 0})
    return build_client(replace(settings, process=process), own_servers=own_servers)


def find_own_servers(settings: Settings) -> frozenset[tuple[str, int]]:
    """Return host and port of each server that a setting names; typed addresses lead to no other private ones."""
    household = settings.household
    urls = [household.overseerr_url, *settings.process.base_urls.values()]
    urls += [text.get_secret_value() for name, text in household.credentials.items() if name.endswith("_URL")]
    parts = [urlsplit(url) for url in urls if url]
    return frozenset(
        (one.hostname.rstrip("."), one.port or _PORTS[one.scheme]) for one in parts if one.hostname is not None
    )
