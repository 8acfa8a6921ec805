"""The runs of ListSync 0.6 as they are stored here."""

from collections.abc import Iterator
from datetime import datetime

from list_sync.database.old_database import OldDatabase
from list_sync.importing.cells import find_count, find_moment, find_text
from list_sync.importing.report import Fate, Report, Thing
from list_sync.model.masking import mask_address
from list_sync.model.report import SyncMode
from list_sync.model.runs import RunStatus
from list_sync.storage.imports import ImportedRun

_COLUMNS = (
    *("session_id", "sync_type", "in_progress", "start_time", "end_time", "status", "list_id"),
    *("total_items", "items_requested", "items_skipped", "items_errors", "error_message"),
)
# What 0.6 called a run that ended early for lack of work went through.
_STATUSES = {
    "completed": RunStatus.COMPLETED,
    "no_lists": RunStatus.COMPLETED,
    "no_items": RunStatus.COMPLETED,
    "cancelled": RunStatus.STOPPED,
    "failed": RunStatus.FAILED,
}
_ENDED = "the process ended before the run did"


def read_runs(old: OldDatabase, report: Report, *, now: datetime) -> Iterator[ImportedRun]:
    """Yield the runs, oldest first; report those without a time, which have no place in a history."""
    seen = set()
    for session, kind, in_progress, start, end, status, lists, *counts, error in old.rows("sync_history", *_COLUMNS):
        name = find_text(session)
        started, ended = find_moment(start, now=now), find_moment(end, now=now)
        began = started or ended
        if began is None or (name and name in seen):
            reason = "without a time" if began is None else "there twice"
            report.add(Fate.LEFT, Thing.RUN, reason, name or "without a name")
            continue
        seen.add(name)
        state = _STATUSES.get(find_text(status).lower(), RunStatus.INTERRUPTED)
        is_cut_off = state is RunStatus.INTERRUPTED or (ended is None and bool(find_count(in_progress)))
        words = mask_address(find_text(error)) or ("" if find_text(status).lower() in _STATUSES else _ENDED)
        total, requested, skipped, errored = map(find_count, counts)
        yield ImportedRun(
            started_at=began,
            finished_at=ended,
            mode=SyncMode.MANUAL if find_text(kind).lower() == "single" else SyncMode.AUTOMATED,
            status=RunStatus.INTERRUPTED if is_cut_off else state,
            error=words or (_ENDED if is_cut_off else ""),
            processed=total,
            requested=requested,
            skipped=skipped,
            errored=errored,
            lists=sum(bool(find_text(one)) for one in find_text(lists).split(",")),
        )
