"""Runs as they are recorded, for commands that show them."""

from datetime import timedelta

from list_sync.model.decisions import ItemStatus, Request, RequestOutcome, Skip
from list_sync.model.matches import Candidate, Match, NoMatch, NoMatchReason
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.servers import HOME, CallCounts
from list_sync.model.titles import MediaType, Quality
from list_sync.storage.lists import record_lists
from list_sync.storage.runs import finish_run, start_run
from list_sync.storage.titles import record_outcomes
from tests.builders import NOON, a_list, a_match, a_result, a_wanted, an_item


def requested(match=None, reason="request 1 made", quality=Quality.HD):
    return RequestOutcome(Request(match or a_match(), quality), ItemStatus.REQUESTED, reason, request_id=1)


def skipped(result, status, reason):
    return RequestOutcome(Skip(result, status, reason, Quality.HD), status, reason)


def for_review(title="Heat", year=1995, *, imdb=None, candidates=None):
    item = an_item(title, MediaType.MOVIE, year, imdb=imdb)
    found = candidates or (
        Candidate(MediaType.MOVIE, 949, "Heat", year=1995),
        Candidate(MediaType.MOVIE, 11636, "Heat"),
    )
    result = NoMatch(a_wanted(item, a_list()), NoMatchReason.AMBIGUOUS, "two films of that name", found)
    return skipped(result, ItemStatus.NEEDS_REVIEW, "two films of that name")


def available(title, tmdb_id, **more):
    match = a_match(tmdb_id, item=an_item(title, tmdb=tmdb_id, **more))
    return skipped(match, ItemStatus.ALREADY_AVAILABLE, "on the server")


def matched(item, tmdb_id, method):
    return Match(a_wanted(item), item.media_type, tmdb_id, method)


def a_report(*outcomes, run_id=1, fetched=None, error=None, failure=None, dry_run=False, minutes=0, vanished=0):
    began = NOON + timedelta(minutes=minutes)
    return SyncReport(
        run_id=run_id,
        started_at=began,
        finished_at=began + timedelta(seconds=5),
        dry_run=dry_run,
        mode=SyncMode.MANUAL,
        fetched=fetched if fetched is not None else (a_result(*(o.result.wanted.item for o in outcomes)),),
        outcomes=outcomes,
        calls=CallCounts(reads=4, writes=len(outcomes)),
        error=error,
        failure=failure,
        vanished=vanished,
    )


def record(store, *outcomes, **more):
    """Record a run with these outcomes as the pipeline does."""
    report = a_report(*outcomes, **more)
    with store.writing() as connection:
        run_id = start_run(connection, HOME, mode=report.mode, started_at=report.started_at, dry_run=report.dry_run)
        report = a_report(*outcomes, **{**more, "run_id": run_id})
        record_outcomes(connection, HOME, report.outcomes, run_id=run_id, at=report.finished_at)
        record_lists(connection, HOME, report.fetched, run_id=run_id, at=report.finished_at, is_full_run=True)
        finish_run(connection, HOME, report)
    return report
