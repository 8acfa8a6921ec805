"""The users' guide's form of a provider, `fetch(list_id)` that returns a list of dicts, read as a page."""

import inspect
import logging
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from list_sync.api.failures import find_failure
from list_sync.api.payloads import clean_title, find_imdb_id, find_int, find_positive_int, find_year
from list_sync.errors import InvalidListId, ListSyncError, ServiceUnavailable, UnexpectedResponse
from list_sync.model.sources import Page
from list_sync.model.titles import MediaIds, MediaItem, MediaType

logger = logging.getLogger(__name__)

_MEDIA_TYPES = {
    "movie": MediaType.MOVIE,
    "film": MediaType.MOVIE,
    "tv": MediaType.TV,
    "show": MediaType.TV,
    "series": MediaType.TV,
}


def pages_of_template(name: str, fetch: Callable[..., Any], list_id: str) -> Iterator[Page]:
    """Yield the one page that `fetch` returns as a list of dicts, its exceptions told as ours."""
    try:
        result = fetch(list_id)
        entries = list(result) if isinstance(result, Iterable) and not isinstance(result, str | Mapping) else None
    except ListSyncError:
        raise
    except Exception as error:
        known = find_failure(name, error)
        if known is not None:
            # Without its cause: the words of requests hold the whole address, keys in its query included.
            raise known from None
        raise _translate(name, fetch, error) from error
    if entries is None:
        raise UnexpectedResponse(name, f"{Path(_code_file(fetch)).name} returned no list but {type(result).__name__}")
    items = [item for item in map(_item_of, entries) if item is not None]
    if len(items) < len(entries):
        logger.warning(
            "%s: %d of %d entries of %s have no title and id", name, len(entries) - len(items), len(entries), list_id
        )
    # A plain list does not say that it is whole, so no total: its titles count, what is absent proves nothing.
    yield Page(items, unsupported=len(entries) - len(items))


def _translate(name: str, fetch: Callable[..., Any], error: Exception) -> ListSyncError:
    words = clean_title(str(error)) or type(error).__name__
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


def _item_of(entry: object) -> MediaItem | None:
    if not isinstance(entry, Mapping):
        return None
    ids = MediaIds(
        tmdb=find_positive_int(entry.get("tmdb_id")),
        imdb=find_imdb_id(entry.get("imdb_id")),
        tvdb=find_positive_int(entry.get("tvdb_id")),
    )
    title = clean_title(entry.get("title"))
    kind = entry.get("media_type")
    # A kind that is stated but unknown (person, game) is not ours to guess at.
    media_type = _MEDIA_TYPES.get(str(kind).strip().lower()) if kind else None
    if not (title or ids) or (kind and media_type is None):
        return None
    return MediaItem(title, media_type, find_year(entry.get("year")), ids, find_int(entry.get("season_number")))
