"""The report of a run, as text for people or as the one JSON object of --json."""

from collections.abc import Iterable

from list_sync.commands.json_output import print_json, shown_utc
from list_sync.commands.notes import shown_note
from list_sync.commands.printing import say
from list_sync.commands.tables import print_table
from list_sync.model.decisions import ItemStatus, RequestOutcome
from list_sync.model.masking import mask_address
from list_sync.model.matches import Match
from list_sync.model.moments import utc_now
from list_sync.model.report import SyncReport
from list_sync.model.sources import Attempt, FetchResult
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
        print_table(LIST_COLUMNS, [_list_row(result) for result in report.fetched], title="Lists", extras=("route",))
    titles = _by_state(report.outcomes, ItemStatus if everything else NOTEWORTHY)
    if titles:
        print_table(
            TITLE_COLUMNS, [_title_row(outcome) for outcome in titles[:MOST_TITLES]], title="Titles", extras=("tmdb",)
        )
    if len(titles) > MOST_TITLES:
        say(f"and {len(titles) - MOST_TITLES} more: sync --json shows all, why TITLE one")
    if report.counts:
        say(", ".join(f"{count} {status}" for status, count in report.counts.items()))
    say(f"calls to the server: {counted(report.calls.reads, 'read')}, {counted(report.calls.writes, 'write')}")


def _by_state(outcomes: Iterable[RequestOutcome], states: Iterable[ItemStatus]) -> list[RequestOutcome]:
    """Return the outcomes that are in one of the states, grouped in their order."""
    order = {status: place for place, status in enumerate(states)}
    return sorted((outcome for outcome in outcomes if outcome.status in order), key=lambda found: order[found.status])


def _list_row(result: FetchResult) -> tuple[object, ...]:
    note = shown_note(result, now=utc_now())
    return (result.source, result.state.value, len(result.items), result.route, note)


def _title_row(outcome: RequestOutcome) -> tuple[object, ...]:
    result = outcome.result
    kind = result.media_type if isinstance(result, Match) else result.wanted.item.media_type
    tmdb_id = result.tmdb_id if isinstance(result, Match) else "-"
    return (result.wanted.item.label, kind.value if kind else "-", tmdb_id, outcome.status.value, outcome.reason)


def print_report_json(report: SyncReport) -> None:
    """Print the report and nothing else."""
    print_json(build_report_object(report))


def build_report_object(report: SyncReport) -> dict[str, object]:
    """Return the report as plain JSON values; times are UTC."""
    paused = {"paused_until": shown_utc(report.paused_until)} if report.paused_until else {}
    return {
        "run_id": report.run_id or None,
        "started_at": shown_utc(report.started_at),
        "finished_at": shown_utc(report.finished_at),
        "dry_run": report.dry_run,
        "lists": [build_list_object(result) for result in report.fetched],
        "counts": dict(report.counts),
        "server_calls": {"reads": report.calls.reads, "writes": report.calls.writes},
        "items": [_item_object(outcome) for outcome in report.outcomes],
        **paused,
    }


def build_list_object(result: FetchResult) -> dict[str, object]:
    """Return how a list was read as plain JSON values."""
    return {
        "provider": result.source.provider,
        "list_id": mask_address(result.source.list_id),
        "route": result.route,
        "state": result.state.value,
        "items": len(result.items),
        "unsupported": result.unsupported,
        "unsupported_kinds": dict(result.unsupported_kinds),
        "not_understood": result.not_understood,
        "first_not_understood": [
            {"place": entry.place, "reason": entry.reason} for entry in result.first_not_understood
        ],
        "expected": result.expected,
        "error": result.reason,
        "fetched_at": shown_utc(result.fetched_at),
        "copied_at": shown_utc(result.copied_at) if result.copied_at else None,
        "backoff_until": shown_utc(result.backoff_until) if result.backoff_until else None,
        "attempts": [_attempt_object(attempt) for attempt in result.attempts],
    }


def _attempt_object(attempt: Attempt) -> dict[str, object]:
    return {
        "route": attempt.route,
        "outcome": attempt.outcome.value,
        "reason": attempt.reason or None,
        "until": shown_utc(attempt.until) if attempt.until else None,
    }


def _item_object(outcome: RequestOutcome) -> dict[str, object]:
    result = outcome.result
    match = result if isinstance(result, Match) else None
    item = result.wanted.item
    media_type = match.media_type if match else item.media_type
    return {
        "title": item.title,
        "year": item.year,
        "media_type": media_type.value if media_type else None,
        "tmdb_id": match.tmdb_id if match else None,
        "quality": outcome.decision.quality.value,
        "status": outcome.status.value,
        "method": match.method.value if match else None,
        "reason": outcome.reason,
        "lists": [str(source) for source in result.wanted.sources],
    }
