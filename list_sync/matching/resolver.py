"""Stage 2 as a whole: look up what memory does not know, each key once, and pass on what was learned."""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from list_sync.api.mediaserver.tmdb_watch import PROVEN_TOGETHER, TmdbWatch
from list_sync.api.sources.tmdb import Catalogue
from list_sync.log import about
from list_sync.matching.finder import Finding, find_title
from list_sync.matching.lookups import DOING, OUTAGE, UNRELIABLE, Lookups, SharedLookups
from list_sync.matching.memory import KnownTitles, as_pinned, recall
from list_sync.model.matches import Match, MatchResult, NoMatch, NoMatchReason, Resolution, WantedItem
from list_sync.model.runs import Progress, ProgressListener, Stage, ignore_progress
from list_sync.model.titles import TitleKey
from list_sync.workers import run_parallel, threads_for

__all__ = ["KnownTitles", "match_titles"]

logger = logging.getLogger(__name__)

BATCH_SIZE = 50
BATCH_SECONDS = 2.0

Learner = Callable[[Sequence[Resolution]], None]


def match_titles(
    wanted: Sequence[WantedItem],
    *,
    catalogue: Catalogue,
    knowledge: KnownTitles,
    workers: int,
    stop: threading.Event,
    on_learned: Learner,
    on_progress: ProgressListener = ignore_progress,
    server: Catalogue | None = None,
    watch: TmdbWatch | None = None,
) -> tuple[MatchResult, ...]:
    """Return what each wanted title is, in their order; `server` is the one that searches, if not `catalogue`.

    `watch` records the failures of TMDB.

    Raise SyncCancelled when `stop` is set, and what the catalogue raises when the server itself is down or refuses
    the key; what was learned before has been passed to `on_learned`.
    """
    lookups = Lookups(catalogue, stop, server, watch)
    run = _Run(wanted, lookups, knowledge, on_learned, on_progress)
    groups = _group_by_key(wanted, run.recall_all())
    workers = threads_for(len(groups), most=workers)
    try:
        run_parallel(groups, run.look_up, run.take, workers=workers, stop=stop, doing=DOING)
        batches = run.unsettled_batches(groups)
        run_parallel(batches, run.look_again, run.settle, workers=workers, stop=stop, doing=DOING)
        run.tell_unsettled()
    finally:
        lookups.end()
        run.hand_on_learned()
    results = run.results()
    _log_matches(results)
    return results


class _Run:
    """The state of one call of match_titles; everything but look_up and look_again happens in the calling thread."""

    def __init__(
        self,
        wanted: Sequence[WantedItem],
        lookups: Lookups,
        knowledge: KnownTitles,
        on_learned: Learner,
        on_progress: ProgressListener,
    ) -> None:
        self._wanted = wanted
        self._lookups = lookups
        self._knowledge = knowledge
        self._on_learned = on_learned
        self._on_progress = on_progress
        self._results: dict[int, MatchResult] = {}
        self._unsettled: dict[int, Finding] = {}
        self._learned: list[Resolution] = []
        self._handed_on_at = time.monotonic()

    def recall_all(self) -> list[int]:
        """Settle the titles that are known, and return the indexes of the others."""
        for index, title in enumerate(self._wanted):
            result = recall(title, self._knowledge)
            if result is not None:
                self._results[index] = result
        self._report("")
        return [index for index in range(len(self._wanted)) if index not in self._results]

    def look_up(self, group: Sequence[int]) -> tuple[Finding, ...]:
        lookups = SharedLookups(self._lookups)
        with about(**self._wanted[group[0]].log_fields):
            return _without_contested_keys([find_title(self._wanted[index], lookups) for index in group])

    def take(self, group: Sequence[int], findings: Sequence[Finding]) -> None:
        for index, finding in zip(group, findings, strict=True):
            if finding.is_proven:
                self._accept(index, finding)
            else:
                self._unsettled[index] = finding
            self._report(self._wanted[index].item.label)

    def unsettled_batches(self, groups: Sequence[list[int]]) -> list[list[list[int]]]:
        unsettled = [group for group in groups if not self._unsettled.keys().isdisjoint(group)]
        return [unsettled[start : start + PROVEN_TOGETHER] for start in range(0, len(unsettled), PROVEN_TOGETHER)]

    def look_again(self, batch: Sequence[list[int]]) -> dict[int, Finding]:
        """Return those new findings of several titles that count."""
        findings: dict[int, Finding] = {}

        def is_same(group: Sequence[int]) -> bool:
            again = dict(zip(group, self.look_up(group), strict=True))
            findings.update(again)
            return all(self._is_same(index, finding) for index, finding in again.items())

        is_proof = self._lookups.is_absence_proven([partial(is_same, group) for group in batch])
        return {
            index: finding for index, finding in findings.items() if self._counts(index, finding, is_proof=is_proof)
        }

    def _is_same(self, index: int, again: Finding) -> bool:
        first = self._unsettled.get(index)
        return first is None or first.has_failed or first.result == again.result

    def _counts(self, index: int, again: Finding, *, is_proof: bool) -> bool:
        first = self._unsettled.get(index)
        # A title that was found without doubt needs no proof.
        is_settled = again.is_proven or (is_proof and first is not None and not first.has_failed)
        return first is not None and is_settled and not again.has_failed

    def settle(self, _batch: Sequence[list[int]], findings: Mapping[int, Finding]) -> None:
        for index, finding in findings.items():
            del self._unsettled[index]
            self._accept(index, finding)

    def tell_unsettled(self) -> None:
        reason = OUTAGE if self._lookups.is_outage else UNRELIABLE
        if self._unsettled:
            logger.warning("%s (%d titles)", reason, len(self._unsettled))
        for index, finding in self._unsettled.items():
            unread = NoMatch(self._wanted[index], NoMatchReason.LOOKUP_FAILED, reason)
            self._results[index] = finding.result if finding.has_failed else unread

    def hand_on_learned(self) -> None:
        batch, self._learned = self._learned, []
        self._handed_on_at = time.monotonic()
        for start in range(0, len(batch), BATCH_SIZE):
            self._on_learned(batch[start : start + BATCH_SIZE])

    def results(self) -> tuple[MatchResult, ...]:
        pins = self._knowledge.pins
        return tuple(as_pinned(self._results[index], pins) for index in range(len(self._wanted)))

    def _accept(self, index: int, finding: Finding) -> None:
        self._results[index] = finding.result
        self._learned += finding.resolutions
        is_due = time.monotonic() - self._handed_on_at >= BATCH_SECONDS
        if self._learned and (is_due or len(self._learned) >= BATCH_SIZE):
            self.hand_on_learned()

    def _report(self, note: str) -> None:
        done = len(self._results) + len(self._unsettled)
        self._on_progress(Progress(Stage.MATCHING, done, len(self._wanted), note))


def _without_contested_keys(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings without those keys that two of them would remember as different titles."""
    meanings: dict[str, set[TitleKey]] = defaultdict(set)
    for finding in findings:
        for resolution in finding.resolutions:
            meanings[resolution.key].add((resolution.media_type, resolution.tmdb_id))
    contested = {key for key, titles in meanings.items() if len(titles) > 1}
    return tuple(
        replace(finding, keys=tuple(key for key in finding.keys if key not in contested)) for finding in findings
    )


def _group_by_key(wanted: Sequence[WantedItem], indexes: Sequence[int]) -> list[list[int]]:
    """Put titles that share a key into one group, so that one thread can look each key up once."""
    groups: dict[str, list[int]] = {}
    for index in indexes:
        keys = wanted[index].item.keys
        met = list({id(group): group for key in keys if (group := groups.get(key)) is not None}.values())
        merged = met[0] if met else []
        for other in met[1:]:
            merged += other
            groups |= {key: merged for member in other for key in wanted[member].item.keys}
        merged.append(index)
        groups |= dict.fromkeys(keys, merged)
    return [sorted(group) for group in {id(group): group for group in groups.values()}.values()]


def _log_matches(results: Sequence[MatchResult]) -> None:
    """Log at DEBUG what each title was matched to, and how."""
    if not logger.isEnabledFor(logging.DEBUG):
        return
    for result in results:
        with about(**result.wanted.log_fields):
            if isinstance(result, Match):
                how = f"{result.media_type.value} {result.tmdb_id} by {result.method.value.replace('_', ' ')}"
            else:
                how = f"{result.reason.value.replace('_', ' ')}{f', {result.detail}' if result.detail else ''}"
            logger.debug("matching: %s: %s", result.wanted.item.label, how)
