"""A report as text: the lists, the counts, and every title that the user should look at."""

from collections.abc import Iterable

from list_sync.commands.printing import print_table, say, shown_note
from list_sync.model.decisions import ItemStatus, RequestOutcome
from list_sync.model.matches import Match
from list_sync.model.report import SyncReport
from list_sync.model.sources import FetchResult
from list_sync.model.titles import counted

LIST_COLUMNS = ("list", "state", "titles", "route", "note")
TITLE_COLUMNS = ("title", "kind", "tmdb", "state", "why")
# Titles in the other states need no attention.
NOTEWORTHY = (
    ItemStatus.REQUESTED,
    ItemStatus.WOULD_REQUEST,
    ItemStatus.REQUEST_FAILED,
    ItemStatus.ERROR,
    ItemStatus.NEEDS_REVIEW,
    ItemStatus.NOT_FOUND,
    ItemStatus.UNSUPPORTED,
    ItemStatus.WAITING,
)
MOST_TITLES = 200


def print_report(report: SyncReport, *, everything: bool = False) -> None:
    """Print what a run did, with the titles that need attention, or with all titles."""
    if report.fetched:
        print_table(LIST_COLUMNS, [_list_row(result) for result in report.fetched], title="Lists")
    titles = by_state(report.outcomes, ItemStatus if everything else NOTEWORTHY)
    if titles:
        print_table(TITLE_COLUMNS, [_title_row(outcome) for outcome in titles[:MOST_TITLES]], title="Titles")
    if len(titles) > MOST_TITLES:
        say(f"and {len(titles) - MOST_TITLES} more: sync --json shows all, why TITLE one")
    if report.counts:
        say(", ".join(f"{count} {status}" for status, count in report.counts.items()))
    say(f"calls to the server: {counted(report.calls.reads, 'read')}, {counted(report.calls.writes, 'write')}")


def by_state(outcomes: Iterable[RequestOutcome], states: Iterable[ItemStatus]) -> list[RequestOutcome]:
    """Return the outcomes that are in one of the states, grouped in their order."""
    order = {status: place for place, status in enumerate(states)}
    return sorted((outcome for outcome in outcomes if outcome.status in order), key=lambda found: order[found.status])


def _list_row(result: FetchResult) -> tuple[object, ...]:
    note = shown_note(result.reason, result.attempts, result.unsupported, result.unsupported_kinds)
    return (result.source, result.state.value, len(result.items), result.route, note)


def _title_row(outcome: RequestOutcome) -> tuple[object, ...]:
    result = outcome.result
    kind = result.media_type if isinstance(result, Match) else result.wanted.item.media_type
    tmdb_id = result.tmdb_id if isinstance(result, Match) else "-"
    return (result.wanted.item.label, kind.value if kind else "-", tmdb_id, outcome.status.value, outcome.reason)
