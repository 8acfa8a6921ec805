"""A sample of Trakt's API v2: lists, watchlists and charts, with paging by headers.

Shapes: answers recorded by Flexget and fuzeman/trakt.py; paging as of 15 June 2026 (trakt/trakt-api issues 924, 925).
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from list_sync.demo.server.calls.answers import Answer, Refusal, json_answer
from list_sync.demo.sources.faults import Fault, cloudflare_answer
from list_sync.demo.sources.lists import SourceEntry, SourceList
from list_sync.demo.sources.paging import extract_page, page_size
from list_sync.demo.sources.visit import Visit

CLIENT_ID = "de30" * 16
DEFAULT_SIZE = 100
# A larger limit is silently reduced to this.
LARGEST_SIZE = 250
BOX_OFFICE = "boxoffice"
BOX_OFFICE_LENGTH = 10
PERIODS = ("daily", "weekly", "monthly", "yearly", "all")
PERIOD_CHARTS = ("watched", "collected", "favorited")
# The counts beside the film or show, by chart; popular has no wrapper.
CHART_COUNTS = {
    "trending": ("watchers",),
    "popular": (),
    "anticipated": ("list_count",),
    BOX_OFFICE: ("revenue",),
    "watched": ("watcher_count", "play_count", "collected_count", "collector_count"),
    "collected": ("watcher_count", "play_count", "collected_count", "collector_count"),
    "favorited": ("user_count",),
}
_RATE_LIMIT = 500
_TYPES = {"movie": "movie", "tv": "show"}
_TYPE_NAMES = frozenset({"movie", "show", "season", "episode", "person"})


@dataclass(frozen=True, slots=True)
class TraktQuestion:
    """One call for a page of a list (`chart` is empty) or of a chart."""

    list_id: str
    page: int
    size: int
    types: frozenset[str] = frozenset()
    chart: str = ""
    source: str = "trakt"

    @property
    def start(self) -> int:
        """Return where the page would start if no page were reduced."""
        return (self.page - 1) * self.size

    def answer(self, content: SourceList | None, fault: Fault | None) -> Answer:
        """Return the page; a private list gets the same answer as a missing one."""
        kind = fault.kind if fault else ""
        if kind == "limit":
            return _stamped(Answer(429, headers=(("Retry-After", "250"),)), remaining=0)
        if kind == "null":
            return _stamped(json_answer(200, None))
        if content is None and self.chart and kind != "missing":
            content = SourceList(self.source, self.list_id, ())
        if content is None or content.is_private or kind == "missing":
            return _stamped(Answer(404))
        if self.types:
            content = replace(content, items=[entry for entry in content.items if _type_of(entry) in self.types])
        if self.chart == BOX_OFFICE:
            entries = extract_page(content, 0, BOX_OFFICE_LENGTH, fault).entries
            return _stamped(json_answer(200, [self._row(rank, entry) for rank, entry in enumerate(entries, 1)]))
        return self._page_answer(content, fault)

    def _page_answer(self, content: SourceList, fault: Fault | None) -> Answer:
        size = page_size(content, self.size, fault)
        page = extract_page(content, (self.page - 1) * size, size, fault)
        rows = [self._row(rank, entry) for rank, entry in enumerate(page.entries, start=page.first_rank)]
        given = (page.total + 1) // 2 if fault is not None and fault.kind == "short" else page.total
        headers = [
            ("X-Pagination-Page", str(self.page)),
            ("X-Pagination-Limit", str(size)),
            ("X-Pagination-Page-Count", str(-(-given // size))),
            ("X-Pagination-Item-Count", str(page.total)),
        ]
        if not self.chart:
            headers += [("X-Sort-By", "rank"), ("X-Sort-How", "asc"), ("X-Private-User", "false")]
        return _stamped(json_answer(200, rows, tuple(headers)))

    def _row(self, rank: int, entry: SourceEntry) -> dict[str, Any]:
        if not self.chart:
            return _list_row(rank, entry)
        counts = CHART_COUNTS[self.chart]
        subject = _subject(entry)
        return {**dict.fromkeys(counts, 100_000 // rank), _TYPES[entry.kind]: subject} if counts else subject


def read_question(visit: Visit) -> TraktQuestion:
    """Return the question of a call; raise Refusal with Trakt's answer to a call without one."""
    # The edge refuses a missing or invented User-Agent (trakt/trakt-api issues 670, 740 and 804).
    if not re.search(r"\w/\w", visit.headers.get("User-Agent", "")):
        raise Refusal(cloudflare_answer(403))
    if visit.headers.get("trakt-api-key") != CLIENT_ID:
        # Trakt also sends this for the id of a deleted app.
        raise Refusal(_stamped(Answer(403)))
    question = _find_question(visit) if visit.method == "GET" else None
    if question is None:
        raise Refusal(_stamped(Answer(404)))
    size = min(visit.number("limit", DEFAULT_SIZE, least=1), LARGEST_SIZE)
    return replace(question, page=visit.number("page", 1, least=1), size=size)


def _find_question(visit: Visit) -> TraktQuestion | None:
    match visit.segments:
        case ("users", user, "lists", slug, "items", *types):
            return _list_question(f"{user}/{slug}", types)
        case ("users", user, "watchlist" | "favorites" as page, *types):
            return _list_question(f"{user}/{page}", types)
        case ("lists", number, "items", *types):
            return _list_question(number, types)
        case ("movies" | "shows" as folder, chart, *period) if chart in CHART_COUNTS:
            return _chart_question(folder, chart, period)
    return None


def _list_question(list_id: str, types: list[str]) -> TraktQuestion | None:
    words = [word.removesuffix("s") for word in types[0].split(",")] if types else []
    if len(types) > 1 or not set(words) <= _TYPE_NAMES:
        return None
    return TraktQuestion(list_id, 1, DEFAULT_SIZE, frozenset(words))


def _chart_question(folder: str, chart: str, period: list[str]) -> TraktQuestion | None:
    if period and (chart not in PERIOD_CHARTS or len(period) > 1 or period[0] not in PERIODS):
        return None
    if chart == BOX_OFFICE and folder == "shows":
        return None
    list_id = f"{chart}:{folder}" if not period or period[0] == "weekly" else f"{chart}:{folder}:{period[0]}"
    return TraktQuestion(list_id, 1, DEFAULT_SIZE, chart=chart, source="trakt_special")


def _type_of(entry: SourceEntry) -> str:
    return entry.source_type or _TYPES[entry.kind]


def _list_row(rank: int, entry: SourceEntry) -> dict[str, Any]:
    """Return an entry of a list: the object of its type, and the show of a season or an episode."""
    type_name = _type_of(entry)
    row = {
        "rank": rank,
        "id": 90_000_000 + rank,
        "listed_at": "2026-08-01T12:00:00.000Z",
        "notes": None,
        "type": type_name,
    }
    number = _trakt_number(entry)
    ids = {"trakt": number, "tvdb": None, "tmdb": None, "tvrage": None}
    if type_name == "season":
        return row | {"season": {"number": entry.season, "ids": ids}, "show": _subject(entry)}
    if type_name == "episode":
        episode = {"season": entry.season or 1, "number": 1, "title": "Pilot", "ids": ids | {"imdb": None}}
        return row | {"episode": episode, "show": _subject(entry)}
    if type_name == "person":
        own_ids = {"trakt": number, "slug": _slug(entry.title), "imdb": entry.imdb, "tmdb": entry.tmdb}
        return row | {"person": {"name": entry.title, "ids": own_ids}}
    return row | {type_name: _subject(entry)}


def _subject(entry: SourceEntry) -> dict[str, Any]:
    slug = _slug(entry.title) if entry.kind == "tv" else f"{_slug(entry.title)}-{entry.year}"
    ids: dict[str, Any] = {"trakt": _trakt_number(entry), "slug": slug, "imdb": entry.imdb, "tmdb": entry.tmdb}
    if entry.kind == "tv":
        ids |= {"tvdb": entry.tvdb, "tvrage": None}
    return {"title": entry.title, "year": entry.year, "ids": ids}


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _trakt_number(entry: SourceEntry) -> int:
    return zlib.crc32(f"{entry.kind} {entry.tmdb} {entry.title}".encode()) % 10**7


def _stamped(answer: Answer, *, remaining: int = _RATE_LIMIT - 1) -> Answer:
    """Add the headers of Trakt itself, which the edge does not send: X-Runtime, and X-Ratelimit in JSON (issue 909)."""
    until = datetime.now(UTC) + timedelta(minutes=5)
    limit = {
        "name": "UNAUTHED_API_GET_LIMIT",
        "period": 300,
        "limit": _RATE_LIMIT,
        "remaining": remaining,
        "until": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    headers = (("X-Ratelimit", json.dumps(limit)), ("X-Runtime", "0.042"), ("Server", "cloudflare"))
    return replace(answer, headers=(*answer.headers, *headers))
