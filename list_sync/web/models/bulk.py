"""What is asked of many titles at once, and the answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from list_sync.correcting.acting import Act
from list_sync.web.models.answers import Body, Moment
from list_sync.web.models.facets import ItemsFilter
from list_sync.web.models.orders import SnoozeOrder

MOST_AT_ONCE = 5000
MOST_IDS = 1000

TitleId = Annotated[int, Field(ge=1, le=2**63 - 1, examples=[127])]


class BulkOrder(Body):
    """What to do, and with which titles: those of a filter, or those with these numbers."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"action": "ban", "filter": {"state": ["waiting"], "list": ["imdb:top"]}, "dry_run": True},
                {"action": "snooze", "for": "30d", "ids": [127, 128]},
            ]
        }
    )

    action: Act
    filter: ItemsFilter | None = Field(default=None, description="{} means all titles")
    ids: tuple[TitleId, ...] = Field(default=(), max_length=MOST_IDS)
    length: str | None = Field(default=None, alias="for", examples=["30d"], description="how long to snooze")
    until: datetime | None = Field(default=None, description="until when to snooze")
    dry_run: bool = Field(default=False, description="only say what would be done")

    @model_validator(mode="after")
    def _is_whole(self) -> "BulkOrder":
        if (self.filter is None) == (not self.ids):
            raise ValueError('give either "filter" or "ids"')
        if self.action is Act.SNOOZE:
            self.build_snooze()
        elif self.length is not None or self.until is not None:
            raise ValueError('only "snooze" takes "for" or "until"')
        return self

    def build_snooze(self) -> SnoozeOrder:
        """Return how long to snooze; raise ValueError if that is not said once."""
        return SnoozeOrder.model_validate({"for": self.length, "until": self.until})


class LeftAlone(BaseModel):
    """Titles with which it was not done, and why."""

    reason: str = Field(examples=["banned"])
    count: int = Field(examples=[2])


class BulkAnswer(BaseModel):
    """What was done, or with `dry_run` what would be done."""

    action: Act
    matched: int = Field(examples=[51], description="how many titles are meant")
    done: int = Field(examples=[49])
    left: list[LeftAlone]
    more: int = Field(examples=[0], description=f"so many are beyond the {MOST_AT_ONCE} of one order: send it again")
    until: Moment | None
    undo: str | None = Field(description="`POST /api/items/undo` takes it back; null if nothing changed")


class UndoOrder(Body):
    """What to take back."""

    undo: Annotated[str, Field(min_length=1, max_length=100, description="as the action answered")]


class TakenBack(BaseModel):
    """How many keys of pins, bans and snoozes are as they were before."""

    keys: int = Field(examples=[4])


def build_answer(
    order: BulkOrder,
    matched: int,
    chosen: int,
    left: Mapping[str, int],
    *,
    until: datetime | None,
    undo: str | None = None,
) -> BulkAnswer:
    """Return the answer to an order for so many titles."""
    return BulkAnswer(
        action=order.action,
        matched=matched,
        done=chosen - sum(left.values()),
        left=[LeftAlone(reason=reason, count=number) for reason, number in sorted(left.items())],
        more=matched - chosen,
        until=until,
        undo=undo,
    )
