"""What a household wants of the titles of one list: the requester, which titles, how many, when, and where they go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from list_sync.model.filters import Filters, RatingSource
from list_sync.model.titles import MediaType, Quality


class Approval(StrEnum):
    """Whose permissions decide about a request: those of its requester, or those of the owner of the API key."""

    REQUESTER = "requester"
    KEY = "key"


class Order(StrEnum):
    """Which entries of a list come first: by their rank, the newest on the list, or the best rated."""

    RANK = "rank"
    ADDED = "added"
    RATING = "rating"


class Again(StrEnum):
    """When a title that was declined, deleted or taken back is asked for again."""

    NEVER = "never"
    WHEN_READDED = "when_readded"


class Withdrawal(StrEnum):
    """Which of our requests are withdrawn when their title left all lists."""

    NEVER = "never"
    PENDING = "pending"


class SeasonChoice(StrEnum):
    """Which seasons of a show are wanted: see SeasonRule."""

    ALL = "all"
    FIRST = "first"
    LATEST = "latest"
    NEXT = "next"
    NUMBERS = "numbers"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class SeasonRule:
    """The seasons of a show that a list wants.

    ALL: all but specials. FIRST: the first `first` of them. LATEST: the highest that aired. NEXT: the one after the
    last that is available, never more than one open. NUMBERS: exactly `numbers`; specials are 0. FUTURE: those that air
    after the list was added, which is the day `since`, known in a run.
    """

    choice: SeasonChoice = SeasonChoice.ALL
    first: int = 1
    numbers: frozenset[int] = frozenset()
    since: date | None = None


class TagsMode(StrEnum):
    """Whether our tags are added to the default tags of the server, or stand in their place."""

    ADD = "add"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Where a request goes, as it is stated: names, or the numbers of the server; None leaves it to the server.

    `server` is a Radarr or Sonarr of the media-request server. `anime` is what counts for anime instead.
    """

    server: str | int | None = None
    profile: str | int | None = None
    root_folder: str | None = None
    tags: tuple[str | int, ...] | None = None
    tags_mode: TagsMode = TagsMode.ADD
    anime: "ServerOptions | None" = None


@dataclass(frozen=True, slots=True)
class SentOptions:
    """Where a request goes, as it is sent: the numbers of the server; None is not sent. `tags` are all of them."""

    server_id: int | None = None
    profile_id: int | None = None
    root_folder: str | None = None
    tags: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where titles of one kind in one quality go, and `anime` among them; an `obstacle` says why they wait."""

    options: SentOptions | None = None
    anime: SentOptions | None = None
    obstacle: str = ""


# The requester of a list whose titles each person requests in their own name.
EACH = "each"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a household wants of the titles of one list.

    `requester` is a user as it is stated: a number, a name, an e-mail address or `each`; empty means `requester_id`.
    A run finds `requester_id` and `destinations` at the server; if it cannot, `obstacle` says why the titles wait.
    `max_seasons` leaves out shows with more seasons. `limit` cuts the new wishes of a list, `max_open` its requests
    that are not available yet. `exclude_lists` are lists, by their names, whose titles are not wanted here;
    `missing_list` says which one cannot be read, or that the list itself was not read in full.
    """

    requester_id: int = 1
    qualities: tuple[Quality, ...] = (Quality.HD,)
    name: str = ""
    requester: str = ""
    approval: Approval = Approval.REQUESTER
    priority: int = 0
    seasons: SeasonRule = SeasonRule()
    max_seasons: int | None = None
    filters: Filters | None = None
    limit: int | None = None
    order: Order = Order.RANK
    max_new_per_day: int | None = None
    max_open: int | None = None
    hold: timedelta | None = None
    again: Again = Again.NEVER
    withdraw: Withdrawal = Withdrawal.NEVER
    schedule: str = ""
    exclude_lists: tuple[str, ...] = ()
    server: ServerOptions | None = None
    destinations: Mapping[tuple[MediaType, Quality], Destination] = field(default_factory=dict, hash=False)
    obstacle: str = ""
    missing_list: str = ""

    def destination_of(self, media_type: MediaType, quality: Quality) -> Destination:
        """Return where titles of this kind in this quality go, or why they wait."""
        if obstacle := self.obstacle or self.missing_list:
            return Destination(obstacle=obstacle)
        return self.destinations.get((media_type, quality), _ANYWHERE)

    @property
    def needs_places(self) -> bool:
        """Return whether it matters where a title stands on the list, since when, or how it is rated there."""
        rating = self.filters.rating if self.filters else None
        is_rated_there = rating is not None and rating.source is RatingSource.LIST
        cuts = self.limit is not None or self.hold is not None
        return cuts or self.again is not Again.NEVER or is_rated_there

    @property
    def is_choosy(self) -> bool:
        """Return whether the list leaves out some of its titles, or all of them for now."""
        is_held_up = bool(self.obstacle or self.missing_list) or any(
            where.obstacle for where in self.destinations.values()
        )
        return is_held_up or any(one is not None for one in (self.filters, self.max_seasons, self.limit))

    @property
    def needs_facts(self) -> bool:
        """Return whether they ask for facts of a title that only its page states."""
        return self.filters is not None or self.seasons.choice in (SeasonChoice.LATEST, SeasonChoice.FUTURE)


_ANYWHERE = Destination()

# Those of a list for which none are stated: the default ones of its household count.
UNSTATED = Terms()
