"""A report as the one JSON object that --json prints."""

import json
from datetime import UTC, datetime

from list_sync.model.decisions import RequestOutcome
from list_sync.model.matches import Match
from list_sync.model.report import SyncReport
from list_sync.model.sources import Attempt, FetchResult


def print_report_json(report: SyncReport) -> None:
    """Print the report and nothing else."""
    print(json.dumps(build_report_object(report), ensure_ascii=True))


def build_report_object(report: SyncReport) -> dict[str, object]:
    """Return the report as plain JSON values; times are UTC."""
    return {
        "run_id": report.run_id,
        "started_at": _utc(report.started_at),
        "finished_at": _utc(report.finished_at),
        "dry_run": report.dry_run,
        "lists": [_list_object(result) for result in report.fetched],
        "counts": dict(report.counts),
        "server_calls": {"reads": report.calls.reads, "writes": report.calls.writes},
        "items": [_item_object(outcome) for outcome in report.outcomes],
    }


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _list_object(result: FetchResult) -> dict[str, object]:
    return {
        "provider": result.source.provider,
        "list_id": result.source.list_id,
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
        "fetched_at": _utc(result.fetched_at),
        "copied_at": _utc(result.copied_at) if result.copied_at else None,
        "backoff_until": _utc(result.backoff_until) if result.backoff_until else None,
        "attempts": [_attempt_object(attempt) for attempt in result.attempts],
    }


def _attempt_object(attempt: Attempt) -> dict[str, object]:
    return {
        "route": attempt.route,
        "outcome": attempt.outcome.value,
        "reason": attempt.reason or None,
        "until": _utc(attempt.until) if attempt.until else None,
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
