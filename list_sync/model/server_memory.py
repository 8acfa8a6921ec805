"""What is remembered of a media-request server between runs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from list_sync.model.decisions import TitleKey
from list_sync.model.servers import Fingerprint, MediaState, TitleDetails


@dataclass(frozen=True, slots=True)
class ServerMemory:
    """What was remembered of the server when a run began; each show has the time when it was last read.

    `tries` says when ListSync last tried to read each show for new seasons. `next_place` is where the next page of
    titles begins. `unread_since`: no later run has read the requests that were sent since then.
    """

    states: Mapping[TitleKey, MediaState] = field(default_factory=dict)
    shows: Mapping[TitleKey, tuple[TitleDetails, datetime]] = field(default_factory=dict)
    fingerprint: Fingerprint | None = None
    full_read_at: datetime | None = None
    tries: Mapping[TitleKey, datetime] = field(default_factory=dict)
    next_place: int = 0
    unread_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """What a run learned of the server; `everything` means that `states` are all titles of the server.

    `fingerprint` is None if it changed by more than our own requests; the next run then reads everything.
    If the run sent requests, it sent them after `unread_since`.
    """

    states: Mapping[TitleKey, MediaState]
    details: Collection[TitleDetails]
    tried: Collection[TitleKey]
    fingerprint: Fingerprint | None
    everything: bool
    next_place: int = 0
    unread_since: datetime | None = None
