"""The first start, as programs read it."""

from fastapi import APIRouter

from list_sync.model.access import Scope
from list_sync.web.entrance.access import needs
from list_sync.web.models.start import StartAnswer, build_start
from list_sync.web.parts import Parts


def routes(parts: Parts) -> APIRouter:
    """Return the route of the first start."""
    router = APIRouter(tags=["watching"], dependencies=[needs(Scope.ADMIN)])

    @router.get("/api/start", response_model=StartAnswer)
    def start() -> StartAnswer:
        """Tell which steps of the first start are done: the server, a list, a plan."""
        return build_start(parts)

    return router
