"""What a run knows of the server: memory where that is enough, fresh state for every title that may be requested."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from list_sync.api.mediaserver.tmdb_watch import TmdbWatch
from list_sync.api.overseerr import OverseerrClient
from list_sync.log import about
from list_sync.model.decisions import Decision, ItemStatus, Knowledge, Request, Skip, Unread
from list_sync.model.facts import FactsAsked
from list_sync.model.readding import Readded
from list_sync.model.servers import (
    Fingerprint,
    Learned,
    MediaState,
    ServerInfo,
    ServerMemory,
    ServerRequest,
    TitleDetails,
)
from list_sync.model.titles import MediaType, Quality, QualityKey, TitleKey
from list_sync.surveying.arr_exclusions import ArrExclusions
from list_sync.surveying.facts import KnownFacts
from list_sync.surveying.freshness import (
    count_checks_left,
    is_explained_by,
    may_try_again,
    needs_full_read,
    share_of_facts_gone,
    share_of_time_gone,
    show_check_is_due,
)
from list_sync.surveying.own import OwnRecords
from list_sync.surveying.reading import FEW_FILMS, Reading, States, look, read_titles

logger = logging.getLogger(__name__)

Planner = Callable[[Knowledge], Sequence[Decision]]


class Survey:
    """What a run knows of the server; it grows while the run reads, and what is new is stored afterwards."""

    def __init__(
        self,
        server: OverseerrClient,
        info: ServerInfo,
        memory: ServerMemory,
        own: OwnRecords,
        *,
        is_fresh: bool = False,
        unknown_to_tmdb: frozenset[TitleKey] = frozenset(),
        asked: FactsAsked | None = None,
        arr_exclusions: ArrExclusions | None = None,
        workers: int,
        stop: threading.Event,
        now: datetime,
        watch: TmdbWatch | None = None,
        readded: Mapping[QualityKey, tuple[Readded, ...]] | None = None,
        snoozed: Mapping[str, datetime] | None = None,
    ) -> None:
        self._server = server
        self._memory = memory
        self._workers = workers
        self._stop = stop
        self._now = now
        self._watch = watch or TmdbWatch()
        self._own = own
        self._is_fresh = is_fresh
        self._arr_exclusions = arr_exclusions
        self._facts = KnownFacts(memory.facts, asked or FactsAsked())
        self._glance = server.fetch_glance(memory.next_place)
        self.fingerprint = self._glance.fingerprint
        self._has_looked = False
        self.everything: States | None = None
        self.learned_states: dict[TitleKey, MediaState] = {}
        self.learned_details: dict[TitleKey, TitleDetails] = {}
        self.tried: set[TitleKey] = set()
        details = {key: details for key, (details, _) in memory.shows.items()}
        self.knowledge = Knowledge(
            info,
            memory.states,
            details,
            own.load(),
            unknown_to_tmdb,
            readded=readded or {},
            snoozed=snoozed or {},
            facts=self._facts.facts,
            arr_excluded=arr_exclusions.numbers if arr_exclusions else {},
        )

    def plan(self, make: Planner) -> Sequence[Decision]:
        """Return the decisions that hold against fresh state: planned, read where needed, and planned again."""
        if not self._has_looked:
            self._look()
        decisions = make(self.knowledge)
        if self._check_some(decisions):
            decisions = make(self.knowledge)
        while self._read_some(decisions):
            decisions = make(self.knowledge)
        _log_decisions(decisions)
        return decisions

    def learn(
        self, read_back: Collection[ServerRequest], made: Counter[int] | None, *, started_at: datetime
    ) -> Learned:
        """Return what to remember of the server after our requests: only what was read from it.

        `read_back` are the requests that were read after ours were made. `made` is how many we made, by requester, or
        None if the run ended early.
        """
        return Learned(
            states=self._find_states_after(read_back),
            details=self.learned_details.values(),
            tried=self.tried,
            fingerprint=None if made is None else self._find_fingerprint_after(made.total()),
            everything=self.everything is not None,
            next_place=0 if self.everything is not None else self._glance.next_place,
            unread_since=started_at if read_back else None,
            facts=self._facts.learned,
        )

    def _find_states_after(self, read_back: Collection[ServerRequest]) -> States:
        states = {**(self.everything or {}), **self.learned_states}
        for request in read_back:
            key = (request.media_type, request.tmdb_id)
            known = states.get(key) or self.knowledge.states.get(key) or MediaState(*key)
            states[key] = _with_request(known, request)
        return states

    def _find_fingerprint_after(self, own_requests: int) -> Fingerprint | None:
        """Return the fingerprint to compare with that of the next run, or None if others changed the server as well.

        If we sent no requests, it is the one from the beginning, so that a change while we read is not missed. The
        number of failed requests stays as it was, so that the next run finds those that failed in the meantime.
        """
        if own_requests == 0:
            return self.fingerprint
        after = self._server.fetch_fingerprint()
        if not is_explained_by(self.fingerprint, after, own_requests=own_requests):
            return None
        return replace(after, failed=self.fingerprint.failed)

    def _look(self) -> None:
        """Update what is remembered: all of it if people changed something, else only what may have changed."""
        self._has_looked = True
        memory = self._memory
        if (
            self._is_fresh
            or memory.fingerprint is None
            or needs_full_read(self.fingerprint, memory.fingerprint, memory.full_read_at, now=self._now)
        ):
            self._take_in_everything(self._server.fetch_states(workers=self._workers))
            return
        reading = look(
            self._server,
            self._glance,
            memory.states,
            before=memory.fingerprint,
            sent=self._own.find_sent_since(memory.unread_since),
            workers=self._workers,
        )
        self._take_in(reading)

    def _take_in_everything(self, states: States) -> None:
        self.everything = states
        own = self._own.compare(self._memory.states, states)
        self.knowledge = replace(self.knowledge, states=states, own=own)

    def _check_some(self, decisions: Sequence[Decision]) -> bool:
        """Read the titles that need nothing and whose facts may be out of date; return whether there were any.

        These are shows, because of new seasons, and titles that a filter left out. The longest overdue come first.
        """
        skips = {decision.title_key: decision for decision in decisions if isinstance(decision, Skip)}
        left = count_checks_left([*self._memory.tries.values(), *(self._now for _ in self.tried)], now=self._now)
        overdue = {key: share for key, skip in skips.items() if key and (share := self._share_overdue(key, skip))}
        due = sorted(overdue, key=lambda key: overdue[key], reverse=True)[:left]
        if due:
            self.tried.update(due)
            reading = self._read_titles([], due, pages=None)
            # A title that cannot be read now, or that TMDB no longer has, stays as it was: nothing is requested here.
            self._take_in(Reading(reading.states, reading.details), is_check=True)
        return bool(due)

    def _share_overdue(self, key: TitleKey, skip: Skip) -> float | None:
        """Return which share of the longest time between two readings of a title is over; None if none is due."""
        if key in self.tried or not may_try_again(self._memory.tries.get(key), now=self._now):
            return None
        facts = self._memory.facts.get(key)
        if skip.facts_last is not None and facts is not None:
            return share_of_facts_gone(key, facts[1], skip.facts_last, now=self._now)
        known = self._memory.shows.get(key)
        if known is None or skip.status is ItemStatus.EXCLUDED or not show_check_is_due(*known, now=self._now):
            return None
        return share_of_time_gone(*known, now=self._now)

    def _read_some(self, decisions: Sequence[Decision]) -> bool:
        """Read what is missing for some decisions; return whether anything was."""
        requests = [decision for decision in decisions if isinstance(decision, Request)]
        if self._arr_exclusions and self._arr_exclusions.read(one.title_key[0] for one in requests):
            return True
        # Only the page of a title shows whether its number still seems wrong.
        pages_of = self._memory.doubted | {one.title_key for one in requests if one.unread is Unread.PAGE}
        unrated = dict.fromkeys([one.title_key for one in requests if one.unread is Unread.RATINGS])
        keys = dict.fromkeys([one.title_key for one in requests if one.unread is not Unread.RATINGS])
        if unread := self._find_unread(keys, pages_of):
            self._read(unread, pages_of)
        elif unrated:
            self._facts.rate(list(unrated), self._server, workers=self._workers, stop=self._stop)
        return bool(unread or unrated)

    def _find_unread(self, keys: Collection[TitleKey], pages_of: Collection[TitleKey]) -> list[TitleKey]:
        """Return the titles that would be requested although their state was not read in this run."""
        films = sum(key[0] is MediaType.MOVIE for key in keys)
        bulk_will_do = self.everything is not None and films > FEW_FILMS
        unread = [key for key in keys if key not in self.learned_details]
        return [key for key in unread if key[0] is MediaType.TV or key in pages_of or not bulk_will_do]

    def _read(self, keys: Sequence[TitleKey], pages_of: Collection[TitleKey]) -> None:
        """Read titles: the pages of shows and of `pages_of`, and of other films only the states if that is cheaper."""
        films = [key for key in keys if key[0] is MediaType.MOVIE and key not in pages_of]
        shows = [key for key in keys if key[0] is MediaType.TV or key in pages_of]
        pages = None if self.everything is not None else self._server.count_state_pages(self.fingerprint)
        self._take_in(self._read_titles(films, shows, pages=pages))

    def read_again(self, keys: Collection[TitleKey]) -> None:
        """Read titles that we changed on the server."""
        films, shows = ([key for key in keys if key[0] is kind] for kind in MediaType)
        self._take_in(self._read_titles(films, shows, pages=None))

    def _read_titles(self, films: Sequence[TitleKey], shows: Sequence[TitleKey], *, pages: int | None) -> Reading:
        return read_titles(
            films, shows, self._server, pages=pages, workers=self._workers, stop=self._stop, watch=self._watch
        )

    def _take_in(self, reading: Reading, *, is_check: bool = False) -> None:
        self.learned_details.update(reading.details)
        self._facts.take_in(reading.details, keeps_ratings=not is_check)
        self.learned_states.update(reading.states)
        if reading.is_everything:
            self._take_in_everything(reading.states)
        base = self._memory.states if self.everything is None else self.everything
        states = {**base, **self.learned_states}
        details = {**self.knowledge.details, **reading.details}
        self.knowledge = replace(
            self.knowledge,
            states=states,
            details=details,
            unknown_to_tmdb=self.knowledge.unknown_to_tmdb | reading.unknown_to_tmdb,
            unreadable=self.knowledge.unreadable | reading.unreadable,
        )


def _with_request(state: MediaState, request: ServerRequest) -> MediaState:
    others = [other for other in state.requests if other.request_id != request.request_id]
    state = state.with_requests((*others, request))
    if request.availability is None:
        return state
    if request.quality is Quality.UHD:
        return replace(state, availability_4k=request.availability)
    return replace(state, availability=request.availability)


def _log_decisions(decisions: Sequence[Decision]) -> None:
    """Log at DEBUG what is requested of each title and why, or why not."""
    if not logger.isEnabledFor(logging.DEBUG):
        return
    for decision in decisions:
        if isinstance(decision, Request):
            wanted, what = decision.match.wanted, f"to be requested in {decision.quality.value}"
        else:
            wanted, what = decision.subject.wanted, f"{decision.status.value.replace('_', ' ')}, {decision.reason}"
        with about(**wanted.log_fields):
            logger.debug("planning: %s: %s", wanted.item.label, what)
