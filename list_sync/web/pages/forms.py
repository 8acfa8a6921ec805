"""Forms that pages send: their fields, each text, checked as any other value from outside."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from starlette.datastructures import ImmutableMultiDict

from list_sync.web.problems import Problem

FORM_TYPE = "application/x-www-form-urlencoded"
# Every title of a page can be ticked, several times over.
MOST_FIELDS = 5000


async def read_form(request: Request) -> ImmutableMultiDict[str, str]:
    """Return the fields of a form; raise Problem for a body that is none."""
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind != FORM_TYPE:
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "this address takes forms: use the page")
    try:
        fields = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, encoding="utf-8", errors="strict"
        )
    except ValueError:
        raise Problem(HTTPStatus.BAD_REQUEST, "the form is not understood: load the page again") from None
    return ImmutableMultiDict(fields)


Form = Annotated[ImmutableMultiDict[str, str], Depends(read_form)]
