"""What a run that was cut off left open is looked for on the server before anything new is planned."""

import threading
from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from list_sync.errors import LookupFailed, UnexpectedResponse
from list_sync.model.decisions import TitleKey
from list_sync.model.journal import SentRequest, are_most_gone
from list_sync.model.moments import is_over
from list_sync.model.server_state import ServerRequest, TitleDetails
from list_sync.model.titles import MediaType
from list_sync.requesting.answers import ACCEPTED
from list_sync.requesting.lost import find_request
from list_sync.requesting.perform import VerifiedJournal
from list_sync.requesting.verify import MARGIN

SETTLING = timedelta(seconds=5)
UNTOLD_FOR = timedelta(days=2)
PAUSE_SECONDS = 0.5
SENT = "sent"


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

    entries: tuple[SentRequest, ...] = ()

    @property
    def found(self) -> frozenset[int]:
        """Return their numbers."""
        return frozenset(entry.entry_id for entry in self.entries)

    def find_told(self, titles: Container[TitleKey | None], *, is_4k: bool, now: datetime) -> frozenset[int]:
        """Return those that a run over `titles` has told of in its record, or that are too old to wait for one.

        A title may be missing from the run only because its list could not be read, or for its other quality.
        """
        return frozenset(
            entry.entry_id
            for entry in self.entries
            if is_over(entry.sent_at, UNTOLD_FOR, now=now)
            or (entry.is_4k == is_4k and (entry.media_type, entry.tmdb_id) in titles)
        )


def recover(
    entries: Sequence[SentRequest], reader: Reader, journal: VerifiedJournal, *, now: datetime, stop: threading.Event
) -> Recovery:
    """Look for every open entry; what is surely absent is marked lost, so that it may be asked for again.

    A request may still be on its way through the server when its sender died: what was sent within the last
    seconds is looked for until those have passed.
    """
    if not entries:
        return Recovery()
    recent = reader.fetch_recent_requests(len(entries) + MARGIN)
    found: list[SentRequest] = []
    absent: list[SentRequest] = []
    for entry in sorted(entries, key=lambda one: one.entry_id):
        verdict = _is_there(entry, recent, reader, now=now, stop=stop)
        if verdict:
            found.append(entry)
        elif verdict is False:
            absent.append(entry)
    _mark_absent(absent, entries, journal)
    return Recovery(tuple(found))


def _mark_absent(absent: Collection[SentRequest], entries: Collection[SentRequest], journal: VerifiedJournal) -> None:
    """Let what is absent be asked for again, unless the server took it and has lost most of what it took since."""
    taken = [entry for entry in absent if entry.state == ACCEPTED]
    is_reset = are_most_gone(len(taken), sum(entry.state == ACCEPTED for entry in entries))
    vanished = frozenset(entry.entry_id for entry in taken) if is_reset else frozenset()
    journal.mark(vanished, "vanished")
    journal.mark(frozenset(entry.entry_id for entry in absent) - vanished, "lost")


def _is_there(
    entry: SentRequest, recent: Collection[ServerRequest], reader: Reader, *, now: datetime, stop: threading.Event
) -> bool | None:
    mine = [row for row in recent if (row.media_type, row.tmdb_id) == (entry.media_type, entry.tmdb_id)]
    if find_request(mine, is_4k=entry.is_4k, seasons=entry.seasons):
        return True
    # A clock that was set back since shows an entry in the future: that is no reason to wait until then.
    still_young = min(SETTLING, SETTLING - (now - entry.sent_at)).total_seconds() if entry.state == SENT else 0.0
    looks = max(1, int(still_young / PAUSE_SECONDS) + 1)
    for look in range(looks):
        try:
            details = reader.find_details(entry.media_type, entry.tmdb_id)
        except (LookupFailed, UnexpectedResponse):
            return None
        if details is None:
            return None
        if find_request(details.state.requests, is_4k=entry.is_4k, seasons=entry.seasons):
            return True
        if look + 1 < looks and stop.wait(PAUSE_SECONDS):
            return None
    return False
