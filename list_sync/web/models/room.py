"""The room for requests: caps and quotas, what is used of them, and what the ticked lines of a plan take."""

from collections.abc import Iterator, Mapping, Sequence

from list_sync.model.limits import EVERYONE
from list_sync.model.plans import UserQuotaUse
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.shown import shown_user
from list_sync.model.titles import MediaType
from list_sync.storage.plans import KeptPlan, Ticked
from list_sync.web.models.plans import RoomAnswer

_NOUNS = {MediaType.MOVIE: "films", MediaType.TV: "seasons"}


def measure_room(
    plan: KeptPlan,
    ticked: Sequence[Ticked],
    asked: Mapping[int | None, int],
    policy: HouseholdPolicy,
    users: Mapping[int, str],
) -> list[RoomAnswer]:
    """Return the limits that count for the ticked lines; `asked` says what was requested in 24 hours, by user."""
    return [
        *_measure_caps(ticked, asked, policy, users),
        *_measure_pending(plan, ticked, policy),
        *_measure_quotas(plan.quotas, ticked, users),
    ]


def _measure_caps(
    ticked: Sequence[Ticked], asked: Mapping[int | None, int], policy: HouseholdPolicy, users: Mapping[int, str]
) -> Iterator[RoomAnswer]:
    caps, total = policy.caps, sum(one.titles for one in ticked)
    if caps.per_run:
        name = "caps.per_run" if policy.file else "MAX_REQUESTS_PER_RUN"
        yield RoomAnswer(name="One sync", used=0, ticked=total, most=caps.per_run, note=f"{name}={caps.per_run}")
    if caps.per_day:
        note = f"caps.per_day={caps.per_day}"
        used = sum(asked.values())
        yield RoomAnswer(name="All users, in 24 hours", used=used, ticked=total, most=caps.per_day, note=note)
    if caps.per_requester:
        name = "caps.per_requester" if policy.file else "MAX_REQUESTS_PER_DAY"
        note = f"{name}={caps.per_requester}"
        for user in sorted({one.requester_id or EVERYONE for one in ticked}):
            titles = sum(one.titles for one in ticked if (one.requester_id or EVERYONE) == user)
            yield RoomAnswer(
                name=f"{shown_user(user, users)}, in 24 hours",
                used=asked.get(user, 0),
                ticked=titles,
                most=caps.per_requester,
                note=note,
            )


def _measure_pending(plan: KeptPlan, ticked: Sequence[Ticked], policy: HouseholdPolicy) -> Iterator[RoomAnswer]:
    most, counts = policy.pause_when.pending, plan.head.server.counts
    if most is not None and counts is not None:
        total = sum(one.titles for one in ticked)
        note = f"pause_when.pending={most}, as it was when the plan was made"
        yield RoomAnswer(name="Pending on the server", used=counts.pending, ticked=total, most=most, note=note)


def _measure_quotas(
    quotas: Sequence[UserQuotaUse], ticked: Sequence[Ticked], users: Mapping[int, str]
) -> Iterator[RoomAnswer]:
    for one in quotas:
        noun = _NOUNS[one.media_type]
        cost = sum(
            other.cost
            for other in ticked
            if (other.requester_id, other.media_type) == (one.requester_id, one.media_type)
        )
        days = f"in {one.days} days, " if one.days else ""
        yield RoomAnswer(
            name=f"Quota of {shown_user(one.requester_id, users)}",
            used=one.used,
            ticked=cost,
            most=one.most,
            note=f"{noun} {days}from the server",
        )
