"""`history`: the latest runs."""

from datetime import tzinfo

from list_sync.commands.opening import find_own_store, load_for_command
from list_sync.commands.printing import print_table, say, shown_time
from list_sync.model.report import ExitCode
from list_sync.model.runs import Run
from list_sync.storage.runs import load_past_runs

COLUMNS = ("run", "started", "seconds", "mode", "status", "lists", "titles", "requested", "failed", "calls", "note")


def show_history(*, limit: int) -> ExitCode:
    """Print the latest runs, newest first."""
    settings = load_for_command()
    store = find_own_store(settings.process)
    if store is None:
        return ExitCode.OK
    with store:
        runs = load_past_runs(store, limit=limit)
    if runs:
        print_table(COLUMNS, [build_row(run, zone=settings.process.zone) for run in runs])
    else:
        say("no run so far")
    return ExitCode.OK


def build_row(run: Run, *, zone: tzinfo) -> tuple[object, ...]:
    """Return one run as a row."""
    seconds: object = "-"
    if run.started_at is not None and run.finished_at is not None:
        # Negative if the clock was set back meanwhile.
        seconds = max(0, round((run.finished_at - run.started_at).total_seconds()))
    lists = f"{run.lists_total - run.lists_failed} of {run.lists_total}" if run.lists_failed else run.lists_total
    # Each run calls the server. Of a run that did not record its calls, only its requests are known, from the journal.
    is_told = run.reads > 0
    return (
        run.run_id,
        shown_time(run.started_at, zone),
        seconds if is_told else "-",
        f"{run.mode.value}, dry run" if run.dry_run else run.mode.value,
        run.status.value,
        lists if is_told else "-",
        run.items_processed if is_told else "-",
        run.items_requested,
        run.items_errored if is_told else "-",
        f"{run.reads}+{run.writes}" if is_told else "-",
        run.error or "",
    )
