"""Whether the sources can be read: a few public lists, one at a time, by every route; nothing is kept."""

import threading
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from list_sync.config import Settings
from list_sync.config.folders import DATABASE_NAME
from list_sync.database.store import open_store
from list_sync.errors import SyncCancelled
from list_sync.fetching.routes import Try, open_list, try_route
from list_sync.model.moments import utc_now
from list_sync.model.sources import AttemptOutcome, FetchResult, FetchState, ListRef
from list_sync.model.titles import MediaItem, counted
from list_sync.providers import Route, get_provider
from list_sync.sources import Sources
from list_sync.workers import Deadline

# A list of three pages takes some seconds; a route that is not done after this time counts as down.
SECONDS = 60.0
# One source that is down says nothing about the network of this machine.
_SEVERAL = 2


class RouteState(StrEnum):
    """How a route ended; a state with the name of an AttemptOutcome means the same."""

    OK = "ok"
    SHORT = "short"
    DRIFTED = "drifted"
    BLOCKED = "blocked"
    DOWN = "down"
    RATE_LIMITED = "rate_limited"
    PRIVATE = "private"
    MISSING = "missing"
    NEEDS_KEY = "needs_key"
    NEEDS_VIP = "needs_vip"
    REFUSED = "refused"
    NOT_TRIED = "not_tried"

    @property
    def words(self) -> str:
        """Return the state as people read it."""
        return _WORDS.get(self, self.value.replace("_", " "))

    @property
    def is_fault(self) -> bool:
        """Return whether the route was tried and does not work."""
        return self not in (RouteState.OK, RouteState.NOT_TRIED)


_WORDS = {RouteState.SHORT: "answers less", RouteState.NEEDS_KEY: "key refused"}


@dataclass(frozen=True, slots=True)
class PublicList:
    """A list that is read, and what must be in it."""

    provider: str
    id: str
    least: int = 0
    holds: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def ref(self) -> ListRef:
        """Return the list as others name it."""
        return ListRef(self.provider, self.id)


@dataclass(frozen=True, slots=True)
class RouteReading:
    """The result of one route for one list; `entries` is None if there was no answer."""

    provider: str
    route: str
    list: str
    state: RouteState
    entries: int | None = None
    is_complete: bool = False
    seconds: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RouteVerdict:
    """The result of a route for all lists that it was tried with."""

    provider: str
    route: str
    state: RouteState
    text: str


def load_public_lists() -> tuple[PublicList, ...]:
    """Return the table of lists, in its order."""
    document = tomllib.loads((files("list_sync.checking") / "public_lists.toml").read_text(encoding="utf-8"))
    return tuple(
        PublicList(
            one["provider"], one["id"], one.get("least", 0), tuple(one.get("holds", ())), tuple(one.get("needs", ()))
        )
        for one in document["list"]
    )


def look_at_sources(
    settings: Settings, lists: Sequence[PublicList], *, stop: threading.Event, seconds: float = SECONDS
) -> Iterator[RouteReading]:
    """Yield the result of each route; raise only SyncCancelled.

    A host that does not answer, or asks to be left alone, is not asked for a second list.
    """
    deadline = Deadline(stop, seconds)
    shut: set[tuple[str, str]] = set()
    with _open_sources(settings, stop=deadline) as sources:
        for one in lists:
            for route in get_provider(one.provider).routes_of(one.id):
                name = one.provider, route.name
                if route.is_cached and name not in shut:
                    deadline.begin(seconds)
                    reading = _look(sources, one, route, deadline=deadline)
                    if reading.state in _SHUT:
                        shut.add(name)
                    yield reading


@contextmanager
def _open_sources(settings: Settings, *, stop: threading.Event) -> Iterator[Sources]:
    """Give sources that know nothing of earlier runs and of files, and that remember nothing."""
    with TemporaryDirectory(prefix="list-sync-check-") as name:
        folder = Path(name)
        apart = replace(
            settings,
            process=settings.process.model_copy(update={"data_dir": folder, "cache_ttl": 0, "redis_url": None}),
        )
        with open_store(folder / DATABASE_NAME) as store:
            sources = Sources(apart, store, folder=folder, stop=stop, now=utc_now)
            try:
                yield sources
            finally:
                sources.close()


def _look(sources: Sources, one: PublicList, route: Route, *, deadline: Deadline) -> RouteReading:
    """Return the result of one route for one list."""
    provider, known = get_provider(one.provider), sources.settings.household.credentials
    # The others read the list elsewhere.
    own = provider.required_credentials if route.name == provider.routes[0].name else ()
    needed = (*own, *route.needs, *one.needs)
    blank = RouteReading(one.provider, route.name, one.id, RouteState.NOT_TRIED)
    if missing := [name for name in dict.fromkeys(needed) if name not in known]:
        return replace(blank, reason=f"needs {' and '.join(missing)}")
    opened, began = open_list(one.ref, sources.make_context, now=utc_now), time.monotonic()
    if isinstance(opened, FetchResult):
        return replace(blank, state=RouteState.REFUSED, reason=opened.reason or "")
    try:
        done = try_route(opened, route, stop=deadline)
    except SyncCancelled:
        if not deadline.is_over:
            raise
        words = f"not read to its end within {deadline.seconds:g} s"
        return replace(blank, state=RouteState.DOWN, seconds=time.monotonic() - began, reason=words)
    finally:
        opened.holding.release()
    return replace(_judge(blank, one, done), seconds=time.monotonic() - began)


def _judge(blank: RouteReading, one: PublicList, done: Try) -> RouteReading:
    """Return the result of a route: a list with fewer entries than it must have is no success."""
    result, outcome = done.result, done.attempt.outcome
    if result is None:
        return replace(blank, state=_STATES.get(outcome) or RouteState(outcome.value), reason=done.attempt.reason)
    missing = [name for name in one.holds if not any(_is(item, name) for item in result.items)]
    shortfalls = [done.attempt.reason] if outcome is AttemptOutcome.PARTIAL else []
    if result.entries < one.least:
        shortfalls.append(f"{counted(result.entries, 'entry', 'entries')} where there are at least {one.least}")
    elif missing:
        shortfalls.append(f"without {', '.join(missing)}")
    return replace(
        blank,
        state=RouteState.SHORT if shortfalls else RouteState.OK,
        entries=result.entries,
        is_complete=result.state is FetchState.COMPLETE,
        reason="; ".join(shortfalls) or done.attempt.reason,
    )


_STATES = {AttemptOutcome.SKIPPED: RouteState.NOT_TRIED}
# A second question would not be answered, or only do harm.
_SHUT = (RouteState.DOWN, RouteState.BLOCKED, RouteState.RATE_LIMITED, RouteState.NEEDS_KEY)


def _is(item: MediaItem, name: str) -> bool:
    """Return whether an entry is the title of that id or name."""
    ids = item.ids
    return name in (ids.imdb, f"tmdb:{ids.tmdb}", f"tvdb:{ids.tvdb}", item.title)


def is_offline(readings: Sequence[RouteReading]) -> bool:
    """Return whether no source at all answered, which says more about this machine than about the sources."""
    tried = [one for one in readings if one.state is not RouteState.NOT_TRIED]
    is_alone = len({one.provider for one in tried}) < _SEVERAL
    return bool(tried) and not is_alone and all(one.state is RouteState.DOWN for one in tried)


def sum_up(readings: Sequence[RouteReading]) -> tuple[RouteVerdict, ...]:
    """Return the result of each route for all its lists: it works, or which fault it has with how many of them."""
    by_route: dict[tuple[str, str], list[RouteReading]] = {}
    for one in readings:
        by_route.setdefault((one.provider, one.route), []).append(one)
    return tuple(_sum_up_route(lists) for lists in by_route.values())


def _sum_up_route(lists: Sequence[RouteReading]) -> RouteVerdict:
    tried = [one for one in lists if one.state is not RouteState.NOT_TRIED]
    faults = [one for one in tried if one.state.is_fault]
    first = next(iter([*faults, *tried, *lists]))
    text = first.reason
    if faults and len(faults) < len(tried):
        text = f"only {first.list}, other lists are read: {text}"
    elif len(faults) > 1:
        text = f"all {len(faults)} lists that were tried: {text}"
    return RouteVerdict(first.provider, first.route, first.state, text)
