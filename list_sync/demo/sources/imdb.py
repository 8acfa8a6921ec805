"""A sample of IMDb's GraphQL endpoint: lists, watchlists, profiles and charts, read by plain queries.

The shapes are those of recorded answers of August 2026 (LunarWerxs/IMDBWatcharr and operinko-labs/autoposter).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from list_sync.demo.server.calls.answers import Answer, Refusal, json_answer
from list_sync.demo.sources.faults import Fault
from list_sync.demo.sources.graphql import Field, GraphqlError, parse_query, select
from list_sync.demo.sources.lists import SourceEntry, SourceList
from list_sync.demo.sources.paging import Extract, extract_page, page_size
from list_sync.demo.sources.visit import Visit

# IMDb sends at most this many entries, even for a larger `first`.
PAGE_CAP = 250
CHARTS = {
    "TOP_RATED_MOVIES": "top",
    "TOP_RATED_TV_SHOWS": "toptv",
    "MOST_POPULAR_MOVIES": "moviemeter",
    "MOST_POPULAR_TV_SHOWS": "tvmeter",
    "LOWEST_RATED_MOVIES": "bottom",
    "TOP_RATED_ENGLISH_MOVIES": "top-english-movies",
    "TOP_RATED_INDIAN_MOVIES": "top-rated-indian-movies",
    "TOP_RATED_TAMIL_MOVIES": "top-rated-tamil-movies",
    "TOP_RATED_TELUGU_MOVIES": "top-rated-telugu-movies",
    "TOP_RATED_MALAYALAM_MOVIES": "top-rated-malayalam-movies",
}
BOX_OFFICE = "boxoffice"
# Byte for byte the 403 of AWS's load balancer, 118 bytes long (duck7000/imdbGraphQLPHP issue 163, 30 July 2026).
FORBIDDEN_PAGE = (
    b"<html>\r\n<head><title>403 Forbidden</title></head>\r\n"
    b"<body>\r\n<center><h1>403 Forbidden</h1></center>\r\n</body>\r\n</html>\r\n"
)
_DISCLAIMER = "Only for private, non-commercial use (the real answer carries IMDb's conditions here)."
_TYPES = {"movie": "movie", "tv": "tvSeries"}


@dataclass(frozen=True, slots=True)
class ImdbQuestion:
    """One root field of a query, and the list that it is about."""

    field: Field
    list_id: str
    start: int = 0
    size: int = PAGE_CAP
    source: str = "imdb"

    def answer(self, content: SourceList | None, fault: Fault | None) -> Answer:
        """Return the field's answer; an unknown list is null without errors."""
        if fault is not None and fault.kind == "limit":
            return json_answer(429, {"message": "Too many network requests"})
        if fault is not None and fault.kind == "missing":
            return _error_answer("Not found", "RESOURCE_NOT_FOUND", self.field.alias)
        if content is None or (fault is not None and fault.kind == "null"):
            return _data_answer({self.field.alias: None})
        if content.is_private and self.field.name != "userProfile":
            message = f"FORBIDDEN exception code while fetching data (/{self.field.name}) : Permission denied"
            return _error_answer(message, "FORBIDDEN", self.field.alias)
        try:
            value = select(self.field.fields, self._value(content, fault))
        except GraphqlError as error:
            return _error_answer(str(error), "GRAPHQL_VALIDATION_FAILED")
        return _data_answer({self.field.alias: value})

    def _value(self, content: SourceList, fault: Fault | None) -> dict[str, Any]:
        if self.field.name == "userProfile":
            return {"userId": user_id_of(self.list_id)}
        page = extract_page(content, self.start, page_size(content, self.size, fault), fault)
        if self.field.name == "boxOfficeWeekendChart":
            return {"entries": [{"title": _title(entry)} for entry in page.entries]}
        connection = _connection(page, is_chart=self.field.name == "chartTitles")
        if self.field.name == "chartTitles":
            return connection
        return {
            "id": self.list_id if self.field.name == "list" else f"ls{zlib.crc32(self.list_id.encode()):09d}",
            "name": {"originalText": content.name},
            "lastModifiedDate": "2026-08-25T08:00:00Z",
            "author": {"userId": "ur100000001", "username": {"text": "demo"}},
            "titleListItemSearch": connection,
        }


def read_question(visit: Visit) -> ImdbQuestion:
    """Return the question of a call; raise Refusal with IMDb's answer to a call without one."""
    if not _is_web_client(visit):
        raise Refusal(Answer(403, FORBIDDEN_PAGE, "text/html", (("Server", "awselb/2.0"),)))
    if visit.method != "POST" or visit.segments not in ((), ("",)):
        raise Refusal(json_answer(404, {"message": "Not Found"}))
    try:
        body = json.loads(visit.content)
        fields = parse_query(body["query"], body.get("variables") or {})
        if len(fields) != 1 or fields[0].name not in _READERS:
            raise GraphqlError(f'Cannot query field "{fields[0].name if fields else ""}" on type "Query".')
        return _READERS[fields[0].name](fields[0])
    except GraphqlError as error:
        raise Refusal(_error_answer(str(error), "GRAPHQL_VALIDATION_FAILED")) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refusal(_error_answer("The request does not hold a query.", "BAD_USER_INPUT")) from error


def user_id_of(list_id: str) -> str:
    """Return the ur… id for a p.… id; other ids stay as they are."""
    return f"ur{zlib.crc32(list_id.encode()) % 10**8 + 9 * 10**8}" if list_id.startswith("p.") else list_id


def _is_web_client(visit: Visit) -> bool:
    """Return whether a call has the headers of IMDb's web client. Without them IMDb answers 403 since 30 July 2026."""
    has_origin = "imdb.com" in visit.headers.get("Origin", "") and "imdb.com" in visit.headers.get("Referer", "")
    return bool(visit.headers.get("x-imdb-client-name")) or has_origin


def _read_list(field: Field) -> ImdbQuestion:
    return _paged(field, str(_required(field, "id")))


def _read_watchlist(field: Field) -> ImdbQuestion:
    if _required(field, "classType") != "WATCH_LIST":
        raise GraphqlError("Value does not exist in enum.")
    return _paged(field, str(_required(field, "userId")))


def _read_profile(field: Field) -> ImdbQuestion:
    return ImdbQuestion(field, str(_required(field, "input")["profileId"]))


def _read_chart(field: Field) -> ImdbQuestion:
    chart_type = _required(field, "chart").get("chartType")
    if chart_type not in CHARTS:
        raise GraphqlError(f'Value "{chart_type}" does not exist in "ChartTitleType" enum.')
    return ImdbQuestion(field, CHARTS[chart_type], size=_size(_required(field, "first")))


def _read_box_office(field: Field) -> ImdbQuestion:
    return ImdbQuestion(field, BOX_OFFICE, size=_size(_required(field, "limit")))


_READERS = {
    "list": _read_list,
    "predefinedList": _read_watchlist,
    "userProfile": _read_profile,
    "chartTitles": _read_chart,
    "boxOfficeWeekendChart": _read_box_office,
}


def _paged(field: Field, list_id: str) -> ImdbQuestion:
    search = field.find("titleListItemSearch")
    if search is None:
        return ImdbQuestion(field, list_id)
    start = _position(search.arguments.get("after"))
    return ImdbQuestion(field, list_id, start, _size(_required(search, "first")))


def _required(field: Field, name: str) -> Any:
    if field.arguments.get(name) is None:
        raise GraphqlError(f'Field "{field.name}" argument "{name}" is required, but it was not provided.')
    return field.arguments[name]


def _size(first: Any) -> int:
    if not isinstance(first, int) or first < 1:
        raise Refusal(_error_answer(f"first must be a positive number, not {first!r}", "BAD_USER_INPUT"))
    return min(first, PAGE_CAP)


def _cursor(index: int) -> str:
    """Return an opaque cursor like IMDb's: base64 of the last entry's index in a signed filter."""
    inner = json.dumps({"resultIndex": index}, separators=(",", ":"))
    signature = hashlib.sha256(inner.encode()).hexdigest()
    return base64.b64encode(json.dumps({"esToken": [], "filter": inner, "sig": signature}).encode()).decode()


def _position(cursor: Any) -> int:
    if cursor is None:
        return 0
    try:
        index = int(json.loads(json.loads(base64.b64decode(cursor, validate=True))["filter"])["resultIndex"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        index = -1
    if index < 0 or _cursor(index) != cursor:
        raise Refusal(_error_answer("Invalid cursor", "BAD_USER_INPUT"))
    return index + 1


def _connection(page: Extract, *, is_chart: bool) -> dict[str, Any]:
    edges = [
        _chart_edge(rank, entry) if is_chart else _list_edge(rank, entry)
        for rank, entry in enumerate(page.entries, start=page.first_rank)
    ]
    # endCursor is set on the last page too (autoposter's recording imdb_list_p2.json), and null only on empty lists.
    info = {"hasNextPage": page.has_more, "endCursor": _cursor(page.end - 1) if page.entries else None}
    return {"total": page.total, "pageInfo": info, "edges": edges}


def _chart_edge(rank: int, entry: SourceEntry) -> dict[str, Any]:
    return {"currentRank": rank, "node": _title(entry)}


def _list_edge(rank: int, entry: SourceEntry) -> dict[str, Any]:
    title = _title(entry)
    node = {"absolutePosition": rank, "createdDate": "2026-08-01T12:00:00.000Z"}
    return {"node": node, "title": title, "listItem": title}


def _title(entry: SourceEntry) -> dict[str, Any]:
    if entry.imdb is None:
        raise ValueError(f"an entry of IMDb needs its IMDb id: {entry}")
    return {
        "id": entry.imdb,
        "titleText": {"text": entry.title},
        "originalTitleText": {"text": entry.title},
        "titleType": {"id": entry.source_type or _TYPES[entry.kind]},
        "releaseYear": {"year": entry.year, "endYear": None} if entry.year else None,
    }


def _data_answer(data: Mapping[str, Any]) -> Answer:
    return json_answer(200, {"data": data, "extensions": {"disclaimer": _DISCLAIMER}})


def _error_answer(message: str, code: str, field: str | None = None) -> Answer:
    """Return an error as IMDb does, with HTTP 200 (recorded by operinko-labs/autoposter, 25 August 2026)."""
    extensions: dict[str, Any] = {"code": code, "errorType": "CLIENT", "isRetryable": False}
    if field is None:
        return json_answer(200, {"errors": [{"message": message, "extensions": extensions}]})
    error = {"message": message, "path": [field], "extensions": {**extensions, "path": [field]}}
    return json_answer(200, {"errors": [error], "data": {field: None}})
