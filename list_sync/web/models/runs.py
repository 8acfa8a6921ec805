"""Runs: what was asked for, how far it is, and what came of it."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from list_sync.model.decisions import ItemStatus
from list_sync.model.journal import RequestState
from list_sync.model.report import SyncMode
from list_sync.model.runs import Progress, Run, RunStatus, Stage
from list_sync.model.sources import FetchState, ListKey
from list_sync.model.titles import MediaType, Quality
from list_sync.requesting.undo import UndoLine
from list_sync.storage.run_facts import RunFacts
from list_sync.storage.run_lists import RunList
from list_sync.storage.run_requests import RunRequest
from list_sync.web.models.answers import Moment, PageOf
from list_sync.web.models.plan_lines import PlanLineAnswer, build_line
from list_sync.web.models.run_words import build_timeline, name_starter, say_run


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
    more: int | None = Field(description="titles that are on it since that run")
    gone: int | None = Field(description="titles that were on it before")


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


class RunRow(RunAnswer):
    """A run as lists of runs show it."""

    started_by: str = Field(examples=["schedule"])
    lists_complete: int = Field(description="lists that were read in full")
    undone_by: int | None = Field(description="the run that took this one back")
    imported: bool = Field(description="whether ListSync 0.6 did it, so that less of it is known")
    said: str = Field(examples=["letterboxd read in part."], description="what there is to say of it")


class RunRequestAnswer(BaseModel):
    """A request of a run, and what became of it."""

    item_id: int | None = Field(examples=[127])
    title: str = Field(examples=["Heat (1995)"])
    media_type: MediaType
    tmdb_id: int = Field(examples=[949])
    quality: Quality
    seasons: list[int]
    request_id: int | None = Field(examples=[871], description="its number on the server")
    requester_id: int | None
    state: RequestState
    status: ItemStatus | None = Field(description="the state of the title now")
    note: str = Field(description="what became of it, where that is not plain from its state")
    sent_at: Moment


class StepAnswer(BaseModel):
    """One step of a run; `at` is null where its moment is not stored."""

    tone: str = Field(examples=["ok"])
    icon: str = Field(examples=["sent"])
    head: str = Field(examples=["First request"])
    text: str
    at: Moment | None


class RunDetails(RunRow):
    """A run, with all that is stored of it; `progress` is null unless it works in this daemon."""

    lists: list[RunListAnswer]
    progress: StageAnswer | None
    previous: int | None = Field(description="the sync before it that went through")
    changed: dict[ItemStatus, int] = Field(description="how many titles came to a state", examples=[{"requested": 3}])
    sent: int = Field(description="how many requests it sent")
    requests: PageOf[RunRequestAnswer] = Field(description="newest first")
    timeline: list[StepAnswer]
    has_plan: bool = Field(description="whether its plan is kept")
    not_done: list[PlanLineAnswer] = Field(description="lines of the plan that it applied and could not do")


def build_run(run: Run) -> RunAnswer:
    """Return a run."""
    return RunAnswer(**_values_of(run))


def _values_of(run: Run) -> dict[str, Any]:
    return {name: getattr(run, name) for name in RunAnswer.model_fields} | {"counts": dict(run.counts)}


def build_row(run: Run, short: Sequence[RunList], undone_by: int | None) -> RunRow:
    """Return a run with the lists that were not read in full."""
    return RunRow(**_values_of(run), **_describe(run, short, undone_by))


def _describe(run: Run, short: Sequence[RunList], undone_by: int | None) -> dict[str, Any]:
    return {
        "started_by": name_starter(run),
        "lists_complete": run.lists_total - len(short),
        "undone_by": undone_by,
        "imported": run.is_imported,
        "said": say_run(run, short, undone_by),
    }


def build_run_details(
    run: Run, known: RunFacts, requests: PageOf[RunRequestAnswer], present: Progress | None
) -> RunDetails:
    """Return a run with its lists, its requests and how far it is."""
    far = None
    if present is not None:
        far = StageAnswer(stage=present.stage, done=present.done, total=present.total)
    short = [one for one in known.lists if one.state is not FetchState.COMPLETE]
    steps = build_timeline(run, known.lists, known.sending, known.notable)
    return RunDetails(
        **_values_of(run),
        **_describe(run, short, known.undone_by),
        lists=[_build_list(one) for one in known.lists],
        progress=far,
        previous=known.previous,
        changed=dict(known.changed),
        sent=known.sending.requests,
        requests=requests,
        timeline=[StepAnswer(tone=one.tone, icon=one.icon, head=one.head, text=one.text, at=one.at) for one in steps],
        has_plan=known.has_plan,
        not_done=[build_line(one, item_id=None, users={}) for one in known.not_done],
    )


def build_request(one: RunRequest) -> RunRequestAnswer:
    """Return a request of a run."""
    entry = one.entry
    is_failed = one.status in (ItemStatus.REQUEST_FAILED, ItemStatus.ERROR)
    return RunRequestAnswer(
        item_id=one.item_id,
        title=one.title,
        media_type=entry.media_type,
        tmdb_id=entry.tmdb_id,
        quality=entry.quality,
        seasons=list(entry.seasons),
        request_id=entry.request_id,
        requester_id=entry.requester_id,
        state=entry.state,
        status=one.status,
        note=one.reason if is_failed else entry.note or one.refusal,
        sent_at=entry.sent_at,
    )


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
