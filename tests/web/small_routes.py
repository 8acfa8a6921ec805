"""Routes of a few lines, to see what happens to requests before and after any route."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from list_sync.model.access import Scope
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed


class Wanted(BaseModel):
    title: str = ""


def small_routes(parts):
    """Return one route for each scope, and one that fails."""
    router = APIRouter()

    @router.get("/api/look", dependencies=[needs(Scope.READ)])
    def look():
        return {"seen": True}

    @router.post("/api/ask", dependencies=[needs(Scope.TRIGGER)])
    def ask(request: Request, wanted: Wanted):
        tell_deed(request.scope, "ask", wanted.title)
        return {"title": wanted.title}

    @router.delete("/api/all", dependencies=[needs(Scope.ADMIN)])
    def delete_all():
        return {}

    @router.post("/api/fail", dependencies=[needs(Scope.TRIGGER)])
    def fail():
        raise RuntimeError("a fault with secret-of-the-fault in its text")

    return router


SMALL = (small_routes,)
