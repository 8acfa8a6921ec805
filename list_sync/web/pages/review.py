"""The page of the review: titles that wait for a decision, one after the other."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from list_sync.model.access import Scope
from list_sync.web.entrance.access import needs
from list_sync.web.pages.items import name_lists
from list_sync.web.pages.rendering import Pages
from list_sync.web.routes.items import ItemId
from list_sync.web.routes.review import find_queue, find_review_details

PATH = "/review"


def routes(pages: Pages) -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter(dependencies=[needs(Scope.READ)])

    @router.get(PATH)
    def first(request: Request) -> Response:
        """Show the title to decide about now."""
        return show_review(pages, request, None)

    @router.get(PATH + "/{item_id}")
    def one(item_id: ItemId, request: Request) -> Response:
        """Show one title that waits for a decision."""
        return show_review(pages, request, item_id)

    return router


def show_review(
    pages: Pages, request: Request, item_id: int | None, *, status: HTTPStatus = HTTPStatus.OK, **values: object
) -> Response:
    """Show the title to decide about now, or one that is named; `values` are for the page."""
    queue = find_queue(pages.parts)
    if item_id is None and queue.first is not None:
        item_id = queue.first.id
    case = find_review_details(pages.parts, item_id) if item_id else None
    following = queue.after(item_id) if item_id else None
    values |= {"queue": queue, "case": case, "names": name_lists(pages.parts), "following": following}
    return pages.render(request, "review.html", status=status, **values)
