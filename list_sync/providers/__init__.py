"""The sources of lists: how a provider is registered, found, handed its context and read, whatever its form.

Our own form is `fetch(list_id, *, context)`, which yields pages. The guide's template, `fetch(list_id)`, returns a
list of dicts; the two are told apart by their signature and the second is adapted here, in `_pages_of_template`.
All of it is one module: whatever this one imported from its folder, every provider would import too.
"""

import importlib
import inspect
import logging
import pkgutil
import re
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from list_sync.api.failures import find_failure
from list_sync.api.http import HttpClient
from list_sync.api.payloads import clean_title, find_imdb_id, find_int, find_positive_int, find_year
from list_sync.errors import (
    AuthenticationFailed,
    InvalidListId,
    ListSyncError,
    ServiceUnavailable,
    UnexpectedResponse,
)
from list_sync.model.sources import Page, ProviderInfo
from list_sync.model.titles import MediaIds, MediaItem, MediaType

__all__ = ["FetchContext", "Provider", "available_providers", "get_provider", "register_provider"]

logger = logging.getLogger(__name__)

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_MEDIA_TYPES = {
    "movie": MediaType.MOVIE,
    "film": MediaType.MOVIE,
    "tv": MediaType.TV,
    "show": MediaType.TV,
    "series": MediaType.TV,
}


@dataclass(frozen=True, slots=True)
class FetchContext:
    """Everything that a provider is handed for one list.

    `base_url` is the user's where `overridden` says so, else the provider's own, without a slash at its end.
    """

    http: HttpClient
    base_url: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    limit: int | None = None
    drop_folder: Path | None = None
    list_id: str = ""
    overridden: bool = False

    def address(self, default: str) -> str:
        """Return where a second host of the provider is found: the user's address if there is one, else `default`."""
        return self.base_url if self.overridden else default.rstrip("/")

    def require(self, setting: str, advice: str) -> str:
        """Return a credential; raise AuthenticationFailed with `advice` if it is not set."""
        value = self.credentials.get(setting, "")
        if not value:
            raise AuthenticationFailed(self.http.service, f"{setting} is not set: {advice}")
        return value


Fetch = Callable[..., Any]
AnyFetch = TypeVar("AnyFetch", bound=Fetch)


@dataclass(frozen=True, slots=True)
class Provider:
    """A registered provider; `info.credentials` names all its settings, `required_credentials` those it needs."""

    info: ProviderInfo
    fetch: Fetch
    base_url: str = ""
    limited: bool = False
    required_credentials: tuple[str, ...] = ()
    check_list_id: Callable[[str], object] | None = None

    def check(self, list_id: str) -> None:
        """Raise InvalidListId for a spelling that the provider does not accept; no network."""
        if not list_id.strip():
            raise InvalidListId(f"an empty list id in {self.info.lists_setting}")
        if self.check_list_id is not None:
            self.check_list_id(list_id)

    def pages(self, list_id: str, context: FetchContext) -> Iterator[Page]:
        """Yield the pages of a list; raise InvalidListId or a ServiceError."""
        self.check(list_id)
        if _takes_context(self.fetch):
            yield from self.fetch(list_id, context=context)
        else:
            yield from _pages_of_template(self, list_id)


_registry: dict[str, Provider] = {}
_discovery = threading.RLock()
_discovered: list[str] = []


def register_provider(
    name: str,
    *,
    base_url: str = "",
    credentials: Sequence[str] = (),
    optional_credentials: Sequence[str] = (),
    description: str = "",
    limited: bool = False,
    check: Callable[[str], object] | None = None,
) -> Callable[[AnyFetch], AnyFetch]:
    """Register the decorated function, unchanged, as the provider `name`; a second registration replaces the first."""
    key = name.strip().lower()
    if not _NAME.fullmatch(key):
        raise ValueError(f'"{name}" cannot be the name of a provider: letters, digits, _ and - are allowed')
    setting = f"{key.upper().replace('-', '_')}_LISTS"

    def register(fetch: AnyFetch) -> AnyFetch:
        _registry[key] = Provider(
            info=ProviderInfo(key, setting, (*credentials, *optional_credentials), description),
            fetch=fetch,
            base_url=base_url.rstrip("/"),
            limited=limited,
            required_credentials=tuple(credentials),
            check_list_id=check,
        )
        return fetch

    return register


def available_providers() -> Mapping[str, ProviderInfo]:
    """Return every provider by name: those of this folder, and those that were registered since."""
    with _discovery:
        if not _discovered:
            _discovered.extend(module.name for module in pkgutil.iter_modules(__path__))
            # What was registered before our own were found is the user's and stays.
            earlier = dict(_registry)
            for module in _discovered:
                importlib.import_module(f"{__name__}.{module}")
            _registry.update(earlier)
    return {name: _registry[name].info for name in sorted(_registry)}


def get_provider(name: str) -> Provider:
    """Return the provider of that name; raise InvalidListId naming those that there are."""
    known = available_providers()
    provider = _registry.get(name.strip().lower())
    if provider is None:
        raise InvalidListId(f'there is no provider "{name}": there are {", ".join(known)}')
    return provider


def _takes_context(fetch: Fetch) -> bool:
    try:
        return "context" in inspect.signature(fetch).parameters
    except (TypeError, ValueError):
        return False


def _pages_of_template(provider: Provider, list_id: str) -> Iterator[Page]:
    name = provider.info.name
    try:
        result = provider.fetch(list_id)
        entries = list(result) if isinstance(result, Iterable) and not isinstance(result, str | Mapping) else None
    except ListSyncError:
        raise
    except Exception as error:
        known = find_failure(name, error)
        if known is not None:
            # Without its cause: the words of requests hold the whole address, keys in its query included.
            raise known from None
        raise _translate(provider, error) from error
    if entries is None:
        raise UnexpectedResponse(
            name, f"{Path(_code_file(provider.fetch)).name} returned no list but {type(result).__name__}"
        )
    items = [item for item in map(_item_of, entries) if item is not None]
    if len(items) < len(entries):
        logger.warning(
            "%s: %d of %d entries of %s have no title and id", name, len(entries) - len(items), len(entries), list_id
        )
    # A plain list does not say that it is whole, so no total: its titles count, what is absent proves nothing.
    yield Page(items, unsupported=len(entries) - len(items))


def _translate(provider: Provider, error: Exception) -> ListSyncError:
    name = provider.info.name
    words = clean_title(str(error)) or type(error).__name__
    if isinstance(error, ValueError):
        return InvalidListId(words)
    if isinstance(error, ConnectionError | TimeoutError):
        return ServiceUnavailable(name, f"connection failed: {words}")
    return UnexpectedResponse(name, f"{type(error).__name__} in {_place_in(provider, error)}: {words}")


def _place_in(provider: Provider, error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = _code_file(provider.fetch)
    frame = next((frame for frame in reversed(frames) if frame.filename == own), frames[-1])
    return f"{Path(frame.filename).name} line {frame.lineno}"


def _code_file(fetch: Fetch) -> str:
    code = getattr(inspect.unwrap(fetch), "__code__", None)
    return str(code.co_filename) if code else ""


def _item_of(entry: object) -> MediaItem | None:
    if not isinstance(entry, Mapping):
        return None
    ids = MediaIds(
        tmdb=find_positive_int(entry.get("tmdb_id")),
        imdb=find_imdb_id(entry.get("imdb_id")),
        tvdb=find_positive_int(entry.get("tvdb_id")),
    )
    title = clean_title(entry.get("title"))
    kind = entry.get("media_type")
    # A kind that is stated but unknown (person, game) is not ours to guess at.
    media_type = _MEDIA_TYPES.get(str(kind).strip().lower()) if kind else None
    if not (title or ids) or (kind and media_type is None):
        return None
    return MediaItem(title, media_type, find_year(entry.get("year")), ids, find_int(entry.get("season_number")))
