"""The lines of a plan."""

from collections.abc import Mapping

from pydantic import BaseModel, Field

from list_sync.model.plans import LineKind, PlanLine
from list_sync.model.shown import shown_user
from list_sync.model.titles import MediaType, Quality
from list_sync.storage.plans import KeptLine


class PlanLineAnswer(BaseModel):
    """A title that would be requested, or whose request would be withdrawn."""

    number: int = Field(examples=[0])
    item_id: int | None = Field(examples=[127], description="the title, as `GET /api/items` names it")
    kind: LineKind
    title: str = Field(examples=["Heat (1995)"])
    media_type: MediaType | None
    tmdb_id: int | None
    quality: Quality
    seasons: list[int]
    requester_id: int | None
    requester: str = Field(examples=["alice"], description="the name by which a list states the user, else the number")
    listed_by: str = Field(examples=["imdb:top"])
    reason: str
    apply: bool = Field(description="whether it is ticked")
    outcome: str | None = Field(description="what became of it when the plan was applied: done, or another state")
    found: str = Field(description="why it was not done")


def build_line(one: KeptLine, *, item_id: int | None, users: Mapping[int, str]) -> PlanLineAnswer:
    """Return a line of a plan."""
    names = PlanLineAnswer.model_fields.keys() & PlanLine.__dataclass_fields__.keys()
    values = {name: getattr(one.line, name) for name in names} | {"seasons": list(one.line.seasons)}
    requester = shown_user(one.line.requester_id, users) if one.line.requester_id else ""
    return PlanLineAnswer(
        number=one.number, item_id=item_id, requester=requester, outcome=one.outcome, found=one.found, **values
    )
