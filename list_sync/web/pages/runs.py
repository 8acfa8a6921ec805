"""The page of all runs, and the forms that ask for a sync and for a pause."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from list_sync.model.access import Scope
from list_sync.model.runs import RunChoice
from list_sync.web.entrance.access import needs
from list_sync.web.models.orders import PauseOrder, SyncOrder
from list_sync.web.pages.forms import Form, check_order
from list_sync.web.pages.log import PATH as LOG_PATH
from list_sync.web.pages.phrases import say_moment
from list_sync.web.pages.rendering import Pages
from list_sync.web.pages.toasts import Toast, Undo
from list_sync.web.paging import Cursor, find_place
from list_sync.web.routes.pause import begin_pause, end_pause
from list_sync.web.routes.runs import list_runs
from list_sync.web.routes.sync import ask_for_sync

PATH = "/runs"
_ON_A_PAGE = 50

Tab = Annotated[RunChoice | Literal["log"], Query()]


def routes(pages: Pages) -> APIRouter:
    """Return the routes of the page and of its forms."""
    router = APIRouter(prefix=PATH)
    parts = pages.parts

    @router.get("", dependencies=[needs(Scope.READ)])
    def runs(request: Request, tab: Tab = RunChoice.ALL, cursor: Cursor = None) -> Response:
        """Show runs, the newest first."""
        if not isinstance(tab, RunChoice):
            return RedirectResponse(pages.url(f"{LOG_PATH}?{request.url.query}"), 303)
        page = list_runs(parts, limit=_ON_A_PAGE, before=find_place(cursor), choice=tab)
        return pages.render(
            request,
            "runs.html",
            page=page,
            tab=tab,
            cursor=cursor or "",
            retention_days=parts.present.process.retention_days,
        )

    @router.post("", dependencies=[needs(Scope.TRIGGER)])
    def sync(request: Request, form: Form) -> Response:
        """Ask for a sync, of all lists or of one."""
        is_set = {name: form.get(name, "").lower() in ("on", "1", "true") for name in ("dry_run", "fresh")}
        order = check_order(SyncOrder, {"list": form.get("list") or None, **is_set})
        run_id = ask_for_sync(parts, order, request)
        words = f"Run {run_id} {'makes a plan; nothing is requested' if order.dry_run else 'is asked for'}."
        return pages.answer(request, Toast(words), to=f"{PATH}/{run_id}")

    @router.post("/pause", dependencies=[needs(Scope.TRIGGER)])
    def pause(request: Request, form: Form) -> Response:
        """Let no sync start for a time, or let syncs start again."""
        if not (length := form.get("for", "")):
            end_pause(parts, request)
            return pages.answer(request, Toast("The pause is over: syncs start again."), to=PATH)
        until = begin_pause(parts, check_order(PauseOrder, {"for": length}), request)
        words = f"No sync starts until {say_moment(until, parts.settings.process.zone, now=parts.now())}."
        return pages.answer(request, Toast(words, undo=Undo(f"{PATH}/pause")), to=PATH)

    return router
