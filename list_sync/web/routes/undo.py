"""Undoing a run: what it would do, and asking for it."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from list_sync.model.access import Scope
from list_sync.model.report import SyncMode
from list_sync.model.runs import RunOrder
from list_sync.storage.run_requests import find_undone
from list_sync.web.entrance.access import caller_of, needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.orders import RunAsked
from list_sync.web.models.runs import UndoPreview, build_preview
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer
from list_sync.web.routes.runs import RunId, get_run
from list_sync.web.routes.sync import ASKED, answer_asked


def routes(parts: Parts) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/api/runs", tags=["runs"], dependencies=[needs(Scope.ADMIN)])

    @router.get(
        "/{run_id}/undo",
        response_model=UndoPreview,
        responses=may_answer(404, 409, 422, 502),
    )
    def preview(run_id: RunId) -> UndoPreview:
        """Ask the server what an undo of a run would withdraw now, and what would stay and why."""
        return preview_one(parts, run_id)

    @router.post(
        "/{run_id}/undo",
        response_model=RunAsked,
        status_code=HTTPStatus.ACCEPTED,
        responses={**ASKED, **may_answer(404, 409)},
    )
    def undo(run_id: RunId, request: Request, response: Response) -> RunAsked:
        """Ask for a run that withdraws what only that run wanted."""
        return answer_asked(parts, ask_to_undo(parts, run_id, request), response)

    return router


def preview_one(parts: Parts, run_id: int) -> UndoPreview:
    """Ask the server what an undo of a run would do; raise PlanRefused, ServiceError, or Problem if there is none."""
    get_run(parts, run_id)
    return build_preview(run_id, parts.preview_undo(run_id))


def ask_to_undo(parts: Parts, run_id: int, request: Request) -> int:
    """Ask for the undo of a run and return its number; raise Problem if the run cannot be undone."""
    tell_deed(request.scope, "undo", f"run {run_id}")
    run = get_run(parts, run_id)
    if parts.present.household.dry_run:
        raise Problem(HTTPStatus.CONFLICT, "DRY_RUN is set, so nothing is withdrawn")
    if run.dry_run or run.undoes is not None:
        raise Problem(HTTPStatus.CONFLICT, f"run {run_id} requested nothing: there is nothing to undo")
    if not run.status.is_over:
        raise Problem(HTTPStatus.CONFLICT, f"run {run_id} is not over yet: wait for its end")
    with parts.store.reading() as connection:
        undone_by = find_undone(connection, [run_id]).get(run_id)
    if undone_by is not None:
        raise Problem(HTTPStatus.CONFLICT, f"run {run_id} was taken back by run {undone_by}")
    return parts.daemon.ask(RunOrder(mode=SyncMode.API, undoes=run_id, asked_by=caller_of(request.scope).name))
