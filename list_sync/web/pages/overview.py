"""The first page: everything at a glance, and what settles what needs a person."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from list_sync.correcting.needs import NeedKind
from list_sync.model.access import Scope
from list_sync.web.entrance.access import caller_of, needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.pages.charts import draw_days
from list_sync.web.pages.forms import Form
from list_sync.web.pages.rendering import Pages
from list_sync.web.pages.toasts import Toast
from list_sync.web.problems import Problem
from list_sync.web.routes.overview import load_overview
from list_sync.web.routes.reset import settle

MOST_NEEDS = 7
START = "/start"


def routes(pages: Pages) -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter()

    @router.get("/", dependencies=[needs(Scope.READ)])
    def overview(request: Request, *, all: bool = False) -> Response:
        """Show what needs a person, how everything is, and what was requested; `all` shows every need."""
        view = load_overview(pages.parts)
        is_new = {NeedKind.NO_SERVER, NeedKind.NO_LIST} <= {need.kind for need in view.needs}
        if is_new and caller_of(request.scope).may(Scope.ADMIN):
            return RedirectResponse(pages.url(START), HTTPStatus.SEE_OTHER)
        chart = draw_days(view.days, max((cap.most for cap in view.caps if cap.name == "caps.per_day"), default=0))
        shown = view.needs if all else view.needs[:MOST_NEEDS]
        return pages.render(request, "overview.html", view=view, needs=shown, chart=chart)

    @router.get("/keys", dependencies=[needs(Scope.READ)])
    def keys(request: Request) -> Response:
        """Show the keys that pages know."""
        return pages.render(request, "keys.html")

    @router.post("/reset", dependencies=[needs(Scope.ADMIN)])
    def reset(request: Request, form: Form) -> Response:
        """Settle the requests that vanished from the server at once."""
        if form.get("answer") not in ("ask_again", "keep_away"):
            raise Problem(HTTPStatus.BAD_REQUEST, "say whether to ask again or to keep away: use the page")
        ask_again = form["answer"] == "ask_again"
        tell_deed(request.scope, "accept-reset", "ask again" if ask_again else "keep away")
        number = settle(pages.parts, ask_again=ask_again)
        then = "the next sync requests their titles" if ask_again else "their titles are not requested"
        return pages.answer(request, Toast(f"Settled: {number} vanished requests; {then}."), to="/")

    return router
