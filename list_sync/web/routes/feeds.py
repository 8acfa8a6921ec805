"""Feeds for readers and calendars: what was requested and why, and what waits until when."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.datastructures import Headers
from starlette.responses import Response

from list_sync.model.access import Scope
from list_sync.model.households import HOME
from list_sync.model.masking import mask_address
from list_sync.storage.lists import find_lists
from list_sync.storage.run_requests import find_latest_requests
from list_sync.storage.server_options import find_requester_names
from list_sync.storage.title_search import find_due, load_records
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.paths import FEEDS
from list_sync.web.feeds import atom, calendar
from list_sync.web.feeds.entries import (
    FeedEntry,
    describe_lists,
    describe_pause,
    describe_requests,
    describe_waiting,
    make_number,
)
from list_sync.web.parts import Parts

REQUESTS, WAITING = FEEDS
MOST_REQUESTS, MOST_WAITING = 50, 500
# The feed of an installation that requested nothing yet.
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)

Key = Annotated[
    str, Query(description="a token with the scope `feed`, for readers that send no headers", examples=["ls_…"])
]


def _describe(media_type: str, example: str) -> dict[int | str, dict[str, Any]]:
    content = {media_type: {"schema": {"type": "string"}, "example": example}}
    return {200: {"content": content, "description": "The feed"}, 304: {"description": "It has not changed"}}


def routes(parts: Parts) -> APIRouter:
    """Return the routes of the feeds."""
    router = APIRouter(tags=["feeds"], dependencies=[needs(Scope.FEED)])

    @router.get(REQUESTS, response_class=Response, responses=_describe(atom.MEDIA_TYPE, "<feed>…</feed>"))
    def requests(request: Request, _key: Annotated[Key, Query(alias="key")] = "") -> Response:
        """Give the last 50 requests with their reasons, newest first, as an Atom feed."""
        entries = find_requests(parts)
        name, number = f"ListSync: requests{_name_household(parts)}", make_number("requests", parts.store.household)
        base_url = parts.settings.web.web_base_url
        body = atom.write_atom(name, number, entries, base_url=base_url, empty_at=_NEVER)
        changed_at = max((one.changed_at for one in entries), default=None)
        return _answer(request, body, atom.MEDIA_TYPE, changed_at)

    @router.get(WAITING, response_class=Response, responses=_describe(calendar.MEDIA_TYPE, "BEGIN:VCALENDAR…"))
    def waiting(request: Request, _key: Annotated[Key, Query(alias="key")] = "") -> Response:
        """Give what waits until a known time, as a calendar: titles, lists that are tried again, the end of a pause."""
        base_url = parts.settings.web.web_base_url
        name = f"ListSync: waiting{_name_household(parts)}"
        body = calendar.write_calendar(name, find_waiting(parts), base_url=base_url)
        # Nothing says when an event was taken away, so its tag alone says whether it changed.
        return _answer(request, body, calendar.MEDIA_TYPE, None)

    return router


def find_requests(parts: Parts) -> list[FeedEntry]:
    """Return the entries of the last requests."""
    household = parts.store.household
    with parts.store.reading() as connection:
        found = find_latest_requests(connection, household, limit=MOST_REQUESTS)
        records = load_records(connection, [one.item_id for one in found if one.item_id], with_events=False)
    known = {record.item_id: record for record in records}
    users = find_requester_names(parts.store)
    return list(describe_requests(household, found, known, users=users, name_list=_list_names(parts)))


def find_waiting(parts: Parts) -> list[FeedEntry]:
    """Return the entries of what waits until a known time."""
    household, now = parts.store.household, parts.now()
    with parts.store.reading() as connection:
        titles = find_due(connection, household, limit=MOST_WAITING)
        lists = find_lists(connection, household)
    entries = [
        *describe_waiting(household, titles),
        *describe_lists(household, lists, now=now, name_list=_list_names(parts)),
    ]
    until = parts.daemon.find_pause()
    return [*entries, describe_pause(household, until)] if until else entries


def _list_names(parts: Parts) -> Callable[[str], str]:
    """Return what names a list as lists.yaml does, else by its id, without what an address may hold."""
    names = {ref.source: ref.label for ref in parts.lists}
    return lambda key: names.get(key) or mask_address(key)


def _name_household(parts: Parts) -> str:
    return "" if parts.store.household == HOME else f" of {parts.store.household}"


def _answer(request: Request, body: bytes, media_type: str, changed_at: datetime | None) -> Response:
    """Return a feed, or that the reader has it as it is."""
    headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"', "Cache-Control": "private, no-cache"}
    if changed_at is not None:
        headers["Last-Modified"] = format_datetime(changed_at.astimezone(UTC), usegmt=True)
    if _has_it(request.headers, headers):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, media_type=f"{media_type}; charset=utf-8", headers=headers)


def _has_it(asked: Headers, present: Mapping[str, str]) -> bool:
    """Return whether a reader has what is here; its tag says so more surely than a time."""
    if tags := asked.get("if-none-match"):
        known = [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        return "*" in known or present["ETag"] in known
    since, changed = map(_parse_date, (asked.get("if-modified-since"), present.get("Last-Modified")))
    return since is not None and changed is not None and since >= changed


def _parse_date(text: str | None) -> datetime | None:
    """Return a time of HTTP; None for anything else."""
    try:
        found = parsedate_to_datetime(text or "")
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
