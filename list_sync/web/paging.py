"""Pages of records: how many there are on one, and the cursor that leads to the next."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, TypeVar

from fastapi import Query

from list_sync.model.facets import Order
from list_sync.storage.title_pages import Place
from list_sync.web.models.answers import PageOf
from list_sync.web.problems import Problem

MOST_ON_A_PAGE = 200
Limit = Annotated[int, Query(ge=1, le=MOST_ON_A_PAGE, description="how many to return")]
Cursor = Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before")]
# It holds the title's name, if pages are in the order of names.
PlaceCursor = Annotated[
    str | None, Query(alias="cursor", max_length=8000, description="a cursor of the page before, or of the one after")
]

Record = TypeVar("Record")
Answer = TypeVar("Answer")


def find_place(cursor: str | None) -> int | None:
    """Return the number before which a page begins; raise Problem for a text that is no cursor of ours."""
    if not cursor:
        return None
    text = _decode(cursor)
    if len(text) < 19 and text.isascii() and text.isdecimal():
        return int(text)
    raise _refuse()


def _refuse() -> Problem:
    detail = "query.cursor: give the next_cursor of the page before, or leave it out for the first page"
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail)


def read_place(cursor: str | None, order: Order) -> Place | None:
    """Return the title beside which a page begins; raise Problem for a text that is no cursor of ours."""
    if not cursor:
        return None
    try:
        value, number, is_before = json.loads(_decode(cursor))
        if order in (Order.CHANGED, Order.NEXT):
            value = datetime.fromisoformat(value).astimezone(UTC)
            is_right = True
        else:
            is_right = isinstance(value, str) if order is Order.TITLE else value is None
        if is_right and type(number) is int and 0 < number < 2**63 and type(is_before) is bool:
            return Place(value, number, is_before)
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise _refuse() from None
    raise _refuse()


def write_place(place: Place | None) -> str | None:
    """Return the cursor of a page beside a title."""
    if place is None:
        return None
    value = place.value.isoformat() if isinstance(place.value, datetime) else place.value
    return _encode(json.dumps([value, place.number, place.is_before], ensure_ascii=False, separators=(",", ":")))


def _encode(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode("utf-8", "replace")).decode().rstrip("=")


def _decode(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        raise _refuse() from None


def build_page(
    records: Sequence[Record], limit: int, *, build: Callable[[Record], Answer], number_of: Callable[[Record], int]
) -> PageOf[Answer]:
    """Return a page of at most `limit` records; one record more says that another page follows."""
    shown = records[:limit]
    last = number_of(shown[-1]) if len(records) > limit else None
    cursor = None if last is None else _encode(str(last))
    return PageOf(items=[build(record) for record in shown], next_cursor=cursor)
