"""The metrics for Prometheus, and the users' guide's figures as JSON."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from pydantic import BaseModel, Field

from list_sync.errors import StorageError
from list_sync.web.parts import Parts
from list_sync.web.watching.metrics import MetricsCollector, load_stats, render_metrics

_JSON = "application/json"
_TEXT = "text/plain"
_EXAMPLE = 'listsync_active_lists{provider="imdb"} 2.0'
_AS_TEXT = {_TEXT: {"schema": {"type": "string"}, "example": _EXAMPLE}}


class Stats(BaseModel):
    """The lists, and the titles that syncs saw in the last 24 hours."""

    total_lists: Annotated[int, Field(examples=[3])]
    items_synced_24h: Annotated[int, Field(examples=[250])]
    status_breakdown: Annotated[dict[str, int], Field(examples=[{"already_available": 247, "requested": 3}])]


class StatsError(BaseModel):
    """Why there are no figures."""

    error: Annotated[str, Field(examples=["the database cannot be read"])]


def routes(parts: Parts) -> APIRouter:
    """Return the route of the metrics; unless METRICS_OPEN is false, it needs no credentials."""
    router = APIRouter(tags=["watching"])
    collector = MetricsCollector(parts)

    @router.get(
        "/metrics",
        response_class=Response,
        responses={200: {"model": Stats, "content": _AS_TEXT}, 500: {"model": StatsError}},
    )
    def metrics(request: Request) -> Response:
        """Return all metrics as Prometheus reads them, or a few figures to callers that accept JSON."""
        if not _wants_json(request.headers.get("accept", "")):
            return Response(render_metrics(collector), media_type=CONTENT_TYPE_PLAIN_0_0_4)
        try:
            return JSONResponse(load_stats(parts.store, now=parts.now()))
        except StorageError:
            return JSONResponse({"error": "the database cannot be read"}, HTTPStatus.INTERNAL_SERVER_ERROR)

    return router


def _wants_json(accept: str) -> bool:
    """Return whether a caller asks for JSON and not for text."""
    kinds = [kind.partition(";")[0].strip().lower() for kind in accept.split(",")]
    return _JSON in kinds and _TEXT not in kinds
