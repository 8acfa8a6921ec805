"""What the server's JSON answers have in common: objects, numbers, texts, pages of rows, and messages."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.payloads import expect_list, expect_object
from list_sync.errors import UnexpectedResponse

SERVICE = "overseerr"
KEY_REFUSED = "the server refused the API key: copy it again from the server's Settings, General (OVERSEERR_API_KEY)"

Json = Mapping[str, object]
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class RowPage(Generic[Row]):
    """One page of rows with their ids (None for a row that is neither film nor show), and the total number of rows."""

    entries: tuple[tuple[int, Row | None], ...]
    total: int

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return the rows that are about films and shows."""
        return tuple(row for _row_id, row in self.entries if row is not None)


def find_body(answer: HttpAnswer) -> object:
    """Return the JSON of an answer, or None if it is not JSON."""
    try:
        return answer.json()
    except UnexpectedResponse:
        return None


def row_page(body: object, what: str, parse: Callable[[object], Row | None]) -> RowPage[Row]:
    """Parse one page of a list of rows."""
    document = as_object(body, what)
    total = required(as_object(document.get("pageInfo"), f"{what} pageInfo"), "results", f"{what} pageInfo")
    rows = expect_list(document.get("results"), service=SERVICE, what=f"{what} results")
    return RowPage(tuple((required(as_object(row, what), "id", f"a row of {what}"), parse(row)) for row in rows), total)


def as_object(value: object, what: str) -> Json:
    """Return a JSON object; raise UnexpectedResponse for another shape."""
    return expect_object(value, service=SERVICE, what=what)


def objects(values: object) -> Iterator[Json]:
    """Yield the objects of a JSON list; what is not a list has none."""
    if isinstance(values, list):
        yield from (value for value in values if isinstance(value, Mapping))


def required(row: Json, key: str, what: str) -> int:
    """Return a whole number of an object; raise UnexpectedResponse if it has none."""
    number = whole(row.get(key))
    if number is None:
        raise UnexpectedResponse(SERVICE, f"{what} has no whole number as `{key}`")
    return number


def whole(value: object) -> int | None:
    """Return a value if it is a whole number from 0 up."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def text_of(value: object) -> str:
    """Return a value if it is a text, or an empty one."""
    return value if isinstance(value, str) else ""


def find_message(body: object) -> str:
    """Return the server's own message from an error body as one line, or ''."""
    return " ".join(text_of(body.get("message")).split())[:300] if isinstance(body, Mapping) else ""


def has_access_error(body: object) -> bool:
    """Return whether a 403 is from the servers' access check. Measured: it has `error`, other 403s have `message`."""
    return isinstance(body, Mapping) and "message" not in body and isinstance(body.get("error"), str)
