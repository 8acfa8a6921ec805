"""The blocklist of Seerr, the blacklist of Jellyseerr; Overseerr has neither."""

from __future__ import annotations

import time

from list_sync.demo.server.backend import Backend
from list_sync.demo.server.calls.answers import Answer, ServerDied, json_answer, refused
from list_sync.demo.server.calls.exchange import Exchange
from list_sync.demo.server.calls.paging import read_window
from list_sync.demo.server.database.rows import BlockRow, MediaRow, MediaStatus, UserRow
from list_sync.demo.server.dialects import Dialect
from list_sync.demo.server.requests.payloads import timestamp

DEPRECATION = (
    ("Deprecation", "true"),
    ("Link", '</api/v1/blocklist>; rel="successor-version"'),
    ("Sunset", "Mon, 01 Jun 2026 00:00:00 GMT"),
)


def list_blocklist(exchange: Exchange) -> Answer:
    """Answer GET /blocklist; take=0 crashes Seerr."""
    backend = exchange.backend
    if backend.dialect is Dialect.SEERR and float(exchange.query.get("take", 25)) == 0:
        raise ServerDied
    window = read_window(exchange.query, default=25)
    wanted = exchange.query.get("search", "").lower()
    with backend.state.lock:
        rows = [row for row in backend.state.blocks.values() if wanted in row.title.lower()]
        results = [_entry(backend, row) for row in window.part(rows)]
    return json_answer(200, {"pageInfo": window.info(len(rows)), "results": results})


def add_to_blocklist(exchange: Exchange) -> Answer:
    """Answer POST /blocklist: 201 with an empty body, 412 if the title is already there."""
    backend, body = exchange.backend, exchange.body
    with backend.state.lock:
        if int(body["tmdbId"]) in backend.state.blocks:
            raise refused(412, f"Item already {backend.traits.blocklist_word}")
        block_title(backend, body["mediaType"], int(body["tmdbId"]), exchange.user, title=body.get("title", ""))
    return Answer(201)


def remove_from_blocklist(exchange: Exchange) -> Answer:
    """Answer DELETE /blocklist/{tmdbId}: 204, or 401 for an unknown title (Seerr and Jellyseerr)."""
    backend = exchange.backend
    with backend.state.lock:
        row = backend.state.remove_block(exchange.path_id("tmdbId"))
        if row is None:
            raise refused(401, "not Found")
        for kind in ("movie", "tv"):
            media = backend.state.find_media(kind, row.tmdb)
            if media is not None and media.status == MediaStatus.BLOCKLISTED:
                backend.state.remove_media(media.id)
    return Answer(204)


def deprecated(answer: Answer) -> Answer:
    """Return an answer of Seerr's old /blacklist with the headers for a deprecated endpoint."""
    return Answer(answer.status, answer.content, answer.content_type, (*answer.headers, *DEPRECATION))


def block_title(backend: Backend, kind: str, tmdb: int, user: UserRow, *, title: str = "") -> MediaRow:
    """Block a title; its media row gets status 6, and so does a row of the other kind with that number."""
    now = time.time()
    state = backend.state
    state.save_block(BlockRow(state.new_id("block"), tmdb, kind, title, user.id, now))
    # The servers find entries by TMDB id alone, so they confuse a film and a show with the same number.
    media = state.find_media(kind, tmdb) or state.find_media("tv" if kind == "movie" else "movie", tmdb)
    if media is None:
        known = backend.titles.find(kind, tmdb)
        media = MediaRow(
            id=state.new_id("media"),
            kind=kind,
            tmdb=tmdb,
            tvdb=known.tvdb if known is not None and kind == "tv" else None,
            status=MediaStatus.BLOCKLISTED,
            status4k=MediaStatus.BLOCKLISTED,
            created=now,
            updated=now,
            season_change=now,
        )
    media.status = media.status4k = MediaStatus.BLOCKLISTED
    state.save_media(media)
    return media


def _entry(backend: Backend, row: BlockRow) -> dict[str, object]:
    return {
        "id": row.id,
        "mediaType": row.kind,
        "title": row.title,
        "tmdbId": row.tmdb,
        "createdAt": timestamp(row.created),
        "user": backend.payloads.user(backend.state.users[row.user]),
    }
