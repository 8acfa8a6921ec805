"""The page of the plan: what a sync would do, which of it is ticked, and applying it."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.datastructures import ImmutableMultiDict
from starlette.responses import Response

from list_sync.model.access import Scope
from list_sync.model.plans import LineKind
from list_sync.model.titles import counted
from list_sync.storage.plans import tick_lines
from list_sync.web.entrance.access import needs
from list_sync.web.models.plans import PlanOrder
from list_sync.web.pages.forms import Form, check_order
from list_sync.web.pages.rendering import Pages
from list_sync.web.pages.toasts import Toast
from list_sync.web.paging import Cursor, find_place
from list_sync.web.routes.plans import (
    answer_file,
    ask_for_plan,
    ask_to_apply,
    discard_one,
    get_plan,
    require_applicable,
    view_plan,
)
from list_sync.web.routes.runs import RunId

PATH = "/plan"
_ON_A_PAGE = 50


def routes(pages: Pages) -> APIRouter:
    """Return the routes of the page and of its forms."""
    router = APIRouter(prefix=PATH)
    reads, decides = [needs(Scope.READ)], [needs(Scope.ADMIN)]
    parts = pages.parts

    @router.get("", dependencies=reads)
    def plan(request: Request, cursor: Cursor = None) -> Response:
        """Show the newest plan, a page of its lines, or how one is made."""
        view = view_plan(parts, limit=_ON_A_PAGE, after=find_place(cursor))
        return pages.render(request, "plan.html", view=view, cursor=cursor or "")

    @router.post("", dependencies=decides)
    def make(request: Request, form: Form) -> Response:
        """Ask for a plan, of all lists or of the one that is named."""
        order = check_order(PlanOrder, {"list": form.get("list") or None})
        run_id = ask_for_plan(parts, order, request)
        return pages.answer(request, Toast(f"Run {run_id} makes a plan; nothing is requested."), to=PATH)

    @router.get("/{run_id}/file", dependencies=reads)
    def file(run_id: RunId) -> Response:
        """Return the plan as a file."""
        return answer_file(parts, run_id)

    @router.post("/{run_id}", dependencies=decides)
    def decide(run_id: RunId, request: Request, form: Form) -> Response:
        """Keep what is ticked on this page of the plan, and turn to another page, or apply or discard the plan."""
        if form.get("do") == "discard":
            discard_one(parts, run_id, request)
            return pages.answer(request, Toast(f"The plan of run {run_id} is discarded."), to=PATH)
        _tick(pages, run_id, form)
        if form.get("do") == "apply":
            requests = get_plan(parts, run_id).ticked.get(LineKind.REQUEST, 0)
            applying = ask_to_apply(parts, run_id, request)
            words = f"Run {applying} applies the plan: {counted(requests, 'request')}."
            return pages.answer(request, Toast(words), to=f"/runs/{applying}")
        cursor = form.get(form.get("do", ""), "")
        return pages.answer(request, Toast("The ticks are kept."), to=f"{PATH}?cursor={cursor}" if cursor else PATH)

    return router


def _tick(pages: Pages, run_id: int, form: ImmutableMultiDict[str, str]) -> None:
    """Store which of the lines that the page showed are ticked."""
    parts = pages.parts
    require_applicable(parts, get_plan(parts, run_id))
    ticks = read_ticks(form)
    with parts.store.writing() as connection:
        tick_lines(connection, run_id, ticks)


def read_ticks(form: ImmutableMultiDict[str, str]) -> Mapping[int, bool]:
    """Return for each line that a page showed whether it is ticked."""
    shown, ticked = ({int(text) for text in form.getlist(name) if _is_number(text)} for name in ("shown", "line"))
    return {number: number in ticked for number in shown}


def _is_number(text: str) -> bool:
    return len(text) < 9 and text.isascii() and text.isdecimal()
