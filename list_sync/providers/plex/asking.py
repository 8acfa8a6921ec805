"""Calls to Plex with the token of an account, and titles whose ids Plex keeps on a page of their own."""

from collections.abc import Mapping
from dataclasses import replace

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.sources.each import find_items, read_each, read_ids, to_text
from list_sync.errors import AuthenticationFailed, ResourceNotFound, ServiceError, UnexpectedResponse
from list_sync.model.sources import Entry, NotUnderstood
from list_sync.model.titles import MediaItem, MediaType
from list_sync.providers import FetchContext
from list_sync.providers.plex.parse import SERVICE, find_numbers, parse_entry, parse_listing

TOKEN = "PLEX_TOKEN"  # noqa: S105 (a name)
_TITLES = frozenset({"movie", "show"})


def read_item(value: object, context: FetchContext, place: str) -> Entry:
    """Return the title of an entry; missing ids are asked for and remembered."""
    if not isinstance(value, Mapping):
        return NotUnderstood(place, "no object")
    entry = _with_details(value, context)
    (item,) = read_each([entry], parse_entry) if not isinstance(entry, MediaItem) else [entry]
    if isinstance(item, NotUnderstood):
        return replace(item, place=place)
    number = value.get("ratingKey")
    if entry is not value and isinstance(item, MediaItem) and item.ids and context.memory:
        context.memory.keep(f"item/{number}", to_text([item]))
    return item


def _with_details(entry: Mapping[str, object], context: FetchContext) -> Mapping[str, object] | MediaItem:
    """Return an entry with the ids of its own page, or the remembered title."""
    number = entry.get("ratingKey")
    is_clear = read_ids(find_numbers(entry), MediaType.TV) or entry.get("type") not in (None, *_TITLES)
    if is_clear or not isinstance(number, str) or not number.isascii() or not number.isalnum():
        return entry
    key = f"item/{number}"
    known = find_items(context.memory.find(key)) if context.memory else None
    if known:
        return known[0]
    try:
        details = parse_listing(ask(context, f"{context.base_url}/library/metadata/{number}", {}), start=0).entries[:1]
    except ResourceNotFound:
        details = ()
    stated = {name: value for name, value in entry.items() if value is not None and name != "Guid"}
    return {**(details[0] if details and isinstance(details[0], Mapping) else {}), **stated}


def ask(context: FetchContext, url: str, query: Mapping[str, str]) -> HttpAnswer:
    """Return the answer to a read with the token."""
    return context.http.get(url, params=query, headers=build_headers(context), explain=find_error)


def build_headers(context: FetchContext) -> Mapping[str, str]:
    """Return the headers of a call with the token."""
    token = context.require(TOKEN, "log in with `list-sync login plex`, or set it to the token of your account")
    return {"X-Plex-Token": token, "Accept": "application/json"}


def find_error(answer: HttpAnswer) -> ServiceError | None:
    """Return the error for a status; None if the status has its usual meaning."""
    if answer.status in (401, 403) and not answer.is_html:
        return AuthenticationFailed(
            SERVICE, f"{TOKEN} was refused, log in again with `list-sync login plex` (HTTP {answer.status})"
        )
    if answer.status == 404 and "/watchlist/" in answer.url:
        return UnexpectedResponse(SERVICE, "watchlist not found at this address: Plex moved it, or check PLEX_BASE_URL")
    return None
