"""Forms that pages send: their fields, each text, checked as any other value from outside."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import ImmutableMultiDict

from list_sync.errors import ConfigError
from list_sync.web.entrance.csrf import FORM_TYPE, parse_fields
from list_sync.web.problems import Problem
from list_sync.web.wording import describe_errors

Order = TypeVar("Order", bound=BaseModel)
# Addresses of pages with their filters are far shorter; browsers and proxies refuse much longer ones.
_LONGEST_PATH = 8000


async def read_form(request: Request) -> ImmutableMultiDict[str, str]:
    """Return the fields of a form; raise Problem for a body that is none."""
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind != FORM_TYPE:
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "this address takes forms: use the page")
    return ImmutableMultiDict(parse_fields(body))


Form = Annotated[ImmutableMultiDict[str, str], Depends(read_form)]


def check_order(kind: type[Order], values: Mapping[str, object]) -> Order:
    """Return an order with the values of a form; raise Problem for one that is not accepted."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, describe_errors(error.errors())) from None


def way_back(form: ImmutableMultiDict[str, str], default: str) -> str:
    """Return the page of ours that a form names as the next one, without WEB_BASE_PATH; else the default."""
    to = form.get("to", "")
    is_ours = to.startswith("/") and not to.startswith("//") and to.isprintable() and "\\" not in to
    return to if is_ours and len(to) <= _LONGEST_PATH else default


def without_name(error: ConfigError, name: str) -> str:
    """Return what is wrong, without the name of the field beside which it stands."""
    first = error.problems[0]
    return "; ".join(
        (first.partition(": ")[2] if first.startswith((f"{name}:", f"{name} (from")) else first, *error.problems[1:])
    )
