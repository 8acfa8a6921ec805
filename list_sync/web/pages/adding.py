"""The page that adds a list: paste, look, try, and only then write."""

from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from list_sync.errors import InvalidListId
from list_sync.model.access import Scope
from list_sync.web.entrance.access import needs
from list_sync.web.models.previews import PreviewAnswer
from list_sync.web.pages.forms import Form
from list_sync.web.pages.rendering import Pages
from list_sync.web.problems import Problem
from list_sync.web.routes.previews import answer_of, ask_for_preview, get_preview

PATH = "/add"


def routes(pages: Pages) -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter(dependencies=[needs(Scope.ADMIN)])
    parts = pages.parts

    @router.get(PATH)
    def show(request: Request) -> Response:
        """Show the box for an address, and what was read of the list so far."""
        asked = request.query_params
        try:
            preview = answer_of(parts, get_preview(parts, asked["preview"])) if "preview" in asked else None
        except Problem as problem:
            return _show(pages, request, None, address=asked.get("address", ""), error=str(problem.detail))
        return _show(pages, request, preview, address=asked.get("address", ""))

    @router.post(PATH)
    def read(request: Request, form: Form) -> Response:
        """Have the list read that a text means; say what is wrong with the text beside it."""
        address = form.get("address", "").strip()
        try:
            preview = ask_for_preview(parts, request, address)
        except InvalidListId as error:
            return _show(pages, request, None, address=address, error=str(error))
        # What a person pasted may hold a key, which belongs into no address.
        return RedirectResponse(pages.url(f"{PATH}?{urlencode({'preview': preview.preview_id})}"), HTTPStatus.SEE_OTHER)

    return router


def _show(pages: Pages, request: Request, preview: PreviewAnswer | None, *, address: str, error: str = "") -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    shown = len(preview.first_titles) if preview else 0
    return pages.render(request, "add.html", status=status, preview=preview, shown=shown, address=address, error=error)
