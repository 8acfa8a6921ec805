"""Outcomes, and a run from start to end, for the tests of storage."""

from dataclasses import replace
from datetime import timedelta

from list_sync.model.decisions import ItemStatus, Request, RequestOutcome, Skip
from list_sync.model.matches import Match, MatchMethod, NoMatch, NoMatchReason, WantedItem
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.servers import HOME
from list_sync.model.sources import FetchResult, FetchState, ListRef
from list_sync.model.titles import MediaType, Quality
from list_sync.storage.lists import record_lists
from list_sync.storage.runs import finish_run, start_run
from list_sync.storage.title_search import find_titles
from list_sync.storage.titles import record_outcomes
from tests.builders import NOON, a_list, an_item

FIRST = a_list("imdb", "ls1")
SECOND = a_list("trakt", "joe/best")


def wanted(item, *sources):
    return WantedItem(item, sources or (FIRST,))


def left(status, *sources, tmdb_id=603, item=None, reason="", kind=MediaType.MOVIE, method=MatchMethod.TMDB_ID):
    item = item or an_item(tmdb=tmdb_id, imdb="tt0133093")
    match = Match(wanted(item, *sources), kind, tmdb_id, method)
    return RequestOutcome(Skip(match, status, reason, Quality.HD), status, reason)


def asked(*sources, tmdb_id=603, item=None, reason="", status=ItemStatus.REQUESTED):
    match = Match(wanted(item or an_item(tmdb=tmdb_id), *sources), MediaType.MOVIE, tmdb_id, MatchMethod.TMDB_ID)
    return RequestOutcome(Request(match, Quality.HD), status, reason, 12)


def unmatched(item, reason=NoMatchReason.AMBIGUOUS, *sources, candidates=(), status=None):
    status = (
        status
        or {
            NoMatchReason.AMBIGUOUS: ItemStatus.NEEDS_REVIEW,
            NoMatchReason.NOT_FOUND: ItemStatus.NOT_FOUND,
            NoMatchReason.LOOKUP_FAILED: ItemStatus.ERROR,
            NoMatchReason.BANNED: ItemStatus.EXCLUDED,
        }[reason]
    )
    result = NoMatch(wanted(item, *sources), reason, "", candidates)
    return RequestOutcome(Skip(result, status, "", Quality.HD), status, "")


def in_quality(quality, outcome):
    return replace(outcome, decision=replace(outcome.decision, quality=quality))


def read(source, state=FetchState.COMPLETE, *, items=1, reason=None):
    return FetchResult(source, tuple(an_item(f"Title {n}") for n in range(items)), state, "api", NOON, reason)


def run(store, *outcomes, lists=(), hour=0, error=None, dry_run=False, is_full_run=True, resting=()):
    """Record one whole run, `hour` hours after noon, and return its number."""
    at = NOON + timedelta(hours=hour)
    with store.writing() as connection:
        run_id = start_run(connection, HOME, mode=SyncMode.MANUAL, started_at=at, dry_run=dry_run)
    with store.writing() as connection:
        record_lists(connection, HOME, lists, run_id=run_id, at=at, is_full_run=is_full_run, resting=resting)
        record_outcomes(connection, HOME, outcomes, run_id=run_id, at=at)
        report = SyncReport(run_id, at, at, dry_run, fetched=tuple(lists), outcomes=outcomes, error=error)
        finish_run(connection, HOME, report, is_full_run=is_full_run, resting=resting)
    return run_id


def find(store, text, **more):
    with store.reading() as connection:
        return find_titles(connection, HOME, text, **more)


def find_one(store, text):
    (record,) = find(store, text)
    return record


def statuses(record):
    return [event.status for event in record.events]


def a_ref(provider, list_id):
    return ListRef(provider, list_id)
