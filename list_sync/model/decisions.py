"""What is wanted of each title, the rules of a run, what to do about the title, and the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from list_sync.model.facts import TitleFacts
from list_sync.model.journal import RequestIdentity
from list_sync.model.limits import EVERYONE, DayCap, Limits, QuotaKey, Target
from list_sync.model.matches import Match, MatchResult, NoMatch
from list_sync.model.plans import PlanLine
from list_sync.model.readding import Readded
from list_sync.model.rules import RuleResult
from list_sync.model.servers import AnswerKind, MediaState, ServerInfo, TitleDetails
from list_sync.model.sources import ListKey, ListRef
from list_sync.model.terms import Approval, SentOptions, Terms
from list_sync.model.titles import MediaType, Quality, QualityKey, TitleKey


@dataclass(frozen=True, slots=True)
class Wish:
    """One title in one quality; the lists of `result` are those that want it in this quality.

    `excluded` are those of them that leave it out, each with the rule that says so.
    """

    result: MatchResult
    quality: Quality
    excluded: Mapping[ListRef, RuleResult] = field(default_factory=dict)

    @property
    def match(self) -> Match:
        """Return the match of a title that was matched."""
        if isinstance(self.result, NoMatch):
            raise TypeError("a title without a match was decided before")
        return self.result

    @property
    def key(self) -> QualityKey | None:
        """Return the kind, the TMDB id and the quality of a title that was matched."""
        result = self.result
        return (result.media_type, result.tmdb_id, self.quality) if isinstance(result, Match) else None

    @property
    def terms(self) -> Terms:
        """Return the terms that count: those of the most important list."""
        return self.result.wanted.sources[0].terms


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one run; a cap of 0 means no cap.

    `max_requests_per_day` is each requester's own, `max_requests_by_all` that of all together. With `has_file`, caps
    have their names of lists.yaml, but for those `of_settings`, and titles that wait say when they go.
    `requested_today` is how many titles each requester asked for in the 24 hours before the run's requests, and
    `asked_at` when, oldest first; EVERYONE stands for all together. `requested_in_run` is how many the run has added
    since, `listed_in_run` the same by list. If `planned` is given, nothing else is requested.
    """

    max_requests_per_run: int = 0
    max_requests_per_day: int = 0
    requested_today: Mapping[int, int] = field(default_factory=dict)
    requested_in_run: Mapping[int, int] = field(default_factory=dict)
    dry_run: bool = False
    planned: Mapping[QualityKey, PlanLine] | None = None
    max_requests_by_all: int = 0
    has_file: bool = False
    of_settings: frozenset[str] = frozenset()
    asked_at: Mapping[int, Sequence[datetime]] = field(default_factory=dict)
    listed_in_run: Mapping[ListKey, int] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def find_day_cap(self, requester_id: int) -> DayCap | None:
        """Return the cap of 24 hours of a user, or of all users together, if there is one."""
        most = self.max_requests_by_all if requester_id == EVERYONE else self.max_requests_per_day
        key = "per_day" if requester_id == EVERYONE else "per_requester"
        name = self.name_cap(key, "MAX_REQUESTS_PER_DAY")
        return DayCap(requester_id, f"{name}={most}", most, self.asked_at.get(requester_id, ())) if most else None

    def name_cap(self, key: str, setting: str) -> str:
        """Return a cap as people set it: by its key in lists.yaml, or by its setting."""
        return f"caps.{key}" if self.has_file and key not in self.of_settings else setting


class ItemStatus(StrEnum):
    """The states of a list item: stored, shown and counted under these names."""

    REQUESTED = "requested"
    WOULD_REQUEST = "would_request"
    ALREADY_REQUESTED = "already_requested"
    ALREADY_AVAILABLE = "already_available"
    WAITING = "waiting"
    NEEDS_REVIEW = "needs_review"
    NOT_FOUND = "not_found"
    EXCLUDED = "excluded"
    FILTERED = "filtered"
    BLOCKLISTED = "blocklisted"
    DECLINED = "declined"
    DELETED = "deleted"
    UNSUPPORTED = "unsupported"
    REQUEST_FAILED = "request_failed"
    ERROR = "error"


FAILURES = frozenset({ItemStatus.REQUEST_FAILED, ItemStatus.ERROR})
# Titles in these states were wanted and are kept away on purpose.
REFUSALS = frozenset({ItemStatus.DECLINED, ItemStatus.DELETED})
# They hold for one server, and change by what that server says.
SAID_BY_SERVER = frozenset(
    {
        ItemStatus.REQUESTED,
        ItemStatus.ALREADY_REQUESTED,
        ItemStatus.ALREADY_AVAILABLE,
        ItemStatus.BLOCKLISTED,
        ItemStatus.DECLINED,
        ItemStatus.DELETED,
        ItemStatus.REQUEST_FAILED,
    }
)


class Unread(IntEnum):
    """What has to be read of a title before it is known whether it is requested, the first first."""

    PAGE = 1
    RATINGS = 2


@dataclass(frozen=True, slots=True)
class Request:
    """The decision to ask the server for a title.

    `seasons` is empty for a film, and for a show whose seasons are not known yet. `source` is the list that decided
    about requester, approval and options, `rules` are those that the title passed. `is_requester_stated` is False
    where OVERSEERR_USER_ID counts. If something is `unread`, it is read first, and the title is decided again.
    """

    match: Match
    quality: Quality
    seasons: tuple[int, ...] = ()
    requester_id: int = 1
    approval: Approval = Approval.REQUESTER
    options: SentOptions | None = None
    source: ListKey | None = None
    rules: tuple[RuleResult, ...] = field(default=(), compare=False)
    is_requester_stated: bool = field(default=False, compare=False)
    unread: Unread | None = None

    @property
    def title_key(self) -> TitleKey:
        """Return the kind and TMDB id of the title."""
        return (self.match.media_type, self.match.tmdb_id)

    @property
    def quality_key(self) -> QualityKey:
        """Return the same and the quality."""
        return (*self.title_key, self.quality)

    @property
    def list_ref(self) -> ListRef:
        """Return the list that the request counts for, with its terms."""
        sources = self.match.wanted.sources
        return next((source for source in sources if source.key == self.source), sources[0])

    @property
    def target(self) -> Target:
        """Return where the request goes, as far as its list states it."""
        return self.match.media_type, self.options.root_folder if self.options else None

    @property
    def quota_key(self) -> QuotaKey:
        """Return whose quota the request counts in, and whether that of films or of shows."""
        return self.requester_id, self.match.media_type

    @property
    def quota_cost(self) -> int:
        """Return how much the servers count it in the quota of its requester."""
        return max(1, len(self.seasons))

    @property
    def is_unread(self) -> bool:
        """Return whether the title is read before it is requested: its seasons or facts of it are not known yet."""
        return self.unread is not None or (self.match.media_type is MediaType.TV and not self.seasons)

    @property
    def identity(self) -> RequestIdentity:
        """Return the identity of the request before the server gives it a number."""
        return RequestIdentity(self.title_key, self.quality, frozenset(self.seasons), self.requester_id)


@dataclass(frozen=True, slots=True)
class Skip:
    """The decision to leave a title alone, the state that it is shown in, and why in one sentence.

    `held` is the request that waits for its turn, if it is one. `facts_last` is how long the facts count by which a
    list's rules left the title out.
    """

    subject: MatchResult
    status: ItemStatus
    reason: str
    quality: Quality
    rules: tuple[RuleResult, ...] = field(default=(), compare=False)
    held: Request | None = field(default=None, compare=False)
    facts_last: timedelta | None = field(default=None, compare=False)

    @property
    def title_key(self) -> TitleKey | None:
        """Return the kind and TMDB id of the title, if it was matched."""
        return (self.subject.media_type, self.subject.tmdb_id) if isinstance(self.subject, Match) else None

    @property
    def quality_key(self) -> QualityKey | None:
        """Return the same and the quality."""
        return (*self.title_key, self.quality) if self.title_key else None


Decision = Request | Skip


@dataclass(frozen=True, slots=True)
class RequestOutcome:
    """The result of one decision."""

    decision: Decision
    status: ItemStatus
    reason: str
    request_id: int | None = None

    @property
    def result(self) -> MatchResult:
        """Return the match result that the decision is about."""
        return self.decision.match if isinstance(self.decision, Request) else self.decision.subject

    @property
    def uses_caps(self) -> bool:
        """Return whether it counts against caps: not if nothing was sent, or the title does not exist."""
        return isinstance(self.decision, Request) and self.status is not ItemStatus.NOT_FOUND

    @property
    def is_failure(self) -> bool:
        """Return whether the title could not be read or requested, now or since an earlier run."""
        return self.status in FAILURES


class OwnState(StrEnum):
    """The progress of a request of ours, as our journal states it.

    NOTHING_LEFT: the server made no request, because no season was left. UNREAD: the server accepted it, and it was
    not seen there yet. VANISHED: it is gone together with most others.
    """

    ON_SERVER = "on_server"
    UNREAD = "unread"
    NOTHING_LEFT = "nothing_left"
    RECOVERED = "recovered"
    UNSETTLED = "unsettled"
    REFUSED = "refused"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """What we remember of the last time that we requested a title in one quality.

    `seasons` holds every season that we ever requested; `answer` is set where the server refused, `undone_run` is the
    run of the request if that run was undone. If it `is_imported`, ListSync 0.6 saw the title at that moment.
    """

    state: OwnState
    at: datetime
    seasons: frozenset[int] = frozenset()
    answer: AnswerKind | None = None
    undone_run: int | None = None
    is_imported: bool = False


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything that a plan is made from besides the titles and the policy.

    `details` holds titles whose detail page was read, now or in an earlier run, `facts` what filters ask for of them.
    `unknown_to_tmdb` holds titles that TMDB does not have, `unreadable` those for which this is not known at the
    moment. `readded` holds titles that lists may request again after a refusal, `arr_excluded` the numbers (of TMDB for
    films, of TVDB for shows) that Radarr and Sonarr exclude. `snoozed` is when snoozes end, by the keys
    of entries and of TMDB titles.
    """

    info: ServerInfo
    states: Mapping[TitleKey, MediaState] = field(default_factory=dict)
    details: Mapping[TitleKey, TitleDetails] = field(default_factory=dict)
    own: Mapping[QualityKey, OwnRequest] = field(default_factory=dict)
    unknown_to_tmdb: frozenset[TitleKey] = frozenset()
    unreadable: frozenset[TitleKey] = frozenset()
    readded: Mapping[QualityKey, tuple[Readded, ...]] = field(default_factory=dict)
    facts: Mapping[TitleKey, TitleFacts] = field(default_factory=dict)
    arr_excluded: Mapping[MediaType, frozenset[int]] = field(default_factory=dict)
    snoozed: Mapping[str, datetime] = field(default_factory=dict)
