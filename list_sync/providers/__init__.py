"""The sources of lists: registering, finding and reading providers.

A provider of this package is a function `fetch(list_id, *, context)` that yields pages. In the guide's template,
`fetch(list_id)` returns a list of dicts. The signature tells the two apart; `list_sync.api.sources.template` adapts the
second. A provider is read by its routes, in order: the registered function first, then those of `add_route`.
This is one module, because every provider would import each further module of this folder that it imports.
"""

import importlib
import inspect
import pkgutil
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from list_sync.api.http.client import HttpClient
from list_sync.api.sources.template import pages_of_template
from list_sync.errors import AuthenticationFailed, InvalidListId, NotOffered
from list_sync.model.names import find_near, lists_setting_of
from list_sync.model.sources import ListRef, Page, ProviderInfo
from list_sync.model.titles import MediaItem
from list_sync.model.users import People

if TYPE_CHECKING:
    from list_sync.browser import BrowserPool

__all__ = [
    "FetchContext",
    "KeptValues",
    "Provider",
    "Route",
    "Tokens",
    "add_people",
    "add_route",
    "available_providers",
    "get_provider",
    "register_provider",
    "with_canonical_id",
]

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


class KeptValues(Protocol):
    """The values that a provider kept in earlier runs, and what those runs looked for without success."""

    def find(self, key: str) -> str | None:
        """Return the value of the key, or None."""

    def keep(self, key: str, value: str) -> None:
        """Store a value; it replaces an earlier one."""

    def is_undecided(self, item: MediaItem) -> bool:
        """Return whether this entry was searched for without success in an earlier run."""


class Tokens(Protocol):
    """The tokens of `list-sync login`."""

    def token(self, service: str) -> str | None:
        """Return a valid token, renewed if it is due; None without a log-in."""


@dataclass(frozen=True, slots=True)
class FetchContext:
    """Everything that a provider gets for one list.

    `base_url` has no slash at its end; with `overridden` it is the user's, otherwise the provider's. `base_urls` are
    the addresses that the user set for any provider, for routes that ask another service. `neighbours` are the other
    configured lists of the provider. `pace_seconds` is the pause between two pages of a source that is read one page
    at a time. `takes_shows` says whether an episode requests its show; None means that the provider decides.
    `account` names the log-in at the source, if there is one. `on_page` is called for each page of a list.
    """

    http: HttpClient
    base_url: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    limit: int | None = None
    drop_folder: Path | None = None
    list_id: str = ""
    overridden: bool = False
    base_urls: Mapping[str, str] = field(default_factory=dict, repr=False)
    browser: "BrowserPool | None" = None
    memory: KeptValues | None = None
    tokens: Tokens | None = None
    account: str = field(default="", repr=False)
    neighbours: tuple[str, ...] = ()
    pace_seconds: float = 1.0
    takes_shows: bool | None = None
    on_page: Callable[[], None] = field(default=lambda: None, repr=False)

    def address(self, default: str) -> str:
        """Return the address of a second host of the provider: the user's if it is set, else `default`."""
        return self.base_url if self.overridden else default.rstrip("/")

    def token(self, service: str) -> str | None:
        """Return the token of a log-in, or None; raise a ServiceError if it cannot be renewed now."""
        return None if self.tokens is None else self.tokens.token(service)

    def require(self, setting: str, advice: str) -> str:
        """Return a credential; raise AuthenticationFailed with `advice` if it is not set."""
        value = self.credentials.get(setting, "")
        if not value:
            raise AuthenticationFailed(self.http.service, f"{setting} is not set: {advice}")
        return value

    def require_browser(self) -> "BrowserPool":
        """Return the pool of browsers; raise NotOffered if there is none."""
        if self.browser is None:
            raise NotOffered("there is no browser")
        return self.browser


Fetch = Callable[..., Any]
AnyFetch = TypeVar("AnyFetch", bound=Fetch)


@dataclass(frozen=True, slots=True)
class Route:
    """One way to read a source.

    It is tried only if its `needs` are set and it serves the list. `is_cached` says whether its result may be reused
    for CACHE_TTL; it is False for local files. `wanted` says how to recognise the export of a list in the drop folder.
    """

    name: str
    fetch: Fetch
    needs: tuple[str, ...] = ()
    serves: Callable[[str], bool] | None = None
    is_cached: bool = True
    wanted: Fetch | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """A registered provider; `info.credentials` are all its credentials, `required_credentials` those that it needs."""

    info: ProviderInfo
    routes: tuple[Route, ...]
    base_url: str = ""
    limited: bool = False
    takes_shows: bool = False
    required_credentials: tuple[str, ...] = ()
    terms: str = ""
    limits: str = ""
    spellings: tuple[str, ...] = ()
    is_private: Callable[[str], bool] = lambda _list_id: False
    people: People | None = None

    def routes_of(self, list_id: str) -> tuple[Route, ...]:
        """Return the routes for a list, in the order in which they are tried."""
        return tuple(route for route in self.routes if route.serves is None or route.serves(list_id))

    def check(self, list_id: str) -> None:
        """Raise InvalidListId for a spelling that the provider does not accept; no network."""
        if not list_id.strip():
            raise InvalidListId(f"an empty list id in {self.info.lists_setting}")
        if self.info.check_list_id is not None:
            self.info.check_list_id(list_id)

    def pages(self, list_id: str, context: FetchContext, *, route: Route | None = None) -> Iterator[Page]:
        """Yield the pages of a list by one route, else its first; raise InvalidListId or a ServiceError."""
        self.check(list_id)
        fetch = (route or self.routes_of(list_id)[0]).fetch
        if _takes_context(fetch):
            yield from fetch(list_id, context=context)
        else:
            yield from pages_of_template(self.info.name, fetch, list_id)


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
    takes_shows: bool = False,
    check: Callable[[str], object] | None = None,
    canonical: Callable[[str], str] | None = None,
    is_there: Callable[[str, Path], bool] | None = None,
    route: str = "api",
    serves: Callable[[str], bool] | None = None,
    is_cached: bool = True,
    wanted: Fetch | None = None,
    terms: str = "",
    limits: str = "",
    spellings: Sequence[str] = (),
    is_private: Callable[[str], bool] = lambda _list_id: False,
) -> Callable[[AnyFetch], AnyFetch]:
    """Register the decorated function, unchanged, as the provider `name`; a second registration replaces the first.

    `check` raises InvalidListId for a wrong spelling, and `canonical` returns the one spelling of a right one.
    `route` is the name of this first route, and `serves` tells which lists it can read, if not all of them; `terms`,
    `limits` and `spellings` are texts for the documentation. `is_private` tells which lists differ by account.
    """
    key = name.strip().lower()
    if not _NAME.fullmatch(key):
        raise ValueError(f'"{name}" cannot be the name of a provider: letters, digits, _ and - are allowed')
    setting = lists_setting_of(key)

    def register(fetch: AnyFetch) -> AnyFetch:
        _registry[key] = Provider(
            info=ProviderInfo(
                key, setting, (*credentials, *optional_credentials), description, check, canonical, is_there
            ),
            routes=(Route(route, fetch, serves=serves, is_cached=is_cached, wanted=wanted),),
            base_url=base_url.rstrip("/"),
            limited=limited,
            takes_shows=takes_shows,
            required_credentials=tuple(credentials),
            terms=terms,
            limits=limits,
            spellings=tuple(spellings),
            is_private=is_private,
        )
        return fetch

    return register


def add_route(
    provider: str,
    name: str,
    *,
    needs: Sequence[str] = (),
    serves: Callable[[str], bool] | None = None,
    is_cached: bool = True,
    wanted: Fetch | None = None,
) -> Callable[[AnyFetch], AnyFetch]:
    """Add the decorated function, unchanged, as the next route of a provider; a route of that name is replaced."""
    key = provider.strip().lower()
    if key not in _registry:
        raise ValueError(f'there is no provider "{provider}" to add the route "{name}" to: register it first')

    def add(fetch: AnyFetch) -> AnyFetch:
        known = _registry[key]
        others = tuple(route for route in known.routes if route.name != name)
        credentials = tuple(dict.fromkeys((*known.info.credentials, *needs)))
        _registry[key] = replace(
            known,
            info=replace(known.info, credentials=credentials),
            routes=(*others, Route(name, fetch, tuple(needs), serves, is_cached, wanted)),
        )
        return fetch

    return add


def add_people(provider: str, people: People) -> None:
    """Say how the lists of all people of a source are found."""
    _registry[provider] = replace(_registry[provider], people=people)


def available_providers() -> Mapping[str, ProviderInfo]:
    """Return every provider by name: those of this folder and those registered by other code."""
    with _discovery:
        if not _discovered:
            _discovered.extend(module.name for module in pkgutil.iter_modules(__path__))
            # Providers that the user registered earlier replace those of this folder.
            earlier = dict(_registry)
            for module in _discovered:
                importlib.import_module(f"{__name__}.{module}")
            _registry.update(earlier)
    return {name: _registry[name].info for name in sorted(_registry)}


def get_provider(name: str) -> Provider:
    """Return the provider of that name; raise InvalidListId with similar names, or all, if there is none."""
    known = available_providers()
    provider = _registry.get(name.strip().lower())
    if provider is None:
        near = " or ".join(find_near(name.strip().lower(), known))
        raise InvalidListId(f'there is no provider "{name}": {f"is it {near}?" if near else ", ".join(known)}')
    return provider


def with_canonical_id(source: ListRef) -> ListRef:
    """Return a list with its canonical id; a list of an unknown provider is returned unchanged."""
    info = available_providers().get(source.provider)
    return source if info is None else replace(info.build_ref(source.list_id), terms=source.terms, file=source.file)


def _takes_context(fetch: Fetch) -> bool:
    try:
        return "context" in inspect.signature(fetch).parameters
    except (TypeError, ValueError):
        return False
