"""One run's view of the server: memory where it will do, fresh state for whatever may be written."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from list_sync.knowing.freshness import SHOW_CHECKS_PER_RUN, needs_full_read, show_check_is_due
from list_sync.knowing.reading import FEW_FILMS, Reading, Server, read_titles
from list_sync.model.decisions import Decision, Knowledge, OwnRequest, Request, Skip, TitleKey
from list_sync.model.moments import is_in_future
from list_sync.model.server_state import Fingerprint, MediaState, ServerInfo, TitleDetails
from list_sync.model.titles import MediaType

Planner = Callable[[Knowledge], Sequence[Decision]]
States = Mapping[TitleKey, MediaState]
OwnRequests = Mapping[TitleKey, OwnRequest]


class Memory:
    """What was remembered of the server when the run began; shows come with the time of their last check."""

    def __init__(
        self,
        states: Mapping[TitleKey, MediaState],
        shows: Mapping[TitleKey, tuple[TitleDetails, datetime]],
        fingerprint: Fingerprint | None,
        full_read_at: datetime | None,
    ) -> None:
        self.states = states
        self.shows = shows
        self.fingerprint = fingerprint
        self.full_read_at = full_read_at


class Survey:
    """What a run knows of the server, growing as it reads; what it learned is there to be stored afterwards.

    `compare` is called when everything was read, and returns what our own requests come to by that.
    """

    def __init__(
        self,
        server: Server,
        info: ServerInfo,
        memory: Memory,
        own: OwnRequests,
        *,
        compare: Callable[[States], OwnRequests] | None = None,
        unknown_to_tmdb: frozenset[TitleKey] = frozenset(),
        workers: int,
        stop: threading.Event,
        now: datetime,
    ) -> None:
        self._server = server
        self._memory = memory
        self._workers = workers
        self._stop = stop
        self._now = now
        self.fingerprint = server.fetch_fingerprint()
        self._compare = compare
        self.everything: States | None = None
        self.learned_states: dict[TitleKey, MediaState] = {}
        self.learned_details: dict[TitleKey, TitleDetails] = {}
        details = {key: details for key, (details, _) in memory.shows.items()}
        self.remembered_missing = unknown_to_tmdb
        self.knowledge = Knowledge(info, memory.states, details, own, unknown_to_tmdb)

    def plan(self, make: Planner) -> Sequence[Decision]:
        """Return the decisions that hold against fresh state: planned, read where needed, and planned again."""
        remembered = self._memory
        if self.everything is None and needs_full_read(
            self.fingerprint, remembered.fingerprint, remembered.full_read_at, now=self._now
        ):
            self._read_everything()
        self._check_some_shows(make(self.knowledge))
        decisions = make(self.knowledge)
        while unread := self._unread(decisions):
            self._read(unread)
            decisions = make(self.knowledge)
        return decisions

    def _read_everything(self) -> None:
        self._take_in_everything(self._server.fetch_states(workers=self._workers))

    def _take_in_everything(self, states: States) -> None:
        self.everything = states
        own = self._compare(states) if self._compare else self.knowledge.own
        self.knowledge = replace(self.knowledge, states=states, own=own)

    def _check_some_shows(self, decisions: Sequence[Decision]) -> None:
        """Look at a few of the shows whose check is due: new seasons are found without asking about every show."""
        due = sorted(
            (
                decision.title_key
                for decision in decisions
                if isinstance(decision, Skip) and decision.title_key and self._check_is_due(decision.title_key)
            ),
            key=self._waiting_since,
        )
        if due:
            self._take_in(
                read_titles(
                    [], due[:SHOW_CHECKS_PER_RUN], self._server, pages=None, workers=self._workers, stop=self._stop
                )
            )

    def _waiting_since(self, key: TitleKey) -> datetime:
        """Return when a show was checked last; more may be due than one run checks, so that each has its turn."""
        checked_at = self._memory.shows[key][1]
        return datetime.min.replace(tzinfo=UTC) if is_in_future(checked_at, now=self._now) else checked_at

    def _check_is_due(self, key: TitleKey) -> bool:
        known = self._memory.shows.get(key)
        return known is not None and show_check_is_due(key[1], known[1], now=self._now)

    def _unread(self, decisions: Sequence[Decision]) -> list[TitleKey]:
        """Return the titles that would be written although their state was not read in this run."""
        keys = [decision.title_key for decision in decisions if isinstance(decision, Request)]
        films = sum(key[0] is MediaType.MOVIE for key in keys)
        bulk_will_do = self.everything is not None and films > FEW_FILMS
        return [key for key in keys if key not in self.learned_details and (key[0] is MediaType.TV or not bulk_will_do)]

    def _read(self, keys: Sequence[TitleKey]) -> None:
        films = [key for key in keys if key[0] is MediaType.MOVIE]
        shows = [key for key in keys if key[0] is MediaType.TV]
        pages = None if self.everything is not None else self._server.count_state_pages(self.fingerprint)
        self._take_in(read_titles(films, shows, self._server, pages=pages, workers=self._workers, stop=self._stop))

    def _take_in(self, reading: Reading) -> None:
        self.learned_details.update(reading.details)
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
