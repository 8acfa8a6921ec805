"""The page of the log, a tab beside those of the runs."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import PlainTextResponse, Response

from list_sync.model.access import Scope
from list_sync.model.shown import shown_time
from list_sync.web.entrance.access import needs
from list_sync.web.pages.rendering import Pages
from list_sync.web.paging import Cursor, find_place
from list_sync.web.routes.log import LogRun, LogText, find_log
from list_sync.web.watching.log_ring import MOST_LINES, Level

PATH = "/runs/log"
_ON_A_PAGE = 200


def routes(pages: Pages) -> APIRouter:
    """Return the route of the page."""
    router = APIRouter()
    parts = pages.parts

    @router.get(PATH, dependencies=[needs(Scope.ADMIN)])
    def log(
        request: Request,
        level: Level = Level.INFO,
        q: LogText = "",
        run: LogRun = None,
        cursor: Cursor = None,
        output: Annotated[str, Query(alias="format")] = "",
        *,
        follow: bool = False,
    ) -> Response:
        """Show the last lines of the log, or return them as plain text."""
        is_text = output == "text"
        limit = MOST_LINES if is_text else _ON_A_PAGE
        page = find_log(parts, level=level, text=q, run_id=run, limit=limit, before=find_place(cursor))
        if is_text:
            zone = parts.settings.process.zone
            lines = (f"{shown_time(one.at, zone)} {one.level.upper()} {one.message}\n" for one in reversed(page.items))
            return PlainTextResponse("".join(lines))
        asked = {"level": level.value, "q": q, "run": run or "", "follow": "true" if follow else ""}

        def link(**changed: str) -> str:
            return pages.url(f"{PATH}?{urlencode({name: value for name, value in (asked | changed).items() if value})}")

        return pages.render(
            request, "log.html", page=page, level=level, levels=list(Level), q=q, run=run, follow=follow, link=link
        )

    return router
