"""What the media-request server knows about titles, requests and users, and what a run remembers of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Self

from list_sync.model.facts import TitleFacts
from list_sync.model.households import HOME as HOME
from list_sync.model.terms import SentOptions
from list_sync.model.titles import MediaType, Quality, TitleKey


class Dialect(StrEnum):
    """The three forks, told apart by /settings/public (measured: version numbers cannot tell them apart)."""

    OVERSEERR = "overseerr"
    JELLYSEERR = "jellyseerr"
    SEERR = "seerr"


class _Numbered(IntEnum):
    """Numbers of the servers; one that we do not know is UNRECOGNISED, which has the value 0."""

    @classmethod
    def of(cls, number: object) -> Self:
        """Return the member with this number, or UNRECOGNISED."""
        is_number = isinstance(number, int) and not isinstance(number, bool)
        member = cls._value2member_map_.get(number) if is_number else None
        return member if isinstance(member, cls) else cls(0)


class Availability(_Numbered):
    """The servers' media status; a number that we do not know is UNRECOGNISED and is never requested."""

    UNRECOGNISED = 0
    UNKNOWN = 1
    PENDING = 2
    PROCESSING = 3
    PARTIALLY_AVAILABLE = 4
    AVAILABLE = 5
    BLOCKLISTED = 6
    DELETED = 7


class RequestStatus(_Numbered):
    """The servers' request status; COMPLETED is Seerr's alone."""

    UNRECOGNISED = 0
    PENDING = 1
    APPROVED = 2
    DECLINED = 3
    FAILED = 4
    COMPLETED = 5


@dataclass(frozen=True, slots=True)
class Server:
    """A media-request server: `installation` tells it from all others, `address` is where it was found last."""

    server_id: int
    installation: str
    address: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class ServerRequest:
    """One request row of the server; `seasons` is empty for a film.

    `availability` is that of its title in its quality, if it was read together with the row, `options` where it goes,
    if the row shows it.
    """

    request_id: int
    media_type: MediaType
    tmdb_id: int
    quality: Quality
    status: RequestStatus
    seasons: frozenset[int] = frozenset()
    requester_id: int | None = None
    availability: Availability | None = field(default=None, compare=False)
    options: SentOptions | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class MediaState:
    """What the server knows of one title, all rows and requests merged, HD and 4K apart.

    `seasons` and `seasons_4k` map a season number to its availability; `media_rows` is the number of rows that this was
    read from.
    """

    media_type: MediaType
    tmdb_id: int
    availability: Availability = Availability.UNKNOWN
    availability_4k: Availability = Availability.UNKNOWN
    seasons: Mapping[int, Availability] = field(default_factory=dict)
    seasons_4k: Mapping[int, Availability] = field(default_factory=dict)
    requests: tuple[ServerRequest, ...] = ()
    media_rows: int = field(default=1, compare=False)

    def availability_in(self, quality: Quality) -> Availability:
        """Return the availability in the asked quality."""
        return self.availability_4k if quality is Quality.UHD else self.availability

    def seasons_in(self, quality: Quality) -> Mapping[int, Availability]:
        """Return the seasons' availability in the asked quality."""
        return self.seasons_4k if quality is Quality.UHD else self.seasons

    def requests_in(self, quality: Quality) -> tuple[ServerRequest, ...]:
        """Return the requests for the asked quality."""
        return tuple([request for request in self.requests if request.quality is quality])

    def with_requests(self, requests: Iterable[ServerRequest]) -> "MediaState":
        """Return this state with these requests in place of its own, newest first."""
        return replace(self, requests=tuple(sorted(requests, key=lambda request: -request.request_id)))


@dataclass(frozen=True, slots=True)
class TitleDetails:
    """A title as its detail page shows it: what TMDB says, and what the server knows.

    `season_numbers` are the seasons that TMDB lists, specials (0) included; `countries` are the codes of its
    countries; `status` is TMDB's status of a show, and `next_episode_on` a day in UTC. `poster_path`
    is the end of the poster's address at TMDB. `is_anime` is True for shows that the servers treat as anime.
    """

    media_type: MediaType
    tmdb_id: int
    title: str
    year: int | None
    imdb_id: str | None
    tvdb_id: int | None
    season_numbers: tuple[int, ...]
    state: MediaState
    countries: tuple[str, ...] = ()
    status: str | None = None
    next_episode_on: date | None = None
    poster_path: str | None = None
    facts: TitleFacts | None = field(default=None, compare=False)
    is_anime: bool = False


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What the server says about itself.

    `installation` stays the same while a server keeps its database, also at another address; empty if unknown.
    """

    dialect: Dialect
    movie_4k: bool
    series_4k: bool
    version: str = ""
    installation: str = ""
    name: str = ""

    def offers(self, media_type: MediaType, quality: Quality) -> bool:
        """Return whether a request for this kind of title in this quality would go anywhere."""
        offers_4k = self.movie_4k if media_type is MediaType.MOVIE else self.series_4k
        return offers_4k or quality is Quality.HD


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A few counts that change when people add, decline or remove requests or media, or when a request fails at Radarr.

    Counts that change by themselves during downloads (approved, processing, available) are left out.
    """

    requests: int
    pending: int
    declined: int
    media: int
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Glance:
    """What every run looks at: the fingerprint, and one page of the titles; `next_place` is where the next begins."""

    fingerprint: Fingerprint
    states: Mapping[TitleKey, MediaState]
    next_place: int


@dataclass(frozen=True, slots=True)
class CallCounts:
    """Calls sent to the server so far: reads (GET) and writes (everything else)."""

    reads: int = 0
    writes: int = 0

    def since(self, before: "CallCounts") -> "CallCounts":
        """Return the calls that were sent after a moment."""
        return CallCounts(self.reads - before.reads, self.writes - before.writes)


class AnswerKind(StrEnum):
    """What the server's answer to POST /request means, one value per row of the measured table."""

    CREATED = "created"
    DUPLICATE = "duplicate"
    NOTHING_LEFT = "nothing_left"
    NO_PERMISSION = "no_permission"
    REQUESTER_UNKNOWN = "requester_unknown"
    KEY_MAY_NOT = "key_may_not"
    QUOTA_EXCEEDED = "quota_exceeded"
    BLOCKLISTED = "blocklisted"
    TITLE_UNKNOWN = "title_unknown"
    TMDB_UNAVAILABLE = "tmdb_unavailable"
    TVDB_CONFLICT = "tvdb_conflict"
    DATABASE_CONFLICT = "database_conflict"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class RequestAnswer:
    """The server's answer to one request; `seasons` are those it took, `message` its own words."""

    kind: AnswerKind
    message: str = ""
    request_id: int | None = None
    status: RequestStatus = RequestStatus.UNRECOGNISED
    seasons: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ServerMemory:
    """What was remembered of the server when a run began; each show has the time when it was last read.

    `tries` says when ListSync last tried to read each show for new seasons. `next_place` is where the next page of
    titles begins. `unread_since`: no later run has read the requests that were sent since then. `facts` are those that
    filters ask for, with the time when they were read. `doubted` are titles whose number seemed wrong.
    """

    states: Mapping[TitleKey, MediaState] = field(default_factory=dict)
    shows: Mapping[TitleKey, tuple[TitleDetails, datetime]] = field(default_factory=dict)
    fingerprint: Fingerprint | None = None
    full_read_at: datetime | None = None
    tries: Mapping[TitleKey, datetime] = field(default_factory=dict)
    next_place: int = 0
    unread_since: datetime | None = None
    facts: Mapping[TitleKey, tuple[TitleFacts, datetime]] = field(default_factory=dict)
    doubted: frozenset[TitleKey] = frozenset()


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
    facts: Mapping[TitleKey, TitleFacts] = field(default_factory=dict)
