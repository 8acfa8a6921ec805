"""The description of the API: as OpenAPI, and as a page."""

from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import HTMLResponse

from list_sync.model.access import Scope
from list_sync.web.documentation import POLICY, render
from list_sync.web.entrance.access import needs
from list_sync.web.openapi import build_document
from list_sync.web.parts import Parts


def routes(_parts: Parts) -> APIRouter:
    """Return the routes of the description."""
    router = APIRouter(tags=["description"], dependencies=[needs(Scope.READ)])

    @cache
    def document(api: FastAPI) -> dict[str, Any]:
        return build_document(api)

    @router.get("/openapi.json")
    def openapi(request: Request) -> dict[str, Any]:
        """Return this description as OpenAPI."""
        return document(request.app)

    @router.get("/docs", response_class=HTMLResponse)
    def page(request: Request) -> HTMLResponse:
        """Return this description as a page."""
        return HTMLResponse(render(document(request.app)), headers={"Content-Security-Policy": POLICY})

    return router
