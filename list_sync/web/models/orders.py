"""What callers may ask for: syncs, decisions about titles, a pause."""

import json
import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from list_sync.model.report import SyncMode
from list_sync.model.runs import RunStatus
from list_sync.model.titles import MediaType
from list_sync.web.models.answers import Body, Moment

_LENGTH = r"^[1-9][0-9]{0,4} ?[mhdwMHDW]$"

Text = Annotated[str, Field(min_length=1, max_length=2000)]


class GivenTitle(BaseModel):
    """A title of a list that is synced once; a title or one id is enough, other keys are ignored."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"example": {"title": "Heat", "year": 1995, "media_type": "movie", "imdb_id": "tt0113277"}},
    )

    title: str | int | None = None
    year: int | float | str | None = Field(default=None, description="0 and an empty text count as not known")
    media_type: str | None = Field(default=None, examples=["movie"], description="movie or tv")
    imdb_id: str | int | None = Field(default=None, examples=["tt0113277", "imdb://tt0113277"])
    tmdb_id: int | float | str | None = Field(default=None, examples=[949])
    tvdb_id: int | float | str | None = None


class SyncOrder(Body):
    """What to sync: everything, or one of `list`, `provider` and `custom_list`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {},
                {"list": "imdb:top"},
                {"provider": "imdb", "dry_run": True},
                {"custom_list": "films.json"},
                {"custom_list": [{"title": "Heat", "year": 1995, "media_type": "movie", "imdb_id": "tt0113277"}]},
            ]
        }
    )

    list: Text | None = Field(
        default=None, examples=["imdb:top"], description="in any spelling, also an address; it need not be configured"
    )
    provider: Text | None = Field(default=None, examples=["imdb"], description="all configured lists of a source")
    custom_list: Text | Annotated[tuple[GivenTitle, ...], Field(max_length=200_000, fail_fast=True)] | None = Field(
        default=None,
        description="a list that is synced once: titles, or the name of a JSON file of titles in DATA_DIR"
        " (`films.json`, also spelled `/data/films.json`)",
    )
    dry_run: bool = Field(default=False, description="decide and report everything, and request nothing")
    fresh: bool = Field(default=False, description="read everything anew, and search again what was not found")

    @model_validator(mode="after")
    def _one_of(self) -> "SyncOrder":
        if sum(value is not None for value in (self.list, self.provider, self.custom_list)) > 1:
            raise ValueError("give only one of list, provider and custom_list")
        return self


def entries_to_json(titles: tuple[GivenTitle, ...]) -> str:
    """Return titles as they were given; equal ones have equal texts."""
    values: list[dict[str, Any]] = [one.model_dump(exclude_unset=True) for one in titles]
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


class RunAsked(BaseModel):
    """A run that was asked for; equal orders that wait are one run."""

    run_id: int = Field(examples=[42])
    status: RunStatus
    mode: SyncMode
    dry_run: bool
    asked_at: Moment | None


class PinOrder(Body):
    """Which TMDB title a title is."""

    media_type: MediaType
    tmdb_id: Annotated[int, Field(ge=1, lt=10**10, examples=[949])]
    other_kind: bool = Field(default=False, description="pin a show to a film, or a film to a show")

    @property
    def target(self) -> str:
        """Return the TMDB title, as commands name it."""
        return f"tmdb:{self.media_type.value}:{self.tmdb_id}"


class Decided(BaseModel):
    """A decision about a title, which the next sync uses."""

    id: int = Field(examples=[127])
    title: str = Field(examples=["Heat (1995)"])
    keys: list[str] = Field(examples=[["imdb:tt0113277"]], description="the keys under which the decision is kept")
    note: str = Field(examples=[""], description="what could not be checked, or what is left to do")


class PauseOrder(Body):
    """How long no sync starts: for a length of time, or until a time."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"for": "3d"}, {"until": "2026-12-01T18:00:00Z"}]})

    length: str | None = Field(
        default=None,
        alias="for",
        examples=["3d"],
        description="30m, 12h, 3d, 2w",
        json_schema_extra={"pattern": _LENGTH},
    )
    until: datetime | None = Field(default=None, description="without a zone, in the zone of the settings (TZ)")

    @field_validator("length")
    @classmethod
    def _is_length(cls, text: str | None) -> str | None:
        if text is not None and re.search(_LENGTH, text) is None:
            raise ValueError("write 30m, 12h, 3d or 2w")
        return text

    @model_validator(mode="after")
    def _one_of(self) -> "PauseOrder":
        if (self.length is None) == (self.until is None):
            raise ValueError('give either "for" or "until"')
        return self


class SnoozeOrder(PauseOrder):
    """How long a title is not requested: for a length of time, or until a time."""


class PauseAnswer(BaseModel):
    """Until when no sync starts; null if there is no pause."""

    paused_until: Moment | None
