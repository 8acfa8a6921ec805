"""The log of this process: its last lines."""

from typing import Annotated

from fastapi import APIRouter, Query

from list_sync.model.access import Scope
from list_sync.web.entrance.access import needs
from list_sync.web.models.answers import PageOf
from list_sync.web.models.log import LogLineAnswer, build_line
from list_sync.web.paging import Cursor, Limit, build_page, find_place
from list_sync.web.parts import Parts
from list_sync.web.problems import may_answer
from list_sync.web.watching.log_ring import Level

LogText = Annotated[str, Query(max_length=200, description="a part of the message")]
LogRun = Annotated[int | None, Query(ge=1, lt=2**63, description="only the lines of this run")]


def routes(parts: Parts) -> APIRouter:
    """Return the route of the log."""
    router = APIRouter(prefix="/api/log", tags=["log"], dependencies=[needs(Scope.ADMIN)])

    @router.get("", response_model=PageOf[LogLineAnswer], responses=may_answer(422))
    def log(
        level: Level = Level.DEBUG, q: LogText = "", run: LogRun = None, limit: Limit = 100, cursor: Cursor = None
    ) -> PageOf[LogLineAnswer]:
        """List the last lines of the log since the start of this process, newest first; at least of a `level`."""
        return find_log(parts, level=level, text=q, run_id=run, limit=limit, before=find_place(cursor))

    return router


def find_log(
    parts: Parts, *, level: Level, text: str, run_id: int | None, limit: int, before: int | None
) -> PageOf[LogLineAnswer]:
    """Return a page of lines."""
    lines = parts.log.find(level=level, text=text, run_id=run_id, limit=limit + 1, before=before)
    return build_page(lines, limit, build=build_line, number_of=lambda line: line.number)
