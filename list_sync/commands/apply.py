"""`apply`: a sync that requests what a saved plan says and still holds, and says of each other line what changed."""

from collections import Counter
from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path

from list_sync import log
from list_sync.carrying import apply_plan
from list_sync.commands.json_output import print_json
from list_sync.commands.printing import complain, is_terminal, say
from list_sync.commands.sync import shown_session, sync_and_print
from list_sync.commands.tables import print_table
from list_sync.correcting.plan_files import read_plan
from list_sync.daemon.pausing import describe_pause
from list_sync.errors import SyncCancelled
from list_sync.main import prepare_settings
from list_sync.model.exit_codes import ExitCode
from list_sync.model.households import HOME
from list_sync.model.plans import LineKind, LineResult, SavedPlan
from list_sync.model.report import SyncReport
from list_sync.model.shown import shown_kind, shown_reason
from list_sync.model.titles import counted
from list_sync.preparation import prepare_with


def apply_pending(*, as_json: bool, household: str = HOME) -> int:
    """Sync all lists, and request what the brake held as well."""
    return sync_and_print(prepare_settings(household), as_json=as_json, accepts=True)


def apply(file: Path, *, as_json: bool, lists_file: Path | None = None, household: str = HOME) -> int:
    """Request what a plan says and still holds, as if `lists_file` were lists.yaml if it is given.

    Raise PlanRefused if it does not hold as a whole.
    """
    made = read_plan(file)
    settings = prepare_with(lists_file, household)
    with shown_session(settings, as_json=as_json) as (stopping, session, on_progress):
        if until := session.paused_until:
            complain(describe_pause(until))
            return ExitCode.REFUSED
        try:
            report, results = apply_plan(session, made, on_progress=on_progress)
        except SyncCancelled:
            return stopping.exit_code(ExitCode.FAILURES)
    if as_json:
        print_json(_build_object(report, results))
    else:
        _print(made, report, results, settings.process.zone)
    return stopping.exit_code(ExitCode.REFUSED if report.dry_run else report.exit_code)


def _print(made: SavedPlan, report: SyncReport, results: Sequence[LineResult], zone: tzinfo) -> None:
    left = [one for one in results if not one.is_done]
    if left:
        rows = [
            (
                one.line.title,
                shown_kind(one.line.media_type, one.line.quality),
                one.status.replace("_", " "),
                shown_reason(one.reason, zone),
            )
            for one in left
        ]
        print_table(("title", "kind", "state", "what changed"), rows, title="Not done")
    ticked_out = sum(line.kind is not LineKind.WAIT and not line.apply for line in made.lines)
    parts = [f"{len(results) - len(left)} of {counted(len(results), 'planned line')} done"]
    parts += [f"{ticked_out} left out (apply: false)"] if ticked_out else []
    if report.dry_run:
        parts.append("nothing was sent, because DRY_RUN is set")
    say("; ".join(parts))
    if not is_terminal():
        log.repeat_closing_line()


def _build_object(report: SyncReport, results: Sequence[LineResult]) -> dict[str, object]:
    return {
        "run_id": report.run_id or None,
        "counts": dict(Counter(one.status for one in results)),
        "error": report.error,
        "server_calls": {"reads": report.calls.reads, "writes": report.calls.writes},
        "lines": [
            {
                "title": one.line.title,
                "media_type": one.line.media_type,
                "tmdb_id": one.line.tmdb_id,
                "quality": one.line.quality,
                "done": one.is_done,
                "status": one.status,
                "reason": one.reason,
            }
            for one in results
        ],
    }
