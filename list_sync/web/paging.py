"""Pages of records: how many there are on one, and the cursor that leads to the next."""

import base64
import binascii
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Annotated, TypeVar

from fastapi import Query

from list_sync.web.models.answers import PageOf
from list_sync.web.problems import Problem

MOST_ON_A_PAGE = 200
Limit = Annotated[int, Query(ge=1, le=MOST_ON_A_PAGE, description="how many to return")]
Cursor = Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before")]

Record = TypeVar("Record")
Answer = TypeVar("Answer")


def find_place(cursor: str | None) -> int | None:
    """Return the number before which a page begins; raise Problem for a text that is no cursor of ours."""
    if not cursor:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        if len(text) < 19 and text.isdecimal():
            return int(text)
    except (binascii.Error, ValueError):
        pass
    detail = "query.cursor: give the next_cursor of the page before, or leave it out for the first page"
    raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail)


def build_page(
    records: Sequence[Record], limit: int, *, build: Callable[[Record], Answer], number_of: Callable[[Record], int]
) -> PageOf[Answer]:
    """Return a page of at most `limit` records; one record more says that another page follows."""
    shown = records[:limit]
    last = number_of(shown[-1]) if len(records) > limit else None
    cursor = None if last is None else base64.urlsafe_b64encode(str(last).encode()).decode().rstrip("=")
    return PageOf(items=[build(record) for record in shown], next_cursor=cursor)
