"""Tests one part of the settings by one cheap call: the server, Radarr or Sonarr, Redis, or the keys of a source."""

import threading
import time
from contextlib import closing

from list_sync.api.http.client import HttpClient
from list_sync.api.sources.mdblist import fetch_calls_left
from list_sync.api.sources.servarr import Server
from list_sync.clients import find_own_servers, open_quick_client
from list_sync.config import Settings
from list_sync.errors import ConfigError, NotOffered, Private, ResourceNotFound, ServiceUnavailable
from list_sync.notifying.trying import UNSET, try_channels
from list_sync.providers import get_provider
from list_sync.providers.scripts import build_context
from list_sync.telling import find_audience

SECONDS = 5.0
ARRS = {"radarr": "Radarr", "sonarr": "Sonarr"}
SERVER, MDBLIST, REDIS, MESSAGES = "server", "mdblist", "redis", "messages"


def try_part(part: str, settings: Settings, *, present: Settings | None, stop: threading.Event) -> str:
    """Return what the part answers, in words; raise ConfigError for what is missing, or a ServiceError.

    If a person typed an address, `present` are the settings without it: it leads to no other private server.
    """
    own_servers = None if present is None else find_own_servers(present)
    if part == SERVER:
        return _try_server(settings, own_servers)
    if part in (REDIS, MESSAGES):
        # Their libraries open connections of their own, which nothing keeps from private networks.
        if present is not None:
            raise ConfigError("this is tested after it is saved")
        return _try_redis(settings, stop) if part == REDIS else _try_messages(settings)
    service = part.partition(":")[0]
    http = HttpClient(
        service,
        timeout_seconds=min(SECONDS, settings.process.http_timeout),
        retry_attempts=1,
        stop=stop,
        allows_private=settings.process.allow_private_sources,
        only_public=own_servers is not None,
        own_servers=own_servers or frozenset(),
    )
    with closing(http):
        if part in ARRS:
            return _try_arr(part, settings, http)
        return _try_mdblist(settings, http) if part == MDBLIST else _try_list(part, settings, http)


def _try_server(settings: Settings, own_servers: frozenset[tuple[str, int]] | None) -> str:
    with closing(open_quick_client(settings, own_servers=own_servers)) as client:
        info = client.fetch_info()
        began = time.monotonic()
        user = client.fetch_requester()
        milliseconds = round((time.monotonic() - began) * 1000)
        name = f"{info.dialect.value.capitalize()} {info.version}".rstrip()
        return f"{name} answers in {milliseconds} ms, for user {user.user_id} ({user.name})"


def _try_redis(settings: Settings, stop: threading.Event) -> str:
    if settings.process.redis_url is None:
        raise ConfigError("REDIS_URL is not set")
    # Imported here, because the package of Redis is optional.
    from list_sync.storage.redis_cache import RedisCache

    with closing(RedisCache(settings.process.redis_url.get_secret_value(), "unused", stop=stop)) as redis:
        redis.check()
    return "Redis answers"


def _try_messages(settings: Settings) -> str:
    addresses = find_audience(settings).addresses
    if not addresses:
        raise ConfigError(UNSET)
    tried = try_channels(addresses)
    if failed := [f"{one.service}: {one.reason}" for one in tried if one.reason]:
        raise ServiceUnavailable(MESSAGES, "; ".join(failed))
    return f"a test message arrived: {', '.join(one.service for one in tried)}"


def _try_arr(part: str, settings: Settings, http: HttpClient) -> str:
    name = part.upper()
    address = settings.process.base_urls.get(part) or _require(settings, f"{name}_URL")
    server = Server(http, ARRS[part], name, address, _require(settings, f"{name}_API_KEY"))
    return f"{server.fetch_version()} answers"


def _try_mdblist(settings: Settings, http: HttpClient) -> str:
    base_url = settings.process.base_urls.get(MDBLIST) or get_provider(MDBLIST).base_url
    calls = fetch_calls_left(http, base_url, _require(settings, "MDBLIST_API_KEY"))
    return "accepted" if calls is None else f"{calls[0]:,} of {calls[1]:,} calls left today"


def _try_list(part: str, settings: Settings, http: HttpClient) -> str:
    """Read the first page of a list that everybody has, or that the account has."""
    name, _, list_id = part.partition(":")
    provider = get_provider(name)
    route = provider.routes_of(list_id)[0]
    for needed in (*provider.required_credentials, *route.needs):
        _require(settings, needed)
    try:
        next(provider.pages(list_id, build_context(provider, settings, http), route=route), None)
    except (ResourceNotFound, NotOffered, Private):
        # The source knows the key, and does not have this list.
        return "accepted"
    return "accepted"


def _require(settings: Settings, name: str) -> str:
    value = settings.household.credentials.get(name)
    if value is None:
        raise ConfigError(f"{name} is not set")
    return value.get_secret_value()
