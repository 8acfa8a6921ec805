"""Before anything new is planned: look on the server for the requests that a run which was cut off left open."""

import threading
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from list_sync.model.journal import JournalEntry, RequestState, are_most_gone
from list_sync.model.moments import is_over
from list_sync.model.servers import ServerRequest
from list_sync.model.titles import QualityKey
from list_sync.requesting.identity import describe_adopted, find_own, find_request, is_asked_by
from list_sync.requesting.lost import LOOKS, MARGIN, Search, fetch_down_to, look_for
from list_sync.requesting.sender import Journal, Server

UNTOLD_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Recovery:
    """The open entries whose request was found on the server."""

    entries: tuple[JournalEntry, ...] = ()

    @property
    def found(self) -> frozenset[int]:
        """Return their numbers."""
        return frozenset(entry.entry_id for entry in self.entries)

    def find_told(self, decided: Container[QualityKey | None], *, now: datetime) -> frozenset[int]:
        """Return those on which the run decided, and so recorded them, or that are too old to wait for one.

        A title may be missing from the run only because its list could not be read, or for its other quality.
        """
        return frozenset(
            entry.entry_id
            for entry in self.entries
            if is_over(entry.sent_at, UNTOLD_FOR, now=now)
            or (entry.media_type, entry.tmdb_id, entry.quality) in decided
        )


def recover(
    entries: Sequence[JournalEntry], server: Server, journal: Journal, *, now: datetime, stop: threading.Event
) -> Recovery:
    """Look for every open entry; what is surely absent is marked lost, so that it may be requested again.

    A request may still be on its way through the server when its sender was killed: what was sent within the last
    seconds is looked for until those have passed.
    """
    if not entries:
        return Recovery()
    withdrawing = (entry.request_id for entry in entries if entry.state is RequestState.WITHDRAWING)
    recent = fetch_down_to(
        min(filter(None, withdrawing), default=None), len(entries) + MARGIN, server.fetch_recent_requests
    )
    searches = {
        entry: _look_for(entry, recent, server, now=now, stop=stop)
        for entry in sorted(entries, key=lambda one: one.entry_id)
    }
    _mark_found(searches, journal)
    _mark_absent({entry: search for entry, search in searches.items() if search.is_absent}, entries, journal)
    return Recovery(tuple(entry for entry, search in searches.items() if search.found))


def _look_for(
    entry: JournalEntry,
    recent: Sequence[ServerRequest],
    server: Server,
    *,
    now: datetime,
    stop: threading.Event,
) -> Search:
    if entry.state is RequestState.WITHDRAWING:
        found = find_own(recent, entry.identity)
        return Search(found, is_absent=found is None, is_title_known=True)
    found = find_request(recent, entry.identity)
    if found:
        return Search(found)
    # If the clock was set back, the entry is in the future; the wait is never longer than for a new entry.
    age = max(0.0, (now - entry.sent_at).total_seconds())
    looks = max(1, LOOKS - int(age)) if entry.state is RequestState.SENT else 1
    return look_for(entry.identity, server.find_details, stop, looks=looks)


def _mark_found(searches: Mapping[JournalEntry, Search], journal: Journal) -> None:
    """Say in the journal if what was found is not ours, or was not withdrawn."""
    for entry, search in searches.items():
        if not search.found:
            continue
        if entry.state is RequestState.WITHDRAWING:
            note = f"{entry.note}; the run was cut off before ours was withdrawn"
            journal.mark([entry.entry_id], RequestState.ACCEPTED, note)
        elif not is_asked_by(search.found, entry.requester_id):
            journal.mark([entry.entry_id], RequestState.ACCEPTED, describe_adopted(search.found))


def _mark_absent(absent: Mapping[JournalEntry, Search], entries: Sequence[JournalEntry], journal: Journal) -> None:
    """Allow absent requests to be sent again, unless the server confirmed them and lost most of them since.

    A server that loses the row of a request keeps that of its title; one that was reset has neither.
    """
    taken = [entry for entry in entries if entry.state is RequestState.ACCEPTED]
    gone = [entry for entry in taken if entry in absent and not absent[entry].is_title_known]
    vanished = frozenset(entry.entry_id for entry in gone if are_most_gone(len(gone), len(taken)))
    withdrawn = frozenset(entry.entry_id for entry in absent if entry.state is RequestState.WITHDRAWING)
    lost = frozenset(entry.entry_id for entry in absent) - vanished - withdrawn
    journal.mark(vanished, RequestState.VANISHED)
    journal.mark(withdrawn, RequestState.WITHDRAWN)
    journal.mark(lost, RequestState.LOST)
