"""What a run that was cut off left open is looked for on the server before anything new is planned."""

import threading
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Protocol

from list_sync.errors import LookupFailed, UnexpectedResponse
from list_sync.model.decisions import TitleKey
from list_sync.model.journal import JournalEntry, RequestState, are_most_gone
from list_sync.model.moments import is_over
from list_sync.model.servers import Availability, ServerRequest, TitleDetails
from list_sync.model.titles import MediaType, Quality
from list_sync.requesting.lost import find_request
from list_sync.requesting.perform import Journal
from list_sync.requesting.verify import MARGIN

SETTLING = timedelta(seconds=5)
UNTOLD_FOR = timedelta(days=2)
PAUSE_SECONDS = 0.5


class Reader(Protocol):
    """The part of a media-request server that recovering needs."""

    def find_details(self, media_type: MediaType, tmdb_id: int) -> TitleDetails | None:
        """Return what the server knows of a title."""
        ...

    def fetch_recent_requests(self, take: int) -> tuple[ServerRequest, ...]:
        """Return the newest requests."""
        ...


@dataclass(frozen=True, slots=True)
class Recovery:
    """The open entries whose request was found on the server."""

    entries: tuple[JournalEntry, ...] = ()

    @property
    def found(self) -> frozenset[int]:
        """Return their numbers."""
        return frozenset(entry.entry_id for entry in self.entries)

    def find_told(self, titles: Container[TitleKey | None], *, quality: Quality, now: datetime) -> frozenset[int]:
        """Return those that a run over `titles` has told of in its record, or that are too old to wait for one.

        A title may be missing from the run only because its list could not be read, or for its other quality.
        """
        return frozenset(
            entry.entry_id
            for entry in self.entries
            if is_over(entry.sent_at, UNTOLD_FOR, now=now)
            or (entry.quality is quality and (entry.media_type, entry.tmdb_id) in titles)
        )


def recover(
    entries: Sequence[JournalEntry], reader: Reader, journal: Journal, *, now: datetime, stop: threading.Event
) -> Recovery:
    """Look for every open entry; what is surely absent is marked lost, so that it may be asked for again.

    A request may still be on its way through the server when its sender died: what was sent within the last
    seconds is looked for until those have passed.
    """
    if not entries:
        return Recovery()
    recent = reader.fetch_recent_requests(len(entries) + MARGIN)
    verdicts = {
        entry: _look_for(entry, recent, reader, now=now, stop=stop)
        for entry in sorted(entries, key=lambda one: one.entry_id)
    }
    _mark_absent(verdicts, journal)
    return Recovery(tuple(entry for entry, verdict in verdicts.items() if verdict is Verdict.FOUND))


class Verdict(Enum):
    """The result of looking for a request; GONE if the server does not know its title either."""

    FOUND = auto()
    LOST = auto()
    GONE = auto()
    NOT_TOLD = auto()


def _mark_absent(verdicts: Mapping[JournalEntry, Verdict], journal: Journal) -> None:
    """Allow absent requests to be sent again, unless the server confirmed them and lost most of them since.

    A server that loses the row of a request keeps that of its title; one that was reset has neither.
    """
    taken = [entry for entry in verdicts if entry.state is RequestState.ACCEPTED]
    gone = [entry for entry in taken if verdicts[entry] is Verdict.GONE]
    vanished = frozenset(entry.entry_id for entry in gone if are_most_gone(len(gone), len(taken)))
    absent = frozenset(entry.entry_id for entry, verdict in verdicts.items() if verdict in (Verdict.LOST, Verdict.GONE))
    journal.mark(vanished, RequestState.VANISHED)
    journal.mark(absent - vanished, RequestState.LOST)


def _look_for(
    entry: JournalEntry, recent: Collection[ServerRequest], reader: Reader, *, now: datetime, stop: threading.Event
) -> Verdict:
    mine = [row for row in recent if (row.media_type, row.tmdb_id) == (entry.media_type, entry.tmdb_id)]
    if find_request(mine, quality=entry.quality, seasons=entry.seasons):
        return Verdict.FOUND
    # A clock that was set back since shows an entry in the future: that is no reason to wait until then.
    still_young = (
        min(SETTLING, SETTLING - (now - entry.sent_at)).total_seconds() if entry.state is RequestState.SENT else 0.0
    )
    looks = max(1, int(still_young / PAUSE_SECONDS) + 1)
    verdict = Verdict.NOT_TOLD
    for look in range(looks):
        verdict = _look_once(entry, reader)
        if verdict in (Verdict.FOUND, Verdict.NOT_TOLD):
            break
        if look + 1 < looks and stop.wait(PAUSE_SECONDS):
            return Verdict.NOT_TOLD
    return verdict


def _look_once(entry: JournalEntry, reader: Reader) -> Verdict:
    try:
        details = reader.find_details(entry.media_type, entry.tmdb_id)
    except (LookupFailed, UnexpectedResponse):
        return Verdict.NOT_TOLD
    if details is None:
        return Verdict.NOT_TOLD
    if find_request(details.state.requests, quality=entry.quality, seasons=entry.seasons):
        return Verdict.FOUND
    is_known = details.state.availability_in(entry.quality) is not Availability.UNKNOWN
    return Verdict.LOST if is_known else Verdict.GONE
