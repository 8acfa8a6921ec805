"""Which sources changed, block, or do not answer, and since when, as the records of their lists show; pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from list_sync.model.releases import Release, find_mending
from list_sync.model.routes import RouteRecord, find_present
from list_sync.model.sources import AttemptOutcome, FetchState
from list_sync.storage.lists import ListRecord
from list_sync.version import __version__

# What a source does, and not one list of it.
_OF_SOURCES = (AttemptOutcome.DRIFTED, AttemptOutcome.BLOCKED, AttemptOutcome.RATE_LIMITED, AttemptOutcome.DOWN)
# These are at home, where they answer without the internet.
_AT_HOME = ("file", "discover", "jellyfin", "radarr", "sonarr")
_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class SourceFault:
    """A route of a source that does not give some lists, all in one way.

    It was asked for `tried` lists, and gives `working` of them. `others` are the routes that give the lists meanwhile.
    An empty provider stands for all of the internet.
    """

    provider: str
    route: str
    outcome: AttemptOutcome
    since: datetime
    lists: tuple[str, ...] = ()
    tried: int = 0
    working: int = 0
    others: tuple[str, ...] = ()
    mended_in: str | None = None

    @property
    def is_of_everything(self) -> bool:
        """Return whether no source in the internet answers."""
        return not self.provider

    @property
    def is_of_few(self) -> bool:
        """Return whether other lists are read by the same route, so that these lists are odd and not the source."""
        return self.working > 0


def find_source_faults(records: Sequence[ListRecord], releases: Sequence[Release] = ()) -> tuple[SourceFault, ...]:
    """Return the faults, by source and route; if no source in the internet answers, that is the only one."""
    tried: dict[tuple[str, str], list[tuple[ListRecord, RouteRecord]]] = {}
    for record in records:
        for route in find_present(record.routes):
            tried.setdefault((record.list_type, route.route), []).append((record, route))
    if offline := _find_offline(tried):
        return (offline,)
    return tuple(fault for name, found in sorted(tried.items()) for fault in _find_faults(name, found, releases))


def _find_offline(tried: Mapping[tuple[str, str], list[tuple[ListRecord, RouteRecord]]]) -> SourceFault | None:
    far = {name: found for name, found in tried.items() if name[0] not in _AT_HOME}
    routes = [route for found in far.values() for _, route in found]
    is_down = routes and all(route.outcome is AttemptOutcome.DOWN for route in routes)
    if not is_down or len({provider for provider, _ in far}) < _SEVERAL:
        return None
    return SourceFault("", "", AttemptOutcome.DOWN, max(route.since for route in routes), tried=len(routes))


def _find_faults(
    name: tuple[str, str], found: Sequence[tuple[ListRecord, RouteRecord]], releases: Sequence[Release]
) -> Iterator[SourceFault]:
    provider, route = name
    for outcome in _OF_SOURCES:
        failing = [(record, one) for record, one in found if one.outcome is outcome]
        if not failing:
            continue
        by_others = {record.route for record, _ in failing if record.state is FetchState.COMPLETE}
        yield SourceFault(
            provider,
            route,
            outcome,
            min(one.since for _, one in failing),
            tuple(record.name for record, _ in failing),
            len(found),
            sum(one.is_working for _, one in found),
            tuple(sorted(by_others)),
            find_mending(releases, f"{provider}/{route}", version=__version__),
        )


def is_offline(records: Sequence[ListRecord]) -> bool:
    """Return whether no source in the internet answers, so that its lists say nothing of their own."""
    return any(fault.is_of_everything for fault in find_source_faults(records))
