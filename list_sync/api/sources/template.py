"""Providers in the form of the users' guide: `fetch(list_id)` returns a list of dicts, which becomes a page."""

import inspect
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from list_sync.api.http.payloads import clean_title, expect_object, find_imdb_id, find_int, find_positive_int, find_year
from list_sync.api.sources.each import read_each, read_kind
from list_sync.errors import InvalidListId, ListSyncError, ServiceUnavailable, UnexpectedResponse
from list_sync.log import hide_keys
from list_sync.model.sources import Entry, Page, Unsupported
from list_sync.model.titles import MediaIds, MediaItem


def pages_of_template(name: str, fetch: Callable[..., Any], list_id: str) -> Iterator[Page]:
    """Yield the one page that `fetch` returns as a list of dicts; its exceptions become our errors."""
    try:
        result = fetch(list_id)
        entries = list(result) if isinstance(result, Iterable) and not isinstance(result, str | Mapping) else None
    except ListSyncError:
        raise
    except Exception as error:
        # Imported here, because commands that name providers need no requests.
        from list_sync.api.http.failures import find_failure

        known = find_failure(name, error)
        if known is not None:
            # Without its cause: the message of requests holds the whole address, with the keys in its query.
            raise known from None
        raise _translate(name, fetch, error) from error
    if entries is None:
        raise UnexpectedResponse(name, f"{Path(_code_file(fetch)).name} returned no list but {type(result).__name__}")
    # A plain list does not state whether it is complete, so there is no total: absent titles prove nothing.
    yield Page.of(read_each(entries, lambda entry: _parse_entry(entry, name)))


def _translate(name: str, fetch: Callable[..., Any], error: Exception) -> ListSyncError:
    # Clients for HTTP name the whole address, with the keys in it.
    words = hide_keys(clean_title(str(error))) or type(error).__name__
    if isinstance(error, ValueError):
        return InvalidListId(words)
    if isinstance(error, ConnectionError | TimeoutError):
        return ServiceUnavailable(name, f"connection failed: {words}")
    return UnexpectedResponse(name, f"{type(error).__name__} in {_place_in(fetch, error)}: {words}")


def _place_in(fetch: Callable[..., Any], error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = _code_file(fetch)
    frame = next((frame for frame in reversed(frames) if frame.filename == own), frames[-1])
    return f"{Path(frame.filename).name} line {frame.lineno}"


def _code_file(fetch: Callable[..., Any]) -> str:
    code = getattr(inspect.unwrap(fetch), "__code__", None)
    return str(code.co_filename) if code else ""


def _parse_entry(value: object, name: str) -> Entry:
    entry = expect_object(value, service=name, what="an entry")
    ids = MediaIds(
        tmdb=find_positive_int(entry.get("tmdb_id")),
        imdb=find_imdb_id(entry.get("imdb_id")),
        tvdb=find_positive_int(entry.get("tvdb_id")),
    )
    title = clean_title(entry.get("title"))
    media_type = read_kind(entry.get("media_type"))
    if isinstance(media_type, Unsupported):
        return media_type
    return MediaItem(title, media_type, find_year(entry.get("year")), ids, find_int(entry.get("season_number")))
