"""Single requests and media rows: look at them, approve, decline, retry, delete, set a status."""

from __future__ import annotations

from typing import Any

from list_sync.demo.server.calls.answers import Answer, json_answer, refused
from list_sync.demo.server.calls.exchange import Exchange
from list_sync.demo.server.database.rows import MediaRow, MediaStatus, RequestRow, RequestStatus
from list_sync.demo.server.users.permissions import Permission, has_any

MEDIA_WORDS = {
    "available": MediaStatus.AVAILABLE,
    "partial": MediaStatus.PARTIALLY_AVAILABLE,
    "processing": MediaStatus.PROCESSING,
    "pending": MediaStatus.PENDING,
    "unknown": MediaStatus.UNKNOWN,
}


def create_request(exchange: Exchange) -> Answer:
    """Answer POST /request."""
    return json_answer(201, exchange.backend.creation.create(exchange.body, exchange.user))


def show_request(exchange: Exchange) -> Answer:
    """Answer GET /request/{id}."""
    backend = exchange.backend
    with backend.state.lock:
        row = _request(exchange)
        views = has_any(exchange.user.permissions, Permission.MANAGE_REQUESTS | Permission.REQUEST_VIEW)
        if row.requested_by != exchange.user.id and not views:
            raise refused(403, "You do not have permission to view this request.")
        return json_answer(200, backend.payloads.request(row))


def change_request(exchange: Exchange) -> Answer:
    """Answer POST /request/{id}/approve, /decline and /retry."""
    backend = exchange.backend
    with backend.state.lock:
        row = _request(exchange)
        word = exchange.path["status"]
        if word == "decline":
            backend.transitions.decline(row, exchange.user.id)
        else:
            backend.transitions.approve(row, exchange.user.id)
        return json_answer(200, backend.payloads.request(row))


def delete_request(exchange: Exchange) -> Answer:
    """Answer DELETE /request/{id}: one's own while it is pending, any with MANAGE_REQUESTS."""
    backend = exchange.backend
    with backend.state.lock:
        row = _request(exchange)
        own = row.requested_by == exchange.user.id and row.status == RequestStatus.PENDING
        if not own and not has_any(exchange.user.permissions, Permission.MANAGE_REQUESTS):
            raise refused(401, "You do not have permission to delete this request.")
        backend.transitions.delete_request(row)
    return Answer(204)


def change_media(exchange: Exchange) -> Answer:
    """Answer POST /media/{id}/{status}; `deleted` is accepted and changes nothing (S)."""
    backend = exchange.backend
    with backend.state.lock:
        row = _media(exchange, "Media does not exist.")
        word = exchange.path["status"]
        if word == "partial" and row.kind == "movie":
            raise refused(400, "Only series can be set to be partially available")
        if word in MEDIA_WORDS:
            body = exchange.body or {}
            is_4k, seasons = bool(body.get("is4k")), _seasons(body)
            backend.transitions.set_media_status(row, MEDIA_WORDS[word], is_4k=is_4k, seasons=seasons)
        return json_answer(200, backend.payloads.media(row))


def delete_media(exchange: Exchange) -> Answer:
    """Answer DELETE /media/{id}; its requests go with it."""
    backend = exchange.backend
    with backend.state.lock:
        backend.state.remove_media(_media(exchange, "Media not found").id)
    return Answer(204)


def _request(exchange: Exchange) -> RequestRow:
    row = exchange.backend.state.requests.get(_row_id(exchange.path["requestId"]))
    if row is None:
        raise refused(404, "Request not found.")
    return row


def _media(exchange: Exchange, missing: str) -> MediaRow:
    row = exchange.backend.state.media.get(_row_id(exchange.path["mediaId"]))
    if row is None:
        raise refused(404, missing)
    return row


def _seasons(body: dict[str, Any]) -> list[int]:
    """Return the seasons in a request's body: only these become available with their show (SJO)."""
    return [int(season["seasonNumber"]) for season in body.get("seasons") or ()]


def _row_id(text: str) -> int:
    return int(text) if text.isdecimal() else -1
