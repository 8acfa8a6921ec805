"""The page of one run: its stages, what it requested and changed, and taking it back."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from list_sync.errors import PlanRefused, ServiceError
from list_sync.model.access import Scope
from list_sync.web.entrance.access import needs
from list_sync.web.models.runs import UndoPreview
from list_sync.web.pages.forms import Form
from list_sync.web.pages.rendering import Pages
from list_sync.web.pages.toasts import Toast
from list_sync.web.paging import Cursor, find_place
from list_sync.web.routes.runs import RunId, cancel_run, describe_run
from list_sync.web.routes.undo import ask_to_undo, preview_one

_ON_A_PAGE = 50


def routes(pages: Pages) -> APIRouter:
    """Return the routes of the page and of its forms."""
    router = APIRouter(prefix="/runs/{run_id}")
    parts = pages.parts

    @router.get("", dependencies=[needs(Scope.READ)])
    def run(run_id: RunId, request: Request, cursor: Cursor = None) -> Response:
        """Show one run."""
        return _render(pages, request, run_id, cursor)

    @router.get("/undo", dependencies=[needs(Scope.ADMIN)])
    def undo_drawer(run_id: RunId, request: Request) -> Response:
        """Show one run, and what an undo of it would do now."""
        try:
            return _render(pages, request, run_id, preview=preview_one(parts, run_id))
        except (ServiceError, PlanRefused) as error:
            return _render(pages, request, run_id, trouble=str(error))

    @router.post("/undo", dependencies=[needs(Scope.ADMIN)])
    def undo(run_id: RunId, request: Request, form: Form) -> Response:  # noqa: ARG001
        """Ask for the undo of the run."""
        undoing = ask_to_undo(parts, run_id, request)
        return pages.answer(request, Toast(f"Run {undoing} takes back run {run_id}."), to=f"/runs/{undoing}")

    @router.post("/cancel", dependencies=[needs(Scope.TRIGGER)])
    def cancel(run_id: RunId, request: Request, form: Form) -> Response:  # noqa: ARG001
        """End a run that waits or works."""
        found = cancel_run(parts, run_id, request)
        words = "is cancelled" if found.status.is_over else "stops at its next safe point"
        return pages.answer(request, Toast(f"Run {run_id} {words}.", tone="wait"), to=f"/runs/{run_id}")

    return router


def _render(
    pages: Pages,
    request: Request,
    run_id: int,
    cursor: str | None = None,
    *,
    preview: UndoPreview | None = None,
    trouble: str = "",
) -> Response:
    run = describe_run(pages.parts, run_id, limit=_ON_A_PAGE, before=find_place(cursor))
    can_undo = bool(run.sent) and run.undone_by is None and run.finished_at is not None and run.undoes is None
    return pages.render(
        request, "run.html", run=run, cursor=cursor or "", can_undo=can_undo, preview=preview, trouble=trouble
    )
