"""Looking for requests whose answer was lost: before anything is sent again, and after a run that was cut off."""

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from list_sync.api.overseerr import OverseerrClient
from list_sync.errors import LookupFailed, UnexpectedResponse
from list_sync.model.decisions import RequestOutcome
from list_sync.model.journal import JournalEntry, RequestIdentity, RequestState, are_most_gone
from list_sync.model.moments import is_over
from list_sync.model.servers import AnswerKind, Availability, ServerRequest
from list_sync.requesting.identity import (
    describe_adopted,
    find_difference,
    find_own,
    find_request,
    is_asked_by,
    is_same,
    leave_out_ended,
)
from list_sync.storage.journal import RequestJournal

logger = logging.getLogger(__name__)

# A server may still be working on a request so many seconds after its connection broke.
LOOKS = 6
PAUSE_SECONDS = 1.0

# How many more of the newest requests are read than are looked for.
MARGIN = 50

UNTOLD_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Search:
    """The result of looking for a request: the request, or whether it is surely absent, or neither.

    `is_title_known` returns whether the server has a state of the title in this quality.
    """

    found: ServerRequest | None = None
    is_absent: bool = False
    is_title_known: bool = False


def look_for(
    identity: RequestIdentity, server: OverseerrClient, stop: threading.Event, *, looks: int = LOOKS
) -> Search:
    """Look for a request on the page of its title until it is found, with a second between two looks."""
    search = Search()
    for look in range(looks):
        if look and stop.wait(PAUSE_SECONDS):
            return Search()
        search = _look_once(identity, server)
        if search.found:
            break
    return search


def fetch_down_to(number: int | None, take: int, server: OverseerrClient) -> tuple[ServerRequest, ...]:
    """Return the newest requests: at least `take`, and down to a number."""
    rows = server.fetch_recent_requests(take)
    if number is not None and len(rows) == take and rows[-1].request_id > number:
        return server.fetch_recent_requests(rows[0].request_id - number + MARGIN)
    return rows


def _look_once(identity: RequestIdentity, server: OverseerrClient) -> Search:
    try:
        details = server.find_details(*identity.title_key)
    except (LookupFailed, UnexpectedResponse):
        return Search()
    if details is None:
        return Search()
    # What was declined or completed before is not what was sent just now.
    rows = leave_out_ended(details.state.requests)
    own = [row for row in rows if is_asked_by(row, identity.requester_id)]
    found = find_own(details.state.requests, identity) or find_request(own, identity) or find_request(rows, identity)
    is_title_known = details.state.availability_in(identity.quality) is not Availability.UNKNOWN
    return Search(found, is_absent=found is None, is_title_known=is_title_known)


@dataclass(frozen=True, slots=True)
class Recovery:
    """The open entries whose request was found on the server."""

    entries: tuple[JournalEntry, ...] = ()

    @property
    def found(self) -> frozenset[int]:
        """Return their numbers."""
        return frozenset(entry.entry_id for entry in self.entries)

    def find_told(self, outcomes: Iterable[RequestOutcome], *, now: datetime) -> frozenset[int]:
        """Return those on which the run decided, and so recorded them, or that are too old to wait for one.

        A title may be missing from the run only because its list could not be read, or for its other quality.
        """
        decided = {outcome.decision.quality_key for outcome in outcomes}
        return frozenset(
            entry.entry_id
            for entry in self.entries
            if is_over(entry.sent_at, UNTOLD_FOR, now=now) or entry.quality_key in decided
        )


def recover(
    entries: Sequence[JournalEntry],
    server: OverseerrClient,
    journal: RequestJournal,
    *,
    now: datetime,
    stop: threading.Event,
) -> Recovery:
    """Look for every open entry; what is surely absent is marked lost, so that it may be requested again.

    A request may still be on its way through the server when its sender was killed: what was sent within the last
    seconds is looked for until those have passed.
    """
    if not entries:
        return Recovery()
    withdrawing = (entry.request_id for entry in entries if entry.state is RequestState.WITHDRAWING)
    recent = fetch_down_to(min(filter(None, withdrawing), default=None), len(entries) + MARGIN, server)
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
    server: OverseerrClient,
    *,
    now: datetime,
    stop: threading.Event,
) -> Search:
    if entry.state is RequestState.WITHDRAWING:
        found = find_own(recent, entry.identity)
        return Search(found, is_absent=found is None, is_title_known=True)
    found = find_own(recent, entry.identity) or find_request(leave_out_ended(recent), entry.identity)
    if found:
        return Search(found)
    # If the clock was set back, the entry is in the future; the wait is never longer than for a new entry.
    age = max(0.0, (now - entry.sent_at).total_seconds())
    looks = max(1, LOOKS - int(age)) if entry.state is RequestState.SENT else 1
    return look_for(entry.identity, server, stop, looks=looks)


def _mark_found(searches: Mapping[JournalEntry, Search], journal: RequestJournal) -> None:
    """Say in the journal if what was found is not ours, was not withdrawn, or is not as it was sent."""
    found = {entry: search.found for entry, search in searches.items() if search.found}
    for entry, row in found.items():
        if entry.state is RequestState.WITHDRAWING:
            note = f"{entry.note}; the run was cut off before ours was withdrawn"
            journal.mark([entry.entry_id], RequestState.CONFIRMED, note)
        elif not is_asked_by(row, entry.requester_id):
            # Ours is gone, also if the server had named its number.
            journal.settle(entry.entry_id, state=RequestState.ACCEPTED, answer=AnswerKind.DUPLICATE.value)
            journal.mark([entry.entry_id], RequestState.ACCEPTED, describe_adopted(row))
        elif entry.request_id is None and is_same(row, entry.identity):
            # Without its number, it could never be withdrawn.
            answer = AnswerKind.CREATED.value
            journal.settle(entry.entry_id, state=RequestState.ACCEPTED, request_id=row.request_id, answer=answer)
    sent = {entry: row for entry, row in found.items() if entry.state is not RequestState.WITHDRAWING}
    _tell_differences({entry: row for entry, row in sent.items() if is_same(row, entry.identity)}, journal)


def _tell_differences(found: Mapping[JournalEntry, ServerRequest], journal: RequestJournal) -> None:
    """Say where the server made something else of a request of ours."""
    carried = journal.load_sent_options([entry.entry_id for entry in found]) if found else {}
    for entry, row in found.items():
        difference = find_difference(row, *carried[entry.entry_id])
        if difference:
            logger.warning("request %d of a sync that was cut off: %s", row.request_id, difference)
            journal.mark([entry.entry_id], RequestState.ACCEPTED, difference)


def _mark_absent(
    absent: Mapping[JournalEntry, Search], entries: Sequence[JournalEntry], journal: RequestJournal
) -> None:
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
