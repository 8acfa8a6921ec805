"""Plans: what a sync would do, what of it waits, and why it does not hold any more."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, Field, model_validator

from list_sync.model.plans import LineKind
from list_sync.model.sources import FetchState
from list_sync.model.waits import group_waiting
from list_sync.storage.plans import KeptPlan
from list_sync.web.models.answers import Body, Moment, PageOf
from list_sync.web.models.orders import Text
from list_sync.web.models.overview import Waiting, build_waiting
from list_sync.web.models.plan_lines import PlanLineAnswer
from list_sync.web.models.runs import RunAnswer


class PlanOrder(Body):
    """What to plan: everything, or one of `list` and `provider`."""

    list: Text | None = Field(default=None, examples=["imdb:top"], description="as `POST /api/sync` takes it")
    provider: Text | None = Field(default=None, examples=["imdb"], description="all configured lists of a source")
    fresh: bool = Field(default=False, description="read everything anew")

    @model_validator(mode="after")
    def _one_of(self) -> "PlanOrder":
        if self.list is not None and self.provider is not None:
            raise ValueError("give only one of list and provider")
        return self


class ApplyOrder(Body):
    """Which lines of a plan to apply; without `lines` those that are ticked."""

    lines: Annotated[list[Annotated[int, Field(ge=0, lt=10**6)]], Field(max_length=50_000)] | None = Field(
        default=None, examples=[[0, 1, 4]], description="the numbers of the lines to request or to withdraw"
    )


class PlannedListAnswer(BaseModel):
    """A list as the plan read it."""

    list: str = Field(examples=["imdb:top"])
    state: FetchState
    titles: int


class RoomAnswer(BaseModel):
    """A limit on requests: what is used of it, and what the ticked lines take of it."""

    name: str = Field(examples=["All users, in 24 hours"])
    used: int = Field(examples=[14])
    ticked: int = Field(examples=[5])
    most: int = Field(examples=[20])
    note: str = Field(examples=["caps.per_day=20"])


class PlanAnswer(BaseModel):
    """A plan, and a page of its lines."""

    run_id: int = Field(description="the dry run that made it", examples=[42])
    made_at: Moment
    expires_at: Moment
    summary: str = Field(examples=["37 titles, 5 a day"])
    is_partial: bool = Field(description="whether it is of some lists only")
    lists: list[PlannedListAnswer]
    counts: dict[LineKind, int] = Field(description="lines by kind", examples=[{"request": 6, "wait": 47}])
    ticked: dict[LineKind, int] = Field(description="lines that are ticked, by kind", examples=[{"request": 5}])
    left_alone: dict[str, int] = Field(
        description="titles that nothing is done for, by state", examples=[{"already_available": 805}]
    )
    room: list[RoomAnswer] = Field(description="limits on requests")
    waits: list[Waiting] = Field(description="what waits, by cause")
    objections: list[str] = Field(description="why it cannot be applied any more")
    changes: list[str] = Field(description="what changed since; it can still be applied")
    applied_in: int | None = Field(description="the run that applies it or did so")
    lines: PageOf[PlanLineAnswer]


class PlanView(BaseModel):
    """The newest plan, the dry run that makes the next one, and the last run if the brake stopped it."""

    plan: PlanAnswer | None
    making: RunAnswer | None
    held: RunAnswer | None


def build_plan(
    plan: KeptPlan,
    lines: PageOf[PlanLineAnswer],
    waiting: Mapping[str, int],
    *,
    room: Sequence[RoomAnswer],
    left_alone: Mapping[str, int],
    objections: Sequence[str],
    changes: Sequence[str],
) -> PlanAnswer:
    """Return a plan."""
    head = plan.head
    return PlanAnswer(
        run_id=plan.run_id,
        made_at=head.made_at,
        expires_at=head.expires_at,
        summary=head.summary,
        is_partial=head.is_partial,
        lists=[PlannedListAnswer(list=one.name, state=FetchState(one.state), titles=one.titles) for one in head.lists],
        counts=dict(plan.counts),
        ticked=dict(plan.ticked),
        left_alone=dict(left_alone),
        room=list(room),
        waits=[build_waiting(group) for group in group_waiting(waiting)],
        objections=list(objections),
        changes=list(changes),
        applied_in=plan.applied_in,
        lines=lines,
    )
