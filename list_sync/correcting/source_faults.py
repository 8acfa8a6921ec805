"""Which sources changed, block, or do not answer, since when, and what mends it, from the lists as last read; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from list_sync.model.releases import RELEASES_PAGE, Release, find_mending
from list_sync.model.routes import RouteRecord, find_present
from list_sync.model.shown import shown_time
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
    def name(self) -> str:
        """Return provider and route."""
        return f"{self.provider}/{self.route}"

    @property
    def is_of_everything(self) -> bool:
        """Return whether no source in the internet answers."""
        return not self.provider

    @property
    def is_of_few(self) -> bool:
        """Return whether other lists are read by the same route, so that these lists are odd and not the source."""
        return self.working > 0


@dataclass(frozen=True, slots=True)
class ToldFault:
    """A fault with what is said of it."""

    fault: SourceFault
    text: str


def find_source_faults(records: Sequence[ListRecord], releases: Sequence[Release] = ()) -> tuple[SourceFault, ...]:
    """Return the faults, by source and route; if no source in the internet answers, that is the only one."""
    tried: dict[tuple[str, str], list[tuple[ListRecord, RouteRecord]]] = {}
    for record in records:
        for route in find_present(record.routes):
            tried.setdefault((record.list_type, route.route), []).append((record, route))
    if offline := _find_offline(tried):
        return (offline,)
    return tuple(fault for name, found in sorted(tried.items()) for fault in _find_faults(name, found, releases))


def _find_offline(tried: dict[tuple[str, str], list[tuple[ListRecord, RouteRecord]]]) -> SourceFault | None:
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


def describe_fault(fault: SourceFault, *, zone: tzinfo, is_checking: bool) -> str:
    """Say in a sentence or two what a source does since when, how its lists are read meanwhile, and what mends it.

    `is_checking` says whether releases are looked for.
    """
    since = shown_time(fault.since, zone)[:-3]
    if fault.is_of_everything:
        return f"No source in the internet has answered since {since}: look at the network of this machine."
    return " ".join(filter(None, [f"{_say_what(fault, since)}.", _say_others(fault), _say_mending(fault, is_checking)]))


# What a source does, and what a list of it has come to meanwhile.
_WORDS = {
    AttemptOutcome.DRIFTED: ("changed its form at", "not understood"),
    AttemptOutcome.BLOCKED: ("has blocked ListSync since", "blocked"),
    AttemptOutcome.RATE_LIMITED: ("has asked for fewer requests since", "limited"),
    AttemptOutcome.DOWN: ("has not answered since", "without an answer"),
}


def _say_what(fault: SourceFault, since: str) -> str:
    does, is_so = _WORDS[fault.outcome]
    number, first = len(fault.lists), fault.lists[0] if fault.lists else ""
    if fault.is_of_few:
        which = f"Only {first}" if number == 1 else f"Only {number} of {fault.tried} lists of {fault.provider}"
        odd = "it is odd" if number == 1 else "they are odd"
        end = f", so {odd}, and not the source" if fault.outcome is AttemptOutcome.DRIFTED else ""
        return f"{which}: {is_so} by {fault.route} since {since}; others are read by it{end}"
    doubt = ", or this list is odd" if fault.outcome is AttemptOutcome.DRIFTED and number == 1 else ""
    which = f"all {number} lists" if number == fault.tried else f"{number} of {fault.tried} lists"
    which = f"its only list {first}" if fault.tried == 1 else which
    return f"{fault.provider} {does} {since}{doubt} (by {fault.route}, {which})"


def _say_others(fault: SourceFault) -> str:
    if not fault.others:
        return ""
    return f"Until that is over, {'they are' if len(fault.lists) > 1 else 'it is'} read by {' or '.join(fault.others)}."


def _say_mending(fault: SourceFault, is_checking: bool) -> str:
    if fault.mended_in:
        return f"ListSync {fault.mended_in} reads it again: update."
    if fault.outcome is not AttemptOutcome.DRIFTED or fault.is_of_few:
        return ""
    if is_checking:
        return f"No release that mends it is known yet: {RELEASES_PAGE} has the newest."
    return f"Look for a release that mends it at {RELEASES_PAGE}; with UPDATE_CHECK=true, it is named here."
