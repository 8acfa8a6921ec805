"""Runs: the latest ones, one of them, and ending one."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request

from list_sync.model.access import Scope
from list_sync.model.runs import Run, RunStatus
from list_sync.storage.run_lists import find_run_lists
from list_sync.storage.runs import load_past_runs
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.answers import PageOf
from list_sync.web.models.runs import RunAnswer, RunDetails, build_run, build_run_details
from list_sync.web.paging import Cursor, Limit, build_page, find_place
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer

RunId = Annotated[int, Path(ge=1, le=2**63 - 2, examples=[42])]


def routes(parts: Parts) -> APIRouter:
    """Return the routes that read runs."""
    router = APIRouter(prefix="/api/runs", tags=["runs"], dependencies=[needs(Scope.READ)])

    @router.get("", response_model=PageOf[RunAnswer], responses=may_answer(422))
    def runs(limit: Limit = 20, cursor: Cursor = None) -> PageOf[RunAnswer]:
        """List runs, the newest first."""
        records = load_past_runs(parts.store, limit=limit + 1, before=find_place(cursor))
        return build_page(records, limit, build=build_run, number_of=lambda run: run.run_id)

    @router.get("/{run_id}", response_model=RunDetails, responses=may_answer(404, 422))
    def run(run_id: RunId) -> RunDetails:
        """Tell how far a run is, or what came of it, and how it read each list."""
        found, present = get_run(parts, run_id), parts.feed.current
        progress = present.progress if present is not None and present.run_id == run_id else None
        with parts.store.reading() as connection:
            return build_run_details(found, find_run_lists(connection, run_id), progress)

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
        tell_deed(request.scope, "cancel", f"run {run_id}")
        found = get_run(parts, run_id)
        if not found.status.is_over and (parts.daemon.cancel(run_id) or parts.daemon.stop_run(run_id)):
            return build_run(get_run(parts, run_id))
        detail = f"run {run_id} is {found.status.value}: only a run that waits or works can be cancelled"
        if found.status is RunStatus.RUNNING:
            detail = f"run {run_id} belongs to another process, or just began or ended: stop that process, or try again"
        raise Problem(HTTPStatus.CONFLICT, detail)

    return router


def get_run(parts: Parts, run_id: int) -> Run:
    """Return a run as people see it; raise Problem if there is none of that number."""
    found = load_past_runs(parts.store, limit=1, before=run_id + 1)
    if not found or found[0].run_id != run_id:
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no run {run_id}")
    return found[0]
