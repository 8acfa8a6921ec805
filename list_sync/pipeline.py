"""One cycle from lists to records: the only module that knows the order of the stages."""

import logging
from collections.abc import Sequence
from functools import partial

from list_sync.api.mediaserver.tmdb_watch import TmdbWatch
from list_sync.braking import Brake
from list_sync.capping import Capping
from list_sync.errors import ListSyncError
from list_sync.fetching.people import expand_each
from list_sync.fetching.pool import fetch_lists, with_last_copies
from list_sync.job import Job, Parts
from list_sync.log import name_run
from list_sync.matching.memory import find_new, load_known
from list_sync.matching.resolver import match_titles
from list_sync.merging.merge import merge_items, merge_wishes
from list_sync.model.decisions import RequestOutcome, Wish
from list_sync.model.exit_codes import FailureKind
from list_sync.model.households import HOME
from list_sync.model.journal import RequestState
from list_sync.model.leaving import LeftTitle
from list_sync.model.matches import MatchResult, Unresolved, WantedItem
from list_sync.model.report import SyncReport
from list_sync.model.runs import Progress, Stage
from list_sync.model.servers import ServerInfo
from list_sync.model.sources import FetchResult
from list_sync.model.titles import counted
from list_sync.planning.plan import part_doubles
from list_sync.requesting.identity import find_standing
from list_sync.requesting.leaving import find_left, withdraw_left
from list_sync.requesting.lost import Recovery, recover
from list_sync.requesting.sender import Sender
from list_sync.requesting.verify import verify
from list_sync.storage.journal import OPEN
from list_sync.storage.record import Record
from list_sync.storage.server_options import ServerOptions
from list_sync.surveying.agreeing import Agreement
from list_sync.surveying.arr_exclusions import ArrExclusions
from list_sync.surveying.names import give_names
from list_sync.surveying.numbers import MissingNumbers, find_misnumbered
from list_sync.surveying.own import OwnRecords
from list_sync.surveying.readding import find_readded
from list_sync.surveying.reading import read_details
from list_sync.surveying.survey import Survey
from list_sync.wishing.exclusions import Excluded, exclude, find_excluding
from list_sync.wishing.terms import find_facts_asked, order_by_priority, settle_terms
from list_sync.wishing.wishes import build_wishes

logger = logging.getLogger(__name__)


def run_cycle(parts: Parts, job: Job) -> SyncReport:
    """Read the lists, match, plan, request, verify and record; an error is recorded in the run.

    Raise StorageError if the database fails.
    """
    record = Record.start(
        parts.store,
        parts.store.household,
        mode=job.mode,
        now=parts.now,
        dry_run=job.policy.dry_run,
        run_id=job.run_id,
        retention_days=parts.retention_days,
    )
    if parts.store.household != HOME:
        logger.info("household %s", parts.store.household)
    name_run(record.run_id)
    job.on_started(record.run_id)
    if job.watcher is None:
        return _run(parts, job, record)
    job.watcher.begin(record.run_id, job.mode, job.lists, dry_run=job.policy.dry_run)
    report = None
    try:
        report = _run(parts, job, record)
        return report
    finally:
        job.watcher.end(report)


def _run(parts: Parts, job: Job, record: Record) -> SyncReport:
    before = parts.client.calls
    cycle = _Cycle(parts, job, record)
    with record.lease_renewed(now=parts.now):
        error = cycle.run()
        report = SyncReport(
            run_id=record.run_id,
            started_at=record.started_at,
            finished_at=parts.now(),
            dry_run=job.policy.dry_run,
            mode=job.mode,
            fetched=cycle.fetched,
            outcomes=tuple(cycle.outcomes),
            calls=parts.client.calls.since(before),
            error=str(error) if error else None,
            failure=FailureKind.of(error) if error else None,
            left=cycle.left,
            vanished=len(record.journal.load_entries(RequestState.VANISHED)),
            problems=cycle.agreement.problems,
        )
        job.on_report(report)
    record.remember_unresolved(cycle.unresolved, is_clean=not cycle.watch.has_failed)
    record.finish(report, is_full_run=job.is_full_run, resting=cycle.resting, is_ending=job.is_ending())
    cycle.close_journal()
    return report


class _Cycle:
    """The data of one cycle on its way through the stages."""

    def __init__(self, parts: Parts, job: Job, record: Record) -> None:
        self._parts = parts
        self._job = job
        self._record = record
        self._capping = Capping(parts, job, record)
        self._sender = Sender(
            parts.client, record.journal, stop=parts.stop, find_reason_to_wait=self._capping.find_reason_to_wait
        )
        self._brake = Brake(record, is_on=job.has_brake, dry_run=job.policy.dry_run)
        self._recovery = Recovery()
        memory = ServerOptions(parts.store, find_server_id=lambda: record.journal.server_id)
        self.agreement = Agreement(parts.client, memory, arrs=parts.arrs, now=record.started_at)
        self._lists = job.lists
        self.resting = record.find_resting(job.resting)
        self.watch = TmdbWatch()
        read = partial(read_details, server=parts.client, watch=self.watch, workers=parts.workers, stop=parts.stop)
        self._numbers = MissingNumbers(record, read, self.watch, now=parts.now)
        self._give_names = partial(give_names, store=parts.store, read=read, now=record.started_at)
        self._excluded = Excluded()
        self.fetched: tuple[FetchResult, ...] = ()
        self.unresolved: list[Unresolved] = []
        self.outcomes: list[RequestOutcome] = []
        self.left: tuple[LeftTitle, ...] = ()

    def run(self) -> ListSyncError | None:
        """Do everything; return the error that ended it early."""
        parts = self._parts
        try:
            info = self._recognise_server()
            lists = expand_each(self._lists, make_context=parts.make_context, find_provider=parts.find_provider)
            self._lists = order_by_priority(self.agreement.agree(lists))
            self.fetched, excluding = self._fetch()
            self._excluded = self._exclude(excluding)
            wanted = self._merge()
            self._numbers.ask_again(wanted, is_fresh=self._job.is_fresh)
            wishes = self._wish(self._match(wanted))
            self._recovery = self._recover()
            survey = self._survey(info, wishes)
            self.outcomes = self._carry_out(survey, wishes)
            self._try_without_wrong_numbers(survey)
            self.outcomes = list(self._capping.tell_turns(self.outcomes))
            self._withdraw_left(survey)
            self._remember(survey)
        except ListSyncError as error:
            return error
        return self._sender.error or self._brake.applied

    def _recognise_server(self) -> ServerInfo:
        info = self._parts.client.check_access()
        self._record.recognise_server(info, address=self._parts.client.url, at=self._parts.now())
        return info

    def _fetch(self) -> tuple[tuple[FetchResult, ...], tuple[FetchResult, ...]]:
        """Read the lists of the run, and those whose titles they leave out."""
        parts, job = self._parts, self._job
        names = find_excluding(job.rules.exclusions, self._lists)
        excluding = [source for source in job.rules.excluding if source.name in names]
        results = fetch_lists(
            tuple(dict.fromkeys((*self._lists, *excluding))),
            make_context=parts.make_context,
            workers=parts.workers,
            stop=parts.stop,
            on_progress=job.on_progress,
            now=parts.now,
            reuse=job.reuse,
            find_provider=parts.find_provider,
        )
        return results[: len(self._lists)], tuple(result for result in results if result.source in excluding)

    def _exclude(self, excluding: Sequence[FetchResult]) -> Excluded:
        """Look up the titles of lists that are left out; one that cannot be read is left out as it was last read."""
        parts, memory = self._parts, self._job.reuse.memory
        usable = with_last_copies(excluding, memory, parts.make_context, parts.find_provider)
        unreadable = [name for name, result in usable.items() if result is None]
        known = merge_items(result for result in usable.values() if result is not None)
        return Excluded.build(self._job.rules.exclusions, self._match(known) if known else (), unreadable=unreadable)

    def _merge(self) -> tuple[WantedItem, ...]:
        days, today = self._record.load_first_readings, self._parts.now().date()
        wanted = merge_items(settle_terms(self.fetched, self._excluded, first_read=days, today=today))
        entries = sum(len(result.items) for result in self.fetched)
        logger.debug("merging: %d entries of all lists are %s", entries, counted(len(wanted), "title"))
        return wanted

    def _match(self, wanted: Sequence[WantedItem]) -> tuple[MatchResult, ...]:
        parts, job, pins = self._parts, self._job, self._record.load_pins()
        wanted = self._numbers.take_out(wanted, pinned=pins)
        known = load_known(
            self._record, wanted, pins, missing=self._numbers.all_missing, is_fresh=job.is_fresh, now=parts.now()
        )
        results = match_titles(
            wanted,
            catalogue=parts.catalogue or parts.client,
            server=parts.client,
            knowledge=known,
            workers=parts.workers,
            stop=parts.stop,
            watch=self.watch,
            on_learned=lambda learned: self._record.remember_resolutions(learned, parts.now()),
            on_progress=job.on_progress,
        )
        self.unresolved += find_new(results, known.unresolved, known.remembered, now=parts.now())
        return results

    def _wish(self, results: Sequence[MatchResult]) -> tuple[Wish, ...]:
        results = self._give_names(results) if self._job.rules.exclusions.names else results
        merged = merge_wishes(build_wishes(results), self._lists)
        wishes = self.agreement.settle(exclude(merged, self._excluded))
        logger.debug("wishing: %s, each a title in one quality", counted(len(wishes), "wish", "wishes"))
        return wishes

    def _recover(self) -> Recovery:
        """Look for requests that an interrupted run left open; a dry run changes nothing."""
        parts, journal = self._parts, self._record.journal
        entries = () if self._job.policy.dry_run else journal.load_entries(*OPEN)
        logger.debug("recover: %s of earlier runs left open", counted(len(entries), "request"))
        return recover(entries, parts.client, journal, now=parts.now(), stop=parts.stop)

    def _survey(self, info: ServerInfo, wishes: Sequence[Wish]) -> Survey:
        parts, asked = self._parts, find_facts_asked(wishes, self._lists)
        return Survey(
            parts.client,
            info,
            self._record.load_server_memory({wish.key[:2] for wish in wishes if wish.key}, facts_of=asked.titles),
            OwnRecords(self._record.journal, recovered=self._recovery.found),
            is_fresh=self._job.is_fresh,
            unknown_to_tmdb=self._numbers.missing,
            asked=asked,
            arr_exclusions=ArrExclusions(parts.arrs if self._job.rules.file else {}, self._record),
            workers=parts.workers,
            stop=parts.stop,
            now=parts.now(),
            watch=self.watch,
            readded=find_readded(wishes, self._record, now=parts.now()),
            snoozed=self._record.load_snoozes(now=parts.now()),
        )

    def _carry_out(self, survey: Survey, wishes: Sequence[Wish]) -> list[RequestOutcome]:
        """Plan, request and verify some wishes; answered requests are recorded even if they cannot be verified."""
        on_progress = self._job.on_progress
        on_progress(Progress(Stage.PLANNING, 0, len(wishes)))
        decisions = self._capping.plan(survey, wishes, self._sender.counted)
        while self.agreement.confirm(decisions):
            wishes = self.agreement.renew(wishes)
            decisions = self._capping.plan(survey, wishes, self._sender.counted)
        decisions = self._brake.check(decisions, self.fetched)
        on_progress(Progress(Stage.PLANNING, len(wishes), len(wishes)))
        batch = self._sender.send_all(decisions, dry_run=self._job.policy.dry_run, on_progress=on_progress)
        verify(batch, self._sender, workers=self._parts.workers, on_progress=on_progress)
        logger.debug("verifying: %d of %d sent requests were read back", len(batch.proven), len(batch.sent))
        self._numbers.note(batch.outcomes)
        return batch.outcomes

    def _try_without_wrong_numbers(self, survey: Survey) -> None:
        """Look up titles again, by other ids or by name, whose stated or remembered TMDB id does not exist."""
        misnumbered = [find_misnumbered(outcome) for outcome in self.outcomes]
        wanted = list(dict.fromkeys([one for one in misnumbered if one is not None]))
        if not wanted or self._sender.error or self._brake.applied:
            return
        kept = [outcome for outcome, one in zip(self.outcomes, misnumbered, strict=True) if one is None]
        others, doubles = part_doubles(self._wish(self._match(wanted)), kept)
        self.outcomes = [*kept, *doubles, *self._carry_out(survey, others)]

    def _withdraw_left(self, survey: Survey) -> None:
        """Withdraw our pending requests of titles that left all lists; only a run of all lists knows that."""
        job, parts, known = self._job, self._parts, survey.knowledge.states
        if job.is_full_run and not (self._sender.error or self._brake.applied):
            found = find_left(self._lists, self.fetched, self.outcomes, self._record, self.resting, now=parts.now())
            self.left = withdraw_left(found, known, parts.client, self._record, policy=job.policy, stop=parts.stop)
            survey.read_again({title.key[:2] for title in self.left if title.is_withdrawn})

    def _remember(self, survey: Survey) -> None:
        made = None if self._sender.error else self._sender.made
        if made is not None:
            self._capping.warn_of_overshoot(made)
        # After a withdrawal, the counts changed by more than our requests: the next run reads everything.
        known = None if any(title.is_withdrawn for title in self.left) else made
        learned = survey.learn(self._sender.read_back, known, started_at=self._record.started_at)
        self._record.remember_server(learned, at=self._parts.now())
        # A pin covers what was taken back before it: a request that stands can be taken back again.
        journal = self._record.journal
        standing = find_standing(journal.load_entries(RequestState.RELEASED), survey.knowledge.states)
        journal.mark(standing, RequestState.CONFIRMED)
        logger.debug("surveying: the state of %s was read", counted(len(learned.states), "title"))
        self._numbers.doubt_after_failures()

    def close_journal(self) -> None:
        """Mark recorded requests as confirmed; otherwise the next run would look for them again."""
        self._sender.confirm(self._recovery.find_told(self.outcomes, now=self._parts.now()))
