"""The parts that all lists of one process share: HTTP clients with their limits, cache, copies, browser, log-ins."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from list_sync.api.http.client import HttpClient
from list_sync.api.http.limits import HostLimits
from list_sync.api.overseerr import OverseerrClient
from list_sync.api.saved_lists.drop_folder import find_saved
from list_sync.api.saved_lists.entries import SERVICE as FILES
from list_sync.api.saved_lists.find import ROUTE as EXPORT
from list_sync.api.saved_lists.find import Fit, Wanted, fit_of
from list_sync.api.sources.servarr import Server as ArrServer
from list_sync.api.sources.tmdb import BASE_URL, TmdbCatalogue
from list_sync.browser import BrowserPool
from list_sync.config import Settings, find_state_folder
from list_sync.config.environment import DROP_FOLDER
from list_sync.config.folders import CACHE_NAME
from list_sync.database.looking import require_unlost
from list_sync.database.store import Store, open_store
from list_sync.errors import ListSyncError
from list_sync.fetching.reuse import Reuse
from list_sync.logins import Logins
from list_sync.matching.memory import unresolved_key
from list_sync.model.arrs import ARR_TITLES
from list_sync.model.moments import utc_now
from list_sync.model.one_time import OneTimeList
from list_sync.model.report import SyncMode
from list_sync.model.sources import ListRef
from list_sync.model.titles import MediaType
from list_sync.providers import FetchContext, get_provider
from list_sync.providers.file import is_address
from list_sync.providers.scripts import build_context
from list_sync.storage.cache import Cache, CachedLists, open_cache
from list_sync.storage.list_memory import ListMemory
from list_sync.storage.memory import ProviderMemory

logger = logging.getLogger(__name__)

# A sync that a person asked for reads its lists again, unless the copy is younger than this.
AS_GOOD_AS_NOW = timedelta(seconds=60)


class Sources:
    """The clients of all sources, by service, and their cached answers; safe to share between threads."""

    def __init__(
        self, settings: Settings, store: Store, *, folder: Path, stop: threading.Event, now: Callable[[], datetime]
    ) -> None:
        self.settings = settings
        self._store = store
        self._stop = stop
        self._now = now
        self._memory = ListMemory(store, store.household)
        self._cache = open_cache_of(settings, folder / CACHE_NAME, now=now, stop=stop)
        self._clients: dict[tuple[str, bool], HttpClient] = {}
        self._lock = threading.Lock()
        self.limits = HostLimits(now=now)
        self._pages = 0
        self._logins = Logins(settings, http_for=self.http, now=now)
        self.browser = BrowserPool(
            settings.process.selenium_pool_size,
            stop=stop,
            folder=folder,
            driver_folder=settings.process.browser_driver_dir,
            undetected=settings.process.browser_uc,
        )

    def use(self, settings: Settings) -> None:
        """Go by other lists and credentials from now on."""
        self.settings = self._logins.settings = settings

    def http(self, service: str, *, only_public: bool = False) -> HttpClient:
        """Return the one client of a service; with `only_public`, one that reads no private addresses."""
        name = service, only_public
        with self._lock:
            if name not in self._clients:
                # Imported here, because it needs requests.
                from list_sync.api.http.conditional import KnownAnswers

                process = self.settings.process
                self._clients[name] = HttpClient(
                    service,
                    timeout_seconds=process.http_timeout,
                    retry_attempts=process.retry_attempts,
                    stop=self._stop,
                    limits=self.limits,
                    known_answers=KnownAnswers(self._cache) if process.cache_ttl else None,
                    allows_private=process.allow_private_sources,
                    only_public=only_public,
                    is_of_list=service == FILES,
                )
            return self._clients[name]

    def find_catalogue(self, server: OverseerrClient) -> TmdbCatalogue | None:
        """Return TMDB itself for look-ups, with the server as a reserve, if TMDB_KEY is set."""
        key = self.settings.household.credentials.get("TMDB_KEY")
        if key is None:
            return None
        base_url = self.settings.process.base_urls.get("tmdb", BASE_URL)
        return TmdbCatalogue(server, self.http("tmdb"), key=key.get_secret_value(), base_url=base_url)

    def find_arrs(self) -> Mapping[MediaType, ArrServer]:
        """Return the user's own Radarr and Sonarr, by the kind of their titles, where address and key are set."""
        known, addresses = self.settings.household.credentials, self.settings.process.base_urls
        arrs = {}
        for media_type, title in ARR_TITLES.items():
            name = title.lower()
            url, key = known.get(f"{title.upper()}_URL"), known.get(f"{title.upper()}_API_KEY")
            address = addresses.get(name) or (url and url.get_secret_value())
            if address and key:
                arrs[media_type] = ArrServer(self.http(name), title, title.upper(), address, key.get_secret_value())
        return arrs

    def make_context(
        self, source: ListRef, *, is_remote: bool = False, one_time: OneTimeList | None = None
    ) -> FetchContext:
        """Return the context that the provider of a list needs; `one_time` is the list that is synced once, if any.

        With `is_remote`, a caller of the service named the list: an address that is not in the settings must be public.
        """
        if one_time is not None and source == one_time.ref:
            return self._make_one_time_context(source, has_file=bool(one_time.file))
        provider = get_provider(source.provider)
        settings = self.settings
        only_public = is_remote and is_address(source.list_id) and source not in settings.household.lists
        context = build_context(provider, settings, self.http(source.provider, only_public=only_public))
        missing = [name for name in provider.info.credentials if name not in context.credentials]
        return replace(
            context,
            # A log-in that was made since the start replaces a credential that is not set.
            credentials={**context.credentials, **self._logins.find_credentials(missing)},
            tokens=self._logins,
            account=self._logins.account(source.provider),
            limit=settings.household.trakt_special_items_limit if provider.limited else None,
            browser=self.browser,
            list_id=source.list_id,
            on_page=self._note_page,
            memory=ProviderMemory(self._store, source.provider, key_of=unresolved_key),
            neighbours=_find_neighbours(settings, source),
        )

    def _make_one_time_context(self, source: ListRef, *, has_file: bool) -> FetchContext:
        """Return the context of a list that is synced once; its file is in DATA_DIR."""
        folder = self.settings.process.data_dir if has_file else None
        return FetchContext(http=self.http(source.provider), drop_folder=folder, on_page=self._note_page)

    @property
    def progress(self) -> tuple[int, int, float]:
        """Return how many answers and pages of lists came so far, and the time while a provider uses its own browser.

        Such a provider often gives its one page after minutes.
        """
        return self.limits.answers, self._pages, self.browser.time_at_work

    def _note_page(self) -> None:
        self._pages += 1

    def find_claims(self) -> Mapping[str, tuple[ListRef, ...]]:
        """Return by the name of each file in the drop folder the lists that may be in it, or that name it."""
        lists = self.settings.household.lists
        wanted = [(source, one) for source in lists if (one := self._find_wanted(source)) is not None]
        saved = find_saved(self.settings.process.data_dir / DROP_FOLDER) if wanted else ()
        labels = [
            (one.label, source) for source, export in wanted for one in saved if fit_of(export, one) is not Fit.NO
        ]
        # The id of a list of files is a name.
        labels += [(source.list_id, source) for source in lists if source.provider == FILES]
        claims: dict[str, dict[ListRef, None]] = {}
        for label, source in labels:
            # The label of a file in an archive begins with the name of the archive.
            for part in (PurePosixPath(label), *PurePosixPath(label).parents):
                claims.setdefault(part.as_posix(), {})[source] = None
        return {name: tuple(sources) for name, sources in claims.items()}

    def _find_wanted(self, source: ListRef) -> Wanted | None:
        """Return how to recognise the export of a list; None for a list that has none."""
        try:
            routes = get_provider(source.provider).routes_of(source.list_id)
            wanted = next((route.wanted for route in routes if route.wanted is not None), None)
            return None if wanted is None else wanted(source.list_id, self.make_context(source))
        except ListSyncError as error:
            logger.debug("%s has no export: %s", source, error)
            return None

    def reuse(self, mode: SyncMode, *, fresh: bool = False, is_scheduled: bool | None = None) -> Reuse:
        """Return which copies a run may use; if `is_scheduled` is None, automated runs are scheduled ones.

        A scheduled run uses no copy that is older than half its interval, and obeys back-offs of failing lists.
        """
        seconds = self.settings.process.cache_ttl
        is_scheduled = mode is SyncMode.AUTOMATED if is_scheduled is None else is_scheduled
        # A webhook or a changed file says that a list has just changed, so no copy is used.
        if fresh or mode.tells_of_a_change:
            max_age = timedelta(0)
        elif is_scheduled:
            interval = self.settings.household.shortest_interval(self._now(), self.settings.process.zone)
            max_age = min(timedelta(seconds=seconds), interval / 2 if interval else timedelta.max)
        else:
            max_age = min(timedelta(seconds=seconds), AS_GOOD_AS_NOW)
        cache = CachedLists(self._cache, seconds=seconds) if seconds else None
        return Reuse(self._memory, cache, max_age, skips_failing=is_scheduled)

    def count_foreign(self) -> int:
        """Return how many values in the shared cache cannot be verified."""
        return self._cache.count_foreign()

    def end_run(self) -> None:
        """Close the browsers, and forget the cookies of the sources, which would otherwise become more and more."""
        self.browser.close()
        for client in list(self._clients.values()):
            client.forget_cookies()

    def close(self) -> None:
        """Close every connection and browser."""
        self.browser.close()
        for client in self._clients.values():
            client.close()
        self.close_cache()

    def close_cache(self) -> None:
        """Close only the cache, which leaves nothing beside its file."""
        self._cache.close()


def open_cache_of(settings: Settings, path: Path, *, now: Callable[[], datetime], stop: threading.Event) -> Cache:
    """Return the cache; in Redis, CACHE_KEY or else OVERSEERR_API_KEY signs what is kept."""
    url, secret = settings.process.redis_url, settings.process.cache_key or settings.household.overseerr_api_key
    if url is None or secret is None:
        return open_cache(None, path, secret=None, now=now)
    return open_cache(url.get_secret_value(), path, secret=secret.get_secret_value(), now=now, stop=stop)


def find_export(settings: Settings, source: ListRef) -> str:
    """Return the export in the drop folder that holds a list, or ""; no network."""
    provider = get_provider(source.provider)
    route = next((one for one in provider.routes_of(source.list_id) if one.name == EXPORT), None)
    if route is None:
        return ""
    http, folder = HttpClient(source.provider), settings.process.data_dir / DROP_FOLDER
    context = FetchContext(http=http, drop_folder=folder, neighbours=_find_neighbours(settings, source))
    try:
        page = next(provider.pages(source.list_id, context, route=route), None)
    except ListSyncError:
        return ""
    finally:
        http.close()
    return page.note if page is not None else ""


def _find_neighbours(settings: Settings, source: ListRef) -> tuple[str, ...]:
    """Return the ids of the other lists of the same provider."""
    return tuple(one.list_id for one in settings.household.lists if one.provider == source.provider and one != source)


@contextmanager
def open_sources(settings: Settings, *, stop: threading.Event) -> Iterator[Sources]:
    """Give the sources of the data folder, without a media-request server."""
    folder = find_state_folder(settings.process.data_dir)
    require_unlost(folder.database, daemon_lock=folder.daemon_lock)
    with open_store(folder.database) as store:
        sources = Sources(settings, store, folder=folder.path, stop=stop, now=utc_now)
        try:
            yield sources
        finally:
            sources.close()
