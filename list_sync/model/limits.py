"""What holds requests back, as far as a run has read it: what was used of the caps, what rests, and pauses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from list_sync.model.moments import shown
from list_sync.model.sources import ListKey
from list_sync.model.titles import MediaType, QualityKey

DAY = timedelta(hours=24)
# Stands for all requesters together, where users have numbers from 1 on.
EVERYONE = 0

# Where requests go: to Radarr or Sonarr, and there to a root folder, if the list states one.
Target = tuple[MediaType, str | None]
# A user, and films or shows.
QuotaKey = tuple[int, MediaType]


@dataclass(frozen=True, slots=True)
class ListUse:
    """When titles of a list were requested in the 24 hours before, oldest first, and how many are not available yet."""

    asked_at: tuple[datetime, ...] = ()
    open_requests: int = 0


@dataclass(frozen=True, slots=True)
class Quota:
    """How much a user may still request of one kind before the rest waits, why it does, and when places are free.

    `most` is how much the user may request once all places are free, if that is known.
    """

    room: int
    reason: str
    turns: Sequence[datetime] = ()
    most: int | None = None

    def describe_misfit(self, cost: int) -> str:
        """Return why a title never goes that takes more than all places, and what to do; "" if it fits."""
        if self.most is None or cost <= self.most:
            return ""
        remedy = (
            "lower pause_when.quota_left, or raise the quota"
            if cost == 1
            else "choose fewer seasons, or raise the quota"
        )
        return f"it takes {cost} of at most {max(0, self.most)} and never fits: {remedy}"

    def describe_turn(self, place: int) -> str:
        """Return when a title goes whose last film or season has this place among those that wait."""
        if place < len(self.turns):
            return f"its turn comes at {shown(self.turns[place])}"
        return f"its turn comes after {shown(self.turns[-1])}" if self.turns else "its turn comes when there is room"


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds requests back besides the caps of the run and of the day.

    `known_since` is since when ListSync knows titles that it did not request yet: the oldest go first. `rests` are the
    ends of the rest of new titles. `pauses` says why nothing is requested now of one kind, or for one root folder.
    """

    lists: Mapping[ListKey, ListUse] = field(default_factory=dict)
    known_since: Mapping[QualityKey, datetime] = field(default_factory=dict)
    rests: Mapping[QualityKey, datetime] = field(default_factory=dict)
    pauses: Mapping[Target, str] = field(default_factory=dict)
    quotas: Mapping[QuotaKey, Quota] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DayCap:
    """The cap of 24 hours of a user, or of all together; `name` is how it was set.

    `asked_at` is when the counted titles were requested, oldest first.
    """

    requester_id: int
    name: str
    most: int
    asked_at: Sequence[datetime] = ()

    @property
    def users(self) -> str:
        """Return which users it caps, as reasons name them."""
        return "all users" if self.requester_id == EVERYONE else f"user {self.requester_id}"

    def describe_full(self, count: int, *, place: int = 0, in_run: int = 0, now: datetime | None = None) -> str:
        """Return why a title waits after so many were asked for in 24 hours, and when it goes if `now` is given.

        `place` is how many titles wait before it, `in_run` how many of the counted ones the run requests.
        """
        turn = "asked for in a later run"
        if now is not None:
            turn = describe_turn(self.most, self.asked_at, in_run=in_run, place=place, now=now)
        return f"{self.name} is reached: {self.users} asked for {count} in 24 hours; {turn}"


def shown_size(size: int) -> str:
    """Return a number of bytes as people read it, as in 340 GB."""
    if size >= 10**12:
        return f"{size / 10**12:.1f} TB"
    return f"{size / 10**9:.0f} GB" if size >= 10**10 else f"{size / 10**9:.1f} GB"


def describe_turn(cap: int, asked_at: Sequence[datetime], *, in_run: int, place: int, now: datetime) -> str:
    """Return when a title goes that a cap of 24 hours holds back, after `place` others that wait.

    `asked_at` is when the counted titles were requested, oldest first; those that the run requests come after them.
    The first round of free places is told to the minute, later ones to the day: each place is taken again at once.
    """
    cap = max(1, cap)
    taken_at = [*asked_at, *[now] * in_run][-cap:]
    taken_at += [now] * (cap - len(taken_at))
    rounds, number = divmod(place, cap)
    moment = taken_at[number] + DAY * (rounds + 1)
    return f"its turn comes at {shown(moment)}" if rounds == 0 else f"its turn comes about {moment.date().isoformat()}"
