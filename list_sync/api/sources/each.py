"""Entries of sources: each becomes a title or not; and titles as text, so that lasting facts are read only once."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from list_sync.api.http.payloads import clean_title, find_imdb_id, find_positive_int, find_year
from list_sync.api.saved_lists.kinds import find_media_type, find_unsupported
from list_sync.errors import UnexpectedResponse
from list_sync.model.cleaning import NAMELESS
from list_sync.model.sources import Entry, NotUnderstood, Unsupported
from list_sync.model.titles import MediaIds, MediaItem, MediaType

Given = TypeVar("Given")


def read_each(entries: Sequence[Given], parse: Callable[[Given], Entry], *, after: int = 0) -> list[Entry]:
    """Parse each entry. An entry is not understood if `parse` raises UnexpectedResponse for it.

    An entry without title and id is not understood either. `after` is the number of earlier entries of the list; with
    it, the place of each entry is its place in the list.
    """
    found: list[Entry] = []
    for number, entry in enumerate(entries, after + 1):
        try:
            read = parse(entry)
        except UnexpectedResponse as error:
            read = NotUnderstood(f"entry {number}", error.message)
        if isinstance(read, MediaItem) and not (read.title or read.ids):
            read = NotUnderstood(f"entry {number}", NAMELESS)
        found.append(read)
    return found


def read_kind(word: object) -> MediaType | Unsupported | None:
    """Return the kind that a source's word means; None if the word is unknown or can mean several kinds."""
    unsupported = find_unsupported(word or "")
    return Unsupported(unsupported) if unsupported else find_media_type(word or "")


def read_ids(value: object, media_type: MediaType | None) -> MediaIds:
    """Return the ids in an object. TheTVDB numbers films and shows apart, and only those of shows can be looked up."""
    ids = value if isinstance(value, Mapping) else {}
    tvdb = find_positive_int(ids.get("tvdb")) if media_type is MediaType.TV else None
    return MediaIds(find_positive_int(ids.get("tmdb")), find_imdb_id(ids.get("imdb")), tvdb)


def to_text(items: Sequence[MediaItem]) -> str:
    """Return titles as one text."""
    rows = [[item.title, item.media_type, item.year, item.ids.tmdb, item.ids.imdb, item.ids.tvdb] for item in items]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def find_items(text: str | None) -> tuple[MediaItem, ...] | None:
    """Return the titles in a stored text, or None if it is missing or cannot be read."""
    try:
        rows = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == 6 for row in rows):
        return None
    return tuple(_item(*row) for row in rows)


def _item(title: object, kind: object, year: object, tmdb: object, imdb: object, tvdb: object) -> MediaItem:
    ids = MediaIds(find_positive_int(tmdb), find_imdb_id(imdb), find_positive_int(tvdb))
    media_type = MediaType(str(kind)) if kind in ("movie", "tv") else None
    return MediaItem(clean_title(title), media_type, find_year(year), ids)
