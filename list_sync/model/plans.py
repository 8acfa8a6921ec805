"""A plan: what a sync would do, line by line, as it is saved, edited and applied."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from list_sync.model.servers import Fingerprint
from list_sync.model.terms import Approval, SentOptions
from list_sync.model.titles import MediaType, Quality, QualityKey

FORMAT_VERSION = 1
PLAN_HOLDS_FOR = timedelta(hours=24)


class LineKind(StrEnum):
    """What a sync would do with a title: request it, let it wait, or withdraw its request."""

    REQUEST = "request"
    WAIT = "wait"
    WITHDRAW = "withdraw"

    @property
    def sign(self) -> str:
        """Return the sign of such a line in a table."""
        return {LineKind.REQUEST: "+", LineKind.WAIT: "~", LineKind.WITHDRAW: "-"}[self]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One title in one quality; `apply` is the user's to change.

    `title` is its name and year, `listed_by` the list that decided, `reason` why it waits or what is special about it.
    """

    kind: LineKind
    title: str
    media_type: MediaType | None
    tmdb_id: int | None
    quality: Quality
    seasons: tuple[int, ...] = ()
    requester_id: int | None = None
    approval: Approval = Approval.REQUESTER
    options: SentOptions | None = None
    listed_by: str = ""
    reason: str = ""
    apply: bool = True

    @property
    def cost(self) -> int:
        """Return what it takes of a quota: one film, or its seasons."""
        return max(1, len(self.seasons)) if self.media_type is MediaType.TV else 1

    @property
    def key(self) -> QualityKey | None:
        """Return the kind, the TMDB id and the quality of a title that was matched."""
        if self.media_type is None or self.tmdb_id is None:
            return None
        return (self.media_type, self.tmdb_id, self.quality)


@dataclass(frozen=True, slots=True)
class PlannedList:
    """A list as the plan read it; `contents` changes with its entries."""

    name: str
    state: str
    titles: int
    contents: str


@dataclass(frozen=True, slots=True)
class PlannedServer:
    """The server that the plan is for: its installation, and the counts that people's changes move."""

    installation: str
    kind: str
    counts: Fingerprint | None = None


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What a sync would do, and all that this depends on; `is_partial` is True if only some lists were asked for.

    `policy` is the fingerprint of the policy.
    """

    made_by: str
    made_at: datetime
    expires_at: datetime
    lists: tuple[PlannedList, ...]
    policy: str
    household: str
    server: PlannedServer
    lines: tuple[PlanLine, ...]
    summary: str = ""
    is_partial: bool = False
    format_version: int = FORMAT_VERSION

    def __post_init__(self) -> None:
        """Take times without a zone for UTC."""
        for name in ("made_at", "expires_at"):
            moment: datetime = getattr(self, name)
            object.__setattr__(self, name, moment.replace(tzinfo=moment.tzinfo or UTC))

    @property
    def chosen(self) -> Mapping[QualityKey, PlanLine]:
        """Return the requests that are to be sent, and those that are to be withdrawn."""
        return chosen_of(self.lines, LineKind.REQUEST, LineKind.WITHDRAW)

    @property
    def does_something(self) -> bool:
        """Return whether a sync would change anything on the server."""
        return any(line.kind is not LineKind.WAIT for line in self.lines)


def chosen_of(lines: Iterable[PlanLine], *kinds: LineKind) -> Mapping[QualityKey, PlanLine]:
    """Return the lines of some kinds that are to be applied, by title and quality."""
    return {line.key: line for line in lines if line.kind in kinds and line.apply and line.key}


@dataclass(frozen=True, slots=True)
class Sizes:
    """What Radarr and Sonarr say of disks: free bytes, and the usual size of a film and of a season."""

    free_bytes: int | None = None
    film_bytes: int | None = None
    season_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class UserQuotaUse:
    """How much of a quota of the server a user had used when a plan was made; of `days` days."""

    requester_id: int
    media_type: MediaType
    used: int
    most: int
    days: int | None


@dataclass(frozen=True, slots=True)
class LineResult:
    """What became of a line: done, or the reason why it was not."""

    line: PlanLine
    is_done: bool
    status: str
    reason: str = field(default="")
