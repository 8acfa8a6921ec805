"""GET /media, GET /request and GET /request/count: all rows of the server, in pages."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from list_sync.demo.server.calls.answers import Answer, json_answer, refused
from list_sync.demo.server.calls.exchange import Exchange
from list_sync.demo.server.calls.paging import Window, read_window
from list_sync.demo.server.database.rows import MediaRow, MediaStatus, RequestRow, RequestStatus
from list_sync.demo.server.database.state import State
from list_sync.demo.server.users.permissions import Permission, has_any

_MEDIA_FILTERS: dict[str, tuple[int, ...]] = {
    "available": (MediaStatus.AVAILABLE,),
    "partial": (MediaStatus.PARTIALLY_AVAILABLE,),
    "allavailable": (MediaStatus.AVAILABLE, MediaStatus.PARTIALLY_AVAILABLE),
    "processing": (MediaStatus.PROCESSING,),
    "pending": (MediaStatus.PENDING,),
}
_REQUEST_FILTERS: dict[str, tuple[int, ...]] = {
    "approved": (RequestStatus.APPROVED,),
    "processing": (RequestStatus.APPROVED,),
    "pending": (RequestStatus.PENDING,),
    "unavailable": (RequestStatus.PENDING, RequestStatus.APPROVED),
    "failed": (RequestStatus.FAILED,),
    "completed": (RequestStatus.COMPLETED,),
}
_UNFINISHED = (
    MediaStatus.UNKNOWN,
    MediaStatus.PENDING,
    MediaStatus.PROCESSING,
    MediaStatus.PARTIALLY_AVAILABLE,
)
_REQUEST_MEDIA_FILTERS: dict[str, tuple[int, ...]] = {
    "available": (MediaStatus.AVAILABLE,),
    "processing": _UNFINISHED,
    "unavailable": _UNFINISHED,
    "deleted": (MediaStatus.DELETED,),
}


def list_media(exchange: Exchange) -> Answer:
    """Answer GET /media: rows of all users, newest first; the filter looks at `status` only."""
    window = read_window(exchange.query)
    state = exchange.backend.state
    with state.lock:
        # Seerr takes filter=deleted and ignores it.
        wanted = _MEDIA_FILTERS.get(exchange.query.get("filter", "all"))
        sort = exchange.query.get("sort", "added")
        if wanted is None and sort == "added":
            total = len(state.media_ids)
            page: Sequence[MediaRow] = [state.media[number] for number in window.newest_first(state.media_ids)]
        else:
            rows = [state.media[number] for number in reversed(state.media_ids)]
            rows = [row for row in rows if wanted is None or row.status in wanted]
            _sort_media(rows, sort)
            total, page = len(rows), window.part(rows)
        body = {"pageInfo": window.info(total), "results": [exchange.backend.payloads.media(row) for row in page]}
    return json_answer(200, body)


def list_requests(exchange: Exchange) -> Answer:
    """Answer GET /request: all requests if the caller may view them, else the caller's own.

    Seerr and Jellyseerr first read the profiles of every Radarr and Sonarr, and wait if one does not answer.
    """
    window = read_window(exchange.query)
    state = exchange.backend.state
    if exchange.backend.traits.has_jellyfin:
        exchange.backend.pause(exchange.backend.faults.arr_hangs_seconds)
    with state.lock:
        requester = _visible_requester(exchange)
        total, page = _select_requests(exchange, requester, window)
        results = [exchange.backend.payloads.request(row, in_list=True) for row in page]
    return json_answer(200, {"pageInfo": window.info(total), "results": results})


def count_requests(exchange: Exchange) -> Answer:
    """Answer GET /request/count."""
    state = exchange.backend.state
    with state.lock:
        rows = list(state.requests.values())
        media = [state.media[row.media_id].quality_status(is_4k=row.is4k) for row in rows]
    statuses = [row.status for row in rows]
    sent = (RequestStatus.APPROVED, RequestStatus.COMPLETED)
    active = [of_media for status, of_media in zip(statuses, media, strict=True) if status in sent]
    body = {
        "total": len(rows),
        "movie": sum(row.kind == "movie" for row in rows),
        "tv": sum(row.kind == "tv" for row in rows),
        "pending": statuses.count(RequestStatus.PENDING),
        "approved": statuses.count(RequestStatus.APPROVED),
        "declined": statuses.count(RequestStatus.DECLINED),
        "processing": active.count(MediaStatus.PROCESSING),
        "available": active.count(MediaStatus.AVAILABLE),
    }
    if exchange.backend.traits.completes_requests:
        body["completed"] = statuses.count(RequestStatus.COMPLETED)
    return json_answer(200, body)


def _sort_media(rows: list[MediaRow], sort: str) -> None:
    if sort == "modified":
        rows.sort(key=lambda row: -row.updated)
    elif sort == "mediaAdded":
        rows.sort(key=lambda row: -(row.media_added or 0.0))


def _visible_requester(exchange: Exchange) -> int | None:
    asked = exchange.query.get("requestedBy")
    sees_all = has_any(exchange.user.permissions, Permission.MANAGE_REQUESTS | Permission.REQUEST_VIEW)
    if sees_all:
        return int(float(asked)) if asked else None
    if asked and float(asked) != exchange.user.id:
        raise refused(403, "You do not have permission to view this user's requests.")
    return exchange.user.id


def _select_requests(exchange: Exchange, requester: int | None, window: Window) -> tuple[int, Sequence[RequestRow]]:
    state = exchange.backend.state
    name = exchange.query.get("filter", "all")
    kind = exchange.query.get("mediaType", "all")
    ascending = exchange.query.get("sortDirection") == "asc"
    by_change = exchange.query.get("sort") == "modified"
    plain = name == "all" and kind == "all" and requester is None and not ascending and not by_change
    if plain and not state.blocklisted_media:
        ids = window.newest_first(state.request_ids)
        return len(state.request_ids), [state.requests[number] for number in ids]
    ids = state.request_ids if requester is None else state.requests_by_user.get(requester, [])
    rows = [state.requests[number] for number in ids]
    rows = [row for row in rows if kind in ("all", row.kind) and _fits_filter(state, row, name)]
    if by_change:
        rows.sort(key=lambda row: row.updated)
    return len(rows), window.part(rows if ascending else rows[::-1])


def _fits_filter(state: State, row: RequestRow, name: str) -> bool:
    statuses: Collection[int] | None = _REQUEST_FILTERS.get(name)
    if statuses is not None and row.status not in statuses:
        return False
    availability = state.media[row.media_id].quality_status(is_4k=row.is4k)
    wanted = _REQUEST_MEDIA_FILTERS.get(name)
    if wanted is None:
        return availability != MediaStatus.BLOCKLISTED
    return availability in wanted
