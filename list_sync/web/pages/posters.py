"""The posters of titles, from our own origin: browsers often cannot reach the server, and pages load nothing else."""

from functools import partial
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Path
from starlette.responses import Response

from list_sync.api.mediaserver.images import find_image_type
from list_sync.model.access import Scope
from list_sync.model.titles import MediaType
from list_sync.web.entrance.access import needs
from list_sync.web.pages.rendering import Pages
from list_sync.web.posters.drawing import draw_poster
from list_sync.web.posters.finding import Poster, Posters, Width

_WEEK = "private, max-age=604800, immutable"
# A drawn poster may give way to a real one soon.
_SHORT = "private, max-age=600"
# Pages wait for none of these threads.
READERS = 2
FETCHERS = 2

Number = Annotated[int, Path(ge=1, lt=2**31)]


def routes(pages: Pages) -> APIRouter:
    """Return the route of the posters."""
    router = APIRouter(dependencies=[needs(Scope.READ)])
    posters = Posters(pages.parts)
    readers, fetchers = CapacityLimiter(READERS), CapacityLimiter(FETCHERS)

    @router.get("/img/{kind}/{tmdb}.jpg")
    async def poster(kind: MediaType, tmdb: Number, w: Width = Width.SMALL) -> Response:
        """Return the poster of a title, or a drawn one."""
        key = (kind, tmdb)
        found = await to_thread.run_sync(partial(posters.find_kept, key, w), limiter=readers)
        if found is None:
            found = await to_thread.run_sync(partial(posters.fetch, key, w), limiter=fetchers)
        return _answer(tmdb, found)

    return router


def _answer(number: int, poster: Poster) -> Response:
    if poster.content is None:
        drawn = draw_poster(number, poster.title).encode("utf-8", "replace")
        return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": _SHORT})
    headers = {"Cache-Control": _SHORT if poster.is_old else _WEEK}
    return Response(poster.content, media_type=find_image_type(poster.content), headers=headers)
