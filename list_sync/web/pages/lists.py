"""The page of all lists."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from list_sync.model.access import Scope
from list_sync.web.entrance.access import needs
from list_sync.web.pages.rendering import Pages
from list_sync.web.routes.lists import find_answers


def routes(pages: Pages) -> APIRouter:
    """Return the route of the page."""
    router = APIRouter(dependencies=[needs(Scope.READ)])

    @router.get("/lists")
    def lists(request: Request) -> Response:
        """Show all lists, each with how complete it is and how old."""
        return pages.render(request, "lists.html", lists=find_answers(pages.parts))

    return router
