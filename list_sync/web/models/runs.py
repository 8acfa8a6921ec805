"""Runs: what was asked for, how far it is, and what came of it."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from list_sync.model.report import SyncMode
from list_sync.model.runs import Progress, Run, RunStatus, Stage
from list_sync.model.sources import FetchState, ListKey
from list_sync.model.titles import MediaType, Quality
from list_sync.requesting.undo import UndoLine
from list_sync.storage.run_lists import RunList
from list_sync.web.models.answers import Moment


class RunAnswer(BaseModel):
    """One run, from the moment it was asked for."""

    run_id: int = Field(examples=[42])
    mode: SyncMode = Field(description="what started it")
    status: RunStatus
    dry_run: bool
    asked_at: Moment | None
    started_at: Moment | None
    finished_at: Moment | None
    error: str | None
    exit_code: int | None = Field(description="the exit code that `list-sync sync` has for it")
    items_processed: int
    items_requested: int
    items_skipped: int
    items_errored: int
    lists_total: int
    lists_failed: int
    reads: int = Field(description="calls of the server that only read")
    writes: int
    undoes: int | None = Field(description="the run that this one takes back")
    applies: int | None = Field(description="the dry run whose plan this one applies")
    asked_by: str = Field(examples=["alice"], description="the person or token that asked for it, if that is known")
    counts: dict[str, int] = Field(examples=[{"already_available": 240, "requested": 3}], description="titles by state")


class RunListAnswer(BaseModel):
    """How a list was read in a run."""

    list: str = Field(examples=["imdb:top"])
    state: FetchState
    route: str
    items: int
    expected: int | None
    reason: str | None


class StageAnswer(BaseModel):
    """How far a run is that works now."""

    stage: Stage
    done: int
    total: int


class UndoLineAnswer(BaseModel):
    """What an undo would do with one request."""

    title: str = Field(examples=["Heat (1995)"])
    media_type: MediaType
    tmdb_id: int
    quality: Quality
    seasons: list[int]
    request_id: int | None
    withdraw: bool = Field(description="whether the undo changes or settles anything here")
    reason: str


class UndoPreview(BaseModel):
    """What an undo of a run would do now."""

    undoes: int
    withdrawn: int = Field(description="how many requests it withdraws")
    lines: list[UndoLineAnswer]


class RunDetails(RunAnswer):
    """A run, with the lists that it read, and how far it is; `progress` is null unless it works in this daemon."""

    lists: list[RunListAnswer]
    progress: StageAnswer | None


def build_run(run: Run) -> RunAnswer:
    """Return a run."""
    return RunAnswer(**_values_of(run))


def _values_of(run: Run) -> dict[str, Any]:
    return {name: getattr(run, name) for name in RunAnswer.model_fields} | {"counts": dict(run.counts)}


def build_run_details(run: Run, lists: tuple[RunList, ...], progress: Progress | None) -> RunDetails:
    """Return a run with its lists and how far it is."""
    far = None
    if progress is not None:
        far = StageAnswer(stage=progress.stage, done=progress.done, total=progress.total)
    return RunDetails(**_values_of(run), lists=[_build_list(one) for one in lists], progress=far)


def build_preview(run_id: int, lines: Sequence[UndoLine]) -> UndoPreview:
    """Return what an undo would do, the requests that it withdraws first."""
    ordered = sorted(lines, key=lambda line: (not line.has_work, line.title))
    answers = [
        UndoLineAnswer(
            title=line.title,
            media_type=line.entry.media_type,
            tmdb_id=line.entry.tmdb_id,
            quality=line.entry.quality,
            seasons=list(line.entry.seasons),
            request_id=line.entry.request_id,
            withdraw=line.has_work,
            reason=line.reason,
        )
        for line in ordered
    ]
    return UndoPreview(undoes=run_id, withdrawn=sum(line.has_work for line in lines), lines=answers)


def _build_list(one: RunList) -> RunListAnswer:
    names = RunListAnswer.model_fields.keys() - {"list"}
    return RunListAnswer(list=ListKey(one.list_type, one.list_id).name, **{name: getattr(one, name) for name in names})
