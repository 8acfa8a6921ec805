"""How lists and their sources are, in lines: those that were not read in full, and sources that do not work."""

from collections.abc import Iterator, Sequence

from list_sync.commands.notes import shown_note
from list_sync.config import Settings
from list_sync.correcting.source_faults import describe_fault
from list_sync.model.moments import utc_now
from list_sync.model.releases import Release
from list_sync.model.routes import find_present
from list_sync.model.shown import shown_time
from list_sync.model.sources import FetchState, ListRef
from list_sync.storage.lists import ListRecord
from list_sync.storage.source_faults import SourceFault, find_source_faults


def describe_lists(lists: Sequence[ListRecord], releases: Sequence[Release], settings: Settings) -> Iterator[str]:
    """Yield the lines of `status`: the states of lists, those that could not be read in full, and sources."""
    by_state = [(state.value, sum(record.state is state for record in lists)) for state in FetchState]
    states = ", ".join(f"{count} {state}" for state, count in by_state if count)
    yield f"lists     {states or 'none read so far'}"
    for record in lists:
        if record.state in (FetchState.FAILED, FetchState.STALE):
            name = ListRef(record.list_type, record.list_id)
            yield f"          {name} {record.state.value}: {shown_note(record, now=utc_now())}"
    for fault in find_source_faults(lists, releases):
        yield f"source    {say_fault(fault, settings)}"


def describe_routes(record: ListRecord, settings: Settings) -> Iterator[str]:
    """Yield since when each route that was asked the last time has not worked."""
    for one in find_present(record.routes):
        if not one.is_working:
            yield f"{one.route} {one.outcome.words} since {shown_time(one.since, settings.process.zone)[:-3]}"


def say_fault(fault: SourceFault, settings: Settings) -> str:
    """Return what a source does, and what mends it."""
    return describe_fault(fault, zone=settings.process.zone, is_checking=settings.process.update_check)


def build_faults(
    lists: Sequence[ListRecord], releases: Sequence[Release], settings: Settings
) -> list[dict[str, object]]:
    """Return the sources that do not work as JSON has them."""
    names = ("provider", "route", "outcome", "since", "lists", "tried", "others", "mended_in")
    return [
        {name: getattr(fault, name) for name in names} | {"text": say_fault(fault, settings)}
        for fault in find_source_faults(lists, releases)
    ]
