"""`undo`: an exact preview of what is withdrawn of a run, a question, and the run that withdraws it."""

import sys
from collections.abc import Sequence

from list_sync import log
from list_sync.commands.asking import require_yes
from list_sync.commands.json_output import print_json
from list_sync.commands.printing import complain, is_terminal, say
from list_sync.commands.sync import shown_session
from list_sync.commands.tables import print_table
from list_sync.daemon.pausing import describe_pause
from list_sync.errors import NotTrusted, PlanRefused, SyncCancelled
from list_sync.main import Session, build_undo, prepare_settings, undo_run
from list_sync.model.decisions import ItemStatus
from list_sync.model.exit_codes import ExitCode
from list_sync.model.households import HOME
from list_sync.model.report import SyncReport
from list_sync.model.shown import shown_kind
from list_sync.model.titles import counted
from list_sync.requesting.undo import UndoLine
from list_sync.undoing import preview_undo

COLUMNS = ("title", "kind", "what happens")
# Or ask for it anew by the service, or a list with again: when_readded gets it anew (docs/policy.md).
TAKEN_BACK = "What is withdrawn counts as taken back: syncs leave it alone until you pin it."


def undo(run_id: int, *, yes: bool, as_json: bool, household: str = HOME) -> int:
    """Show what an undo of a run does, and do it after a question; raise NotTrusted if the answer is no."""
    settings = prepare_settings(household)
    if settings.household.dry_run:
        raise PlanRefused("nothing is withdrawn, because DRY_RUN is set")
    with shown_session(settings, as_json=as_json) as (stopping, session, _):
        if until := session.paused_until:
            complain(describe_pause(until))
            return ExitCode.REFUSED
        try:
            lines = preview_undo(build_undo(session), run_id)
            code, report = _carry_out(session, run_id, lines, yes=yes, as_json=as_json)
        except SyncCancelled:
            return stopping.exit_code(ExitCode.FAILURES)
        except NotTrusted:
            if as_json:
                print_json(_build_object(run_id, lines, None))
            raise
    if as_json:
        print_json(_build_object(run_id, lines, report))
    return stopping.exit_code(code)


def _carry_out(
    session: Session, run_id: int, lines: Sequence[UndoLine], *, yes: bool, as_json: bool
) -> tuple[ExitCode, SyncReport | None]:
    if not as_json:
        _print(run_id, lines)
    if not any(line.has_work for line in lines):
        return ExitCode.OK, None
    number = sum(line.has_work for line in lines)
    if not yes:
        question = f"Withdraw {counted(number, 'request')} of run {run_id}?"
        require_yes(question, what="withdraw", may_ask=not as_json and sys.stdin.isatty())
    report = undo_run(session, run_id)
    if not as_json:
        back, failed = (report.counts.get(state, 0) for state in (ItemStatus.DECLINED, ItemStatus.ERROR))
        rest = f", {failed} not" if failed else ""
        say(f"{counted(back, 'title')} of run {run_id} taken back{rest}: undone by run {report.run_id}")
        if not is_terminal():
            log.repeat_closing_line()
    return report.exit_code, report


def _print(run_id: int, lines: Sequence[UndoLine]) -> None:
    if not lines:
        say(f"run {run_id} requested nothing on this server")
        return
    ordered = sorted(lines, key=lambda line: (not line.has_work, line.title))
    print_table(COLUMNS, [_build_row(line) for line in ordered])
    withdrawn = sum(line.has_work for line in lines)
    if withdrawn:
        say(TAKEN_BACK)
    say(f"{counted(withdrawn, 'request')} to withdraw, {len(lines) - withdrawn} stay as they are")


def _build_row(line: UndoLine) -> tuple[str, str, str]:
    sign = "-" if line.has_work else " "
    return f"{sign} {line.title}", shown_kind(line.entry.media_type, line.entry.quality), line.reason


def _build_object(run_id: int, lines: Sequence[UndoLine], report: SyncReport | None) -> dict[str, object]:
    return {
        "undoes": run_id,
        "run_id": report.run_id if report else None,
        "error": report.error if report else None,
        "lines": [
            {
                "title": line.title,
                "media_type": line.entry.media_type,
                "tmdb_id": line.entry.tmdb_id,
                "quality": line.entry.quality,
                "seasons": list(line.entry.seasons),
                "request_id": line.entry.request_id,
                "withdraw": line.has_work,
                "reason": line.reason,
            }
            for line in lines
        ],
    }
