"""One cycle from lists to records: the only module that knows the order of the stages."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from list_sync.api.mediaserver.tmdb_watch import TmdbWatch
from list_sync.api.overseerr import OverseerrClient
from list_sync.api.sources.tmdb import Catalogue
from list_sync.database.store import Store
from list_sync.errors import ListSyncError, ServiceError, SyncCancelled
from list_sync.fetching import Reuse, fetch_lists
from list_sync.matching.memory import KnownTitles, find_new, unresolved_key, with_unresolved, without_missing
from list_sync.matching.resolver import match_titles
from list_sync.merging.merge import merge_items, merge_wishes
from list_sync.model.decisions import Decision, Policy, RequestOutcome, Wish
from list_sync.model.journal import RequestState
from list_sync.model.matches import MatchResult, Unresolved, WantedItem
from list_sync.model.report import FailureKind, SyncMode, SyncReport
from list_sync.model.runs import Progress, ProgressListener, Stage, ignore_progress
from list_sync.model.servers import HOME, CallCounts, ServerInfo, ServerRequest
from list_sync.model.sources import FetchResult, ListRef
from list_sync.planning.evidence import (
    find_misnumbered,
    find_missing_number,
    find_stated_number,
    is_misnumbered,
    part_doubles,
    without_tmdb_id,
)
from list_sync.planning.plan import plan
from list_sync.providers import FetchContext
from list_sync.requesting.gates import Gates
from list_sync.requesting.recover import Recovery, recover
from list_sync.requesting.sender import Sender
from list_sync.requesting.verify import verify
from list_sync.storage.journal import OPEN
from list_sync.storage.record import Record
from list_sync.surveying.after import fingerprint_to_keep, what_was_learned
from list_sync.surveying.daily import DailyCount
from list_sync.surveying.numbers import MissingNumbers
from list_sync.surveying.own import OwnRecords
from list_sync.surveying.reading import read_details
from list_sync.surveying.survey import Survey
from list_sync.wishing.wishes import build_wishes


@dataclass(frozen=True, slots=True)
class Parts:
    """The objects that all cycles of a process share.

    `catalogue` answers look-ups by id; without one, the client does.
    """

    client: OverseerrClient
    store: Store
    make_context: Callable[[ListRef], FetchContext]
    stop: threading.Event
    now: Callable[[], datetime]
    workers: int = 5
    catalogue: Catalogue | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """The task of one cycle; `is_full_run` is True if `lists` are all lists of the user.

    With `is_fresh`, the whole server is read, and titles that were not found are searched again. `run_id` is the number
    of the run if it was queued.
    """

    lists: tuple[ListRef, ...]
    policy: Policy
    mode: SyncMode = SyncMode.MANUAL
    is_full_run: bool = True
    on_progress: ProgressListener = field(default=ignore_progress)
    reuse: Reuse = field(default_factory=Reuse)
    is_fresh: bool = False
    run_id: int | None = None


def run_cycle(parts: Parts, job: Job) -> SyncReport:
    """Read the lists, match, plan, request, verify and record; an error is recorded in the run.

    Raise StorageError if the database fails.
    """
    record = Record.start(
        parts.store,
        HOME,
        mode=job.mode,
        now=parts.now,
        dry_run=job.policy.dry_run,
        run_id=job.run_id,
    )
    cycle = _Cycle(parts, job, record)
    try:
        cycle.work()
        failure = cycle.failure
    except ListSyncError as error:
        failure = error
    report = SyncReport(
        run_id=record.run_id,
        started_at=record.started_at,
        finished_at=parts.now(),
        dry_run=job.policy.dry_run,
        mode=job.mode,
        fetched=cycle.fetched,
        outcomes=tuple(cycle.outcomes),
        calls=cycle.calls(),
        error=str(failure) if failure else None,
        failure=FailureKind.of(failure) if failure else None,
        vanished=len(record.journal.load_entries(RequestState.VANISHED)),
    )
    record.remember_unresolved(cycle.unresolved, is_clean=not cycle.watch.has_failed)
    record.finish(report, is_full_run=job.is_full_run)
    cycle.close_journal()
    return report


class _Cycle:
    """The data of one cycle on its way through the stages."""

    def __init__(self, parts: Parts, job: Job, record: Record) -> None:
        self._parts = parts
        self._job = job
        self._record = record
        self._journal = record.journal
        self._calls_before = parts.client.calls
        self._proven: frozenset[int] = frozenset()
        self._recovery = Recovery()
        self._made: Counter[int] = Counter()
        self._requested: Counter[int] = Counter()
        self._daily = DailyCount(parts.client, self._journal.load_asked_since, job.policy, parts.now)
        self._sender = Sender(
            parts.client,
            self._journal,
            stop=parts.stop,
            gates=Gates(parts.client.fetch_quotas),
            find_reason_to_wait=self._daily.find_reason_to_wait,
        )
        self._read_back: list[ServerRequest] = []
        self.unresolved: list[Unresolved] = []
        self.watch = TmdbWatch()
        ask = partial(read_details, server=parts.client, watch=self.watch, workers=parts.workers, stop=parts.stop)
        self._numbers = MissingNumbers(record, ask, self.watch, now=parts.now)
        self.fetched: tuple[FetchResult, ...] = ()
        self.outcomes: list[RequestOutcome] = []

    def work(self) -> None:
        info = self._parts.client.check_access()
        self._record.recognise_server(info, address=self._parts.client.url, at=self._parts.now())
        self.fetched = self._fetch()
        wanted = merge_items(self.fetched)
        self._numbers.ask_again(map(find_stated_number, wanted), is_fresh=self._job.is_fresh)
        wishes = merge_wishes(build_wishes(self._match(wanted)), self._job.lists)
        self._recover()
        survey = self._survey(info, wishes)
        self.outcomes = self._carry_out(survey, wishes)
        self._try_without_wrong_numbers(survey)
        self._remember(survey)

    @property
    def failure(self) -> ListSyncError | None:
        """Return the error that ended requesting early."""
        stopped = SyncCancelled("stopped before every request was sent") if self._sender.is_stopped else None
        return self._sender.failure or stopped

    def calls(self) -> CallCounts:
        now, before = self._parts.client.calls, self._calls_before
        return CallCounts(now.reads - before.reads, now.writes - before.writes)

    def close_journal(self) -> None:
        """Mark recorded requests as confirmed; otherwise the next run would look for them again."""
        wishes = {outcome.decision.quality_key for outcome in self.outcomes}
        told = self._recovery.find_told(wishes, now=self._parts.now())
        self._journal.mark(self._proven | told, RequestState.CONFIRMED)

    def _fetch(self) -> tuple[FetchResult, ...]:
        return fetch_lists(
            self._job.lists,
            make_context=self._parts.make_context,
            workers=self._parts.workers,
            stop=self._parts.stop,
            on_progress=self._job.on_progress,
            now=self._parts.now,
            reuse=self._job.reuse,
        )

    def _match(self, wanted: Sequence[WantedItem]) -> tuple[MatchResult, ...]:
        missing, pins = self._numbers.all_missing, self._record.load_pins()
        wanted = [without_tmdb_id(one) if is_misnumbered(one, missing, pins) else one for one in wanted]
        resolutions, unresolved = self._record.load_lookups(
            keys={key for one in wanted for key in one.item.keys},
            entries=[unresolved_key(one.item) for one in wanted],
        )
        known = KnownTitles(pins, without_missing(resolutions, missing))
        known = with_unresolved(known, () if self._job.is_fresh else unresolved, wanted=wanted, now=self._parts.now())
        results = match_titles(
            wanted,
            catalogue=self._parts.catalogue or self._parts.client,
            server=self._parts.client,
            knowledge=known,
            workers=self._parts.workers,
            stop=self._parts.stop,
            watch=self.watch,
            on_learned=lambda learned: self._record.remember_resolutions(learned, self._parts.now()),
            on_progress=self._job.on_progress,
        )
        self.unresolved += find_new(results, known.unresolved, unresolved, now=self._parts.now())
        return results

    def _recover(self) -> None:
        """Look for requests that an interrupted run left open; a dry run changes nothing."""
        if self._job.policy.dry_run:
            return
        self._recovery = recover(
            self._journal.load_entries(*OPEN),
            self._parts.client,
            self._journal,
            now=self._parts.now(),
            stop=self._parts.stop,
        )

    def _survey(self, info: ServerInfo, wishes: Sequence[Wish]) -> Survey:
        keys = {wish.key[:2] for wish in wishes if wish.key}
        remembered = self._record.load_server_memory(keys)
        now = self._parts.now()
        own = OwnRecords(self._journal, recovered=self._recovery.found)
        return Survey(
            self._parts.client,
            info,
            remembered,
            own.load(),
            compare=partial(own.compare, remembered.states),
            sent=own.find_sent_since(remembered.unread_since),
            is_fresh=self._job.is_fresh,
            unknown_to_tmdb=self._numbers.missing,
            workers=self._parts.workers,
            stop=self._parts.stop,
            now=now,
            watch=self.watch,
        )

    def _plan(self, survey: Survey, wishes: Sequence[Wish]) -> Sequence[Decision]:
        now = self._parts.now()
        policy = replace(self._job.policy, requested_in_run=self._requested)
        self._job.on_progress(Progress(Stage.PLANNING, 0, len(wishes)))
        decisions = survey.plan(
            lambda knowledge: self._daily.plan(policy, lambda capped: plan(wishes, knowledge, capped, now=now))
        )
        self._job.on_progress(Progress(Stage.PLANNING, len(wishes), len(wishes)))
        return decisions

    def _carry_out(self, survey: Survey, wishes: Sequence[Wish]) -> list[RequestOutcome]:
        """Plan, request and verify some wishes; answered requests are recorded even if they cannot be verified."""
        progress = self._job.on_progress
        decisions = self._plan(survey, wishes)
        batch = self._sender.send_all(decisions, dry_run=self._job.policy.dry_run, on_progress=progress)
        try:
            self._proven |= verify(batch, self._sender, workers=self._parts.workers, on_progress=progress)
        except (ServiceError, SyncCancelled) as error:
            self._sender.end(error)
        self._requested += batch.uses_of_caps
        # Stored at once: if the run ended before that, the new match would contradict the old number.
        self._numbers.remember(set(filter(None, map(find_missing_number, batch.outcomes))))
        self._read_back += batch.read_back
        self._made += batch.made
        return batch.outcomes

    def _try_without_wrong_numbers(self, survey: Survey) -> None:
        """Look up titles again, by other ids or by name, whose stated or remembered TMDB id does not exist."""
        misnumbered = [find_misnumbered(outcome) for outcome in self.outcomes]
        wanted = list(dict.fromkeys([one for one in misnumbered if one is not None]))
        if not wanted or self.failure:
            return
        kept = [outcome for outcome, one in zip(self.outcomes, misnumbered, strict=True) if one is None]
        others, doubles = part_doubles(merge_wishes(build_wishes(self._match(wanted)), self._job.lists), kept)
        self.outcomes = [*kept, *doubles, *self._carry_out(survey, others)]

    def _remember(self, survey: Survey) -> None:
        fingerprint = None
        if self.failure is None:
            self._daily.warn_of_overshoot(self._made)
            fingerprint = fingerprint_to_keep(survey, self._parts.client, own_requests=self._made.total())
        learned = what_was_learned(survey, self._read_back, fingerprint, started_at=self._record.started_at)
        self._record.remember_server(learned, at=self._parts.now())
        self._numbers.doubt_after_failures()
