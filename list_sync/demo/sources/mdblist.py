"""A sample of MDBList: its API with a key, and the public JSON of a list without one.

Shapes: docs.mdblist.com, and the programs that read it in 2026 (Kometa, Sonarr, cli_debrid, operinko-labs/autoposter).
"""

from __future__ import annotations

import base64
import binascii
import time
import zlib
from dataclasses import dataclass, replace
from typing import Any

from list_sync.demo.server.calls.answers import Answer, Refusal, html_answer, json_answer
from list_sync.demo.sources.faults import Fault
from list_sync.demo.sources.lists import SourceEntry, SourceList
from list_sync.demo.sources.paging import Extract, extract_page, page_size
from list_sync.demo.sources.visit import Visit

API_KEY = "demo0mdblist0key0"
DEFAULT_SIZE = 100
# The limit that Kometa and Sonarr use; it is not known how MDBList handles a larger one.
LARGEST_SIZE = 1000
DAILY_LIMIT = 1000
_NO_LIMIT = 2**31
_NOT_FOUND_PAGE = b"<!DOCTYPE html><html><head><title>404 Not Found</title></head><body>404</body></html>"
_MEDIA_TYPES = {"movie": "movie", "tv": "show"}
_FILTERS = {"movie": "movie", "movies": "movie", "show": "tv", "shows": "tv"}


@dataclass(frozen=True, slots=True)
class MdblistQuestion:
    """One call for the entries of a list, or for its name and length."""

    list_id: str
    start: int = 0
    size: int = DEFAULT_SIZE
    form: str = "api"
    kind: str = ""
    is_unified: bool = False
    uses_cursor: bool = False
    source: str = "mdblist"

    def answer(self, content: SourceList | None, fault: Fault | None) -> Answer:
        """Return the page or the list's description; errors are objects with `error`, some of them with HTTP 200."""
        kind = fault.kind if fault else ""
        if kind == "limit":
            return _stamped(json_answer(200, {"error": "API Limit Reached!"}), remaining=0)
        if kind == "null":
            return _stamped(json_answer(200, None))
        is_public = self.form == "public"
        if content is None or kind == "missing" or (is_public and content.is_private):
            return html_answer(404, _NOT_FOUND_PAGE) if is_public else _stamped(_error(404, "List not found"))
        if content.is_private:
            return _stamped(_error(403, "List is private"))
        if self.form == "meta":
            return _stamped(json_answer(200, [_description(content)]))
        if self.kind:
            content = replace(content, items=[entry for entry in content.items if entry.kind == self.kind])
        page = extract_page(content, self.start, page_size(content, self.size, fault), fault)
        if is_public:
            return json_answer(200, [_public_item(rank, entry) for rank, entry in _ranked(page)])
        # Only this can show that a list ends early, because MDBList states no total.
        has_more = page.has_more or (kind == "short" and page.total > 0)
        return self._page_answer(page, has_more=has_more)

    def _page_answer(self, page: Extract, *, has_more: bool) -> Answer:
        items = [_api_item(rank, entry) for rank, entry in _ranked(page)]
        # X-Total-Items counts only this page.
        headers = (("X-Has-More", str(has_more).lower()), ("X-Total-Items", str(len(items))))
        if self.is_unified:
            return _stamped(json_answer(200, items, headers))
        body: dict[str, Any] = {
            "movies": [item for item in items if item["mediatype"] == "movie"],
            "shows": [item for item in items if item["mediatype"] == "show"],
        }
        if self.uses_cursor:
            body["pagination"] = {"next_cursor": _cursor(page.end) if has_more else None}
        return _stamped(json_answer(200, body, headers))


def read_question(visit: Visit) -> MdblistQuestion:
    """Return the question of a call; raise Refusal with MDBList's answer to a call without one."""
    if visit.method != "GET":
        raise Refusal(_error(405, "Method not allowed"))
    match visit.segments:
        case ("lists", user, slug, "json"):
            return _public_question(visit, f"{user}/{slug}")
        case ("lists", _, "external", number, "json"):
            return _public_question(visit, f"external/{number}")
    _require_key(visit)
    return _question_with_key(visit)


def _question_with_key(visit: Visit) -> MdblistQuestion:
    match visit.segments:
        case ("user",):
            limits = {"api_requests": DAILY_LIMIT, "api_requests_count": 188, "user_name": "demo"}
            raise Refusal(_stamped(json_answer(200, limits)))
        case ("watchlist", "items", *kind):
            return replace(_page_question(visit, "watchlist", kind), uses_cursor=True)
        case ("external", "lists", number, "items", *kind):
            return _page_question(visit, f"external/{number}", kind)
        case ("lists", number, "items", *kind) if number.isdigit():
            return _page_question(visit, number, kind)
        case ("lists", user, slug, "items", *kind):
            return _page_question(visit, f"{user}/{slug}", kind)
        case ("lists", user, slug):
            return MdblistQuestion(f"{user}/{slug}", form="meta")
        case ("lists", number) if number.isdigit():
            return MdblistQuestion(number, form="meta")
    raise Refusal(_error(404, "Not found"))


def _require_key(visit: Visit) -> None:
    if visit.query.get("apikey") != API_KEY:
        raise Refusal(_error(403, "Invalid API key!"))


def _public_question(visit: Visit, list_id: str) -> MdblistQuestion:
    """Return the question for the public JSON, which is complete without a limit."""
    return MdblistQuestion(list_id, visit.number("offset", 0), visit.number("limit", _NO_LIMIT), form="public")


def _page_question(visit: Visit, list_id: str, kind: list[str]) -> MdblistQuestion:
    wanted = kind[0] if kind else visit.query.get("mediatype", "")
    if len(kind) > 1 or (wanted and wanted not in _FILTERS):
        raise Refusal(_error(404, "Not found"))
    cursor = visit.query.get("cursor")
    return MdblistQuestion(
        list_id,
        start=_position(cursor) if cursor else visit.number("offset", 0),
        size=min(visit.number("limit", DEFAULT_SIZE, least=1), LARGEST_SIZE),
        kind=_FILTERS[wanted] if wanted else "",
        is_unified=visit.query.get("unified") == "true",
        uses_cursor=cursor is not None,
    )


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"position:{position}".encode()).decode()


def _position(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor).decode().removeprefix("position:"))
    except (ValueError, binascii.Error) as error:
        raise Refusal(_error(400, "Invalid cursor")) from error


def _ranked(page: Extract) -> list[tuple[int, SourceEntry]]:
    """Return the entries with their ranks; the ranks have gaps, as after titles were removed from a list."""
    return [(2 * rank - 1, entry) for rank, entry in enumerate(page.entries, start=page.first_rank)]


def _number_of(entry: SourceEntry) -> int:
    return entry.tmdb or zlib.crc32(entry.title.encode())


def _api_item(rank: int, entry: SourceEntry) -> dict[str, Any]:
    """Return an entry of the API; if `tmdb_id` is null, `id` is MDBList's own number."""
    return {
        "id": _number_of(entry),
        "rank": rank,
        "adult": 0,
        "title": entry.title,
        "imdb_id": entry.imdb,
        "tmdb_id": entry.tmdb,
        "tvdb_id": entry.tvdb,
        "language": "en",
        "mediatype": _MEDIA_TYPES[entry.kind],
        "release_year": entry.year,
    }


def _public_item(rank: int, entry: SourceEntry) -> dict[str, Any]:
    """Return an entry of the public JSON, whose `id` is TMDB's and whose `tvdbid` is 0 for films."""
    return {
        "id": entry.tmdb or 0,
        "rank": rank,
        "adult": 0,
        "title": entry.title,
        "tvdbid": entry.tvdb or 0,
        "imdb_id": entry.imdb,
        "mediatype": _MEDIA_TYPES[entry.kind],
        "release_year": entry.year,
    }


def _description(content: SourceList) -> dict[str, Any]:
    user, _, slug = content.list_id.rpartition("/")
    return {
        "id": zlib.crc32(content.list_id.encode()) % 10**6,
        "user_name": user,
        "name": content.name or slug,
        "slug": slug,
        "description": "",
        "mediatype": None,
        "items": len(content.items),
        "likes": 0,
        "dynamic": False,
        "private": content.is_private,
    }


def _error(status: int, words: str) -> Answer:
    return json_answer(status, {"error": words})


def _stamped(answer: Answer, *, remaining: int = DAILY_LIMIT - 1) -> Answer:
    """Add the headers that count the calls of a day."""
    limits = (
        ("X-RateLimit-Limit", str(DAILY_LIMIT)),
        ("X-RateLimit-Remaining", str(remaining)),
        ("X-RateLimit-Reset", str(int(time.time()) // 86400 * 86400 + 86400)),
    )
    return replace(answer, headers=(*answer.headers, *limits))
