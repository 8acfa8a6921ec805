"""Forms that pages send: their fields, each text, checked as any other value from outside."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import ImmutableMultiDict

from list_sync.web.entrance.csrf import FORM_TYPE, parse_fields
from list_sync.web.problems import Problem


async def read_form(request: Request) -> ImmutableMultiDict[str, str]:
    """Return the fields of a form; raise Problem for a body that is none."""
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind != FORM_TYPE:
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "this address takes forms: use the page")
    return ImmutableMultiDict(parse_fields(body))


Form = Annotated[ImmutableMultiDict[str, str], Depends(read_form)]


def way_back(form: ImmutableMultiDict[str, str], default: str) -> str:
    """Return the page of ours that a form names as the next one, without WEB_BASE_PATH; else the default."""
    to = form.get("to", "")
    is_ours = to.startswith("/") and not to.startswith("//") and to.isprintable() and "\\" not in to
    return to if is_ours else default
