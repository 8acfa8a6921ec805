"""The report of a run, as text for people or as the one JSON object of --json."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from list_sync.commands.json_output import print_json, shown_utc
from list_sync.commands.notes import shown_note
from list_sync.commands.printing import say
from list_sync.commands.tables import print_table
from list_sync.model.decisions import ItemStatus, RequestOutcome
from list_sync.model.leaving import LeftTitle
from list_sync.model.masking import mask_address
from list_sync.model.matches import Match
from list_sync.model.report import SyncReport
from list_sync.model.shown import shown_kind, shown_reason
from list_sync.model.sources import Attempt, FetchResult
from list_sync.model.titles import MediaType, Quality, TitleKey, counted

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
# Many titles may have the same reason in these states, such as a missing permission.
REPEATED = (ItemStatus.REQUEST_FAILED, ItemStatus.ERROR, ItemStatus.WAITING)
MOST_TITLES = 200


def print_report(
    report: SyncReport,
    names: Mapping[TitleKey, str] | None = None,
    *,
    everything: bool = False,
    zone: tzinfo = UTC,
) -> None:
    """Print what a run did, with the titles that need attention, or with all titles.

    `names` are those of titles of which the lists state ids only.
    """
    if report.fetched:
        print_table(
            LIST_COLUMNS,
            [_list_row(result, now=report.finished_at) for result in report.fetched],
            title="Lists",
            extras=("route",),
        )
    titles = _by_state(report.outcomes, ItemStatus if everything else NOTEWORTHY)
    shown = titles if everything else titles[:MOST_TITLES]
    if shown:
        print_table(TITLE_COLUMNS, _build_title_rows(shown, names or {}, zone), title="Titles", extras=("tmdb",))
    if len(titles) > len(shown):
        say(f"and {len(titles) - len(shown)} more: sync --all shows all, why TITLE one")
    for title in report.left:
        say(f"{title.label}: {title.reason}")
    if report.counts:
        say(", ".join(f"{count} {status}" for status, count in report.counts.items()))
    say(f"calls to the server: {counted(report.calls.reads, 'read')}, {counted(report.calls.writes, 'write')}")
    if report.dry_run:
        number = report.counts.get(ItemStatus.WOULD_REQUEST, 0)
        say(f"dry run: nothing was changed on the server; a sync would request {counted(number, 'title')}")


def _by_state(outcomes: Iterable[RequestOutcome], states: Iterable[ItemStatus]) -> list[RequestOutcome]:
    """Return the outcomes that are in one of the states, grouped in their order; equal failures stand together."""
    order = {status: place for place, status in enumerate(states)}
    found = [outcome for outcome in outcomes if outcome.status in order]
    return sorted(found, key=lambda one: (order[one.status], one.reason if one.status in REPEATED else ""))


def _list_row(result: FetchResult, *, now: datetime) -> tuple[object, ...]:
    note = shown_note(result, now=now)
    return (result.source, result.state.value, len(result.items), result.route, note)


def _build_title_rows(
    outcomes: Sequence[RequestOutcome], names: Mapping[TitleKey, str], zone: tzinfo
) -> list[tuple[object, ...]]:
    """Return a row for each title; a reason that many titles share, as in a dry run, is given once."""
    rows, told = [], ""
    are_mixed = len({outcome.decision.quality for outcome in outcomes}) > 1
    for outcome in outcomes:
        is_repeated = outcome.status in REPEATED and outcome.reason == told
        reason = "" if outcome.status is ItemStatus.WOULD_REQUEST else shown_reason(outcome.reason, zone)
        kind = shown_kind(_find_kind(outcome), outcome.decision.quality if are_mixed else Quality.HD)
        rows.append((*_title_row(outcome, names, kind), outcome.status.value, "as above" if is_repeated else reason))
        told = outcome.reason
    return rows


def _find_kind(outcome: RequestOutcome) -> MediaType | None:
    result = outcome.result
    return result.media_type if isinstance(result, Match) else result.wanted.item.media_type


def _title_row(outcome: RequestOutcome, names: Mapping[TitleKey, str], kind: str) -> tuple[object, ...]:
    result, label = outcome.result, outcome.result.label
    if not isinstance(result, Match):
        return (label, kind, "-")
    if not (result.name or result.wanted.item.title):
        label = names.get((result.media_type, result.tmdb_id)) or label
    return (label, kind, result.tmdb_id)


def print_report_json(report: SyncReport) -> None:
    """Print the report and nothing else."""
    print_json(build_report_object(report))


def build_report_object(report: SyncReport) -> dict[str, object]:
    """Return the report as plain JSON values; times are UTC."""
    paused = {"paused_until": shown_utc(report.paused_until)} if report.paused_until else {}
    left = {"left_all_lists": [_left_object(title) for title in report.left]} if report.left else {}
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
        **left,
    }


def _left_object(title: LeftTitle) -> dict[str, object]:
    return {
        "title": title.title,
        "year": title.year,
        "media_type": title.media_type.value,
        "tmdb_id": title.tmdb_id,
        "quality": title.quality.value,
        "request_id": title.request_id,
        "status": title.state.value,
        "reason": title.reason,
        "list": title.source.name,
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
