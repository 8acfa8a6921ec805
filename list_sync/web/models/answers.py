"""What all answers share: how moments are written, and pages of records."""

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Row = TypeVar("Row")


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


# A moment in UTC, as in 2026-11-27T12:00:00Z.
Moment = Annotated[datetime, AfterValidator(_in_utc), Field(examples=["2026-11-27T12:00:00Z"])]


class Body(BaseModel):
    """The body of a request; keys that are not known are errors."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class PageOf(BaseModel, Generic[Row]):
    """A page of records, and the cursor of the next page; null after the last one."""

    items: list[Row]
    next_cursor: str | None = Field(default=None, examples=["MTI3"])


def example(**values: Any) -> ConfigDict:
    """Return the settings of a model with one example."""
    return ConfigDict(json_schema_extra={"example": values})
