"""Runs: the latest ones, one of them, and ending one."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request

from list_sync.model.access import Scope
from list_sync.model.runs import Run, RunChoice, RunStatus
from list_sync.storage.run_facts import load_run_facts
from list_sync.storage.run_lists import find_short_lists
from list_sync.storage.run_requests import find_undone
from list_sync.storage.runs import load_past_runs
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.answers import PageOf
from list_sync.web.models.runs import (
    RunAnswer,
    RunDetails,
    RunRow,
    build_request,
    build_row,
    build_run,
    build_run_details,
)
from list_sync.web.paging import Cursor, Limit, build_page, find_place
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer

RunId = Annotated[int, Path(ge=1, le=2**63 - 2, examples=[42])]


def routes(parts: Parts) -> APIRouter:
    """Return the routes that read runs."""
    router = APIRouter(prefix="/api/runs", tags=["runs"], dependencies=[needs(Scope.READ)])

    @router.get("", response_model=PageOf[RunRow], responses=may_answer(422))
    def runs(limit: Limit = 20, cursor: Cursor = None, which: RunChoice = RunChoice.ALL) -> PageOf[RunRow]:
        """List runs, the newest first: all, those with requests or with faults, or dry runs."""
        return list_runs(parts, limit=limit, before=find_place(cursor), choice=which)

    @router.get("/{run_id}", response_model=RunDetails, responses=may_answer(404, 422))
    def run(run_id: RunId, limit: Limit = 50, cursor: Cursor = None) -> RunDetails:
        """Tell how far a run is, or what came of it: its lists, a page of its requests, its steps, what changed."""
        return describe_run(parts, run_id, limit=limit, before=find_place(cursor))

    @router.post(
        "/{run_id}/cancel",
        response_model=RunAnswer,
        dependencies=[needs(Scope.TRIGGER)],
        responses=may_answer(404, 409, 422),
    )
    def cancel(run_id: RunId, request: Request) -> RunAnswer:
        """End a run: one that waits is cancelled, one that works stops at its next safe point, as at a restart.

        Requests that were sent are looked for by the next run. The answer shows the run as it is at this moment.
        """
        return build_run(cancel_run(parts, run_id, request))

    return router


def list_runs(parts: Parts, *, limit: int, before: int | None, choice: RunChoice) -> PageOf[RunRow]:
    """Return a page of runs."""
    runs = load_past_runs(parts.store, limit=limit + 1, before=before, choice=choice)
    numbers = [run.run_id for run in runs]
    with parts.store.reading() as connection:
        short, undone = find_short_lists(connection, numbers), find_undone(connection, numbers)

    def build(run: Run) -> RunRow:
        return build_row(run, short.get(run.run_id, []), undone.get(run.run_id))

    return build_page(runs, limit, build=build, number_of=lambda run: run.run_id)


def describe_run(parts: Parts, run_id: int, *, limit: int, before: int | None) -> RunDetails:
    """Return a run with everything that is stored of it, and a page of its requests."""
    found, present = get_run(parts, run_id), parts.feed.current
    known = load_run_facts(parts.store, found, limit=limit + 1, before=before)
    requests = build_page(known.requests, limit, build=build_request, number_of=lambda one: one.entry.entry_id)
    progress = present.progress if present is not None and present.run_id == run_id else None
    return build_run_details(found, known, requests, progress)


def cancel_run(parts: Parts, run_id: int, request: Request) -> Run:
    """End a run and return it as it is at this moment; raise Problem if it neither waits nor works here."""
    tell_deed(request.scope, "cancel", f"run {run_id}")
    found = get_run(parts, run_id)
    if not found.status.is_over and (parts.daemon.cancel(run_id) or parts.daemon.stop_run(run_id)):
        return get_run(parts, run_id)
    detail = f"run {run_id} is {found.status.value}: only a run that waits or works can be cancelled"
    if found.status is RunStatus.RUNNING:
        detail = f"run {run_id} belongs to another process, or just began or ended: stop that process, or try again"
    raise Problem(HTTPStatus.CONFLICT, detail)


def get_run(parts: Parts, run_id: int) -> Run:
    """Return a run as people see it; raise Problem if there is none of that number."""
    found = load_past_runs(parts.store, limit=1, before=run_id + 1)
    if not found or found[0].run_id != run_id:
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no run {run_id}")
    return found[0]
