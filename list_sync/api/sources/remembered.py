"""Titles as text that providers store, so that facts that never change are read only once."""

import json
from collections.abc import Sequence

from list_sync.api.http.payloads import clean_title, find_imdb_id, find_positive_int, find_year
from list_sync.model.titles import MediaIds, MediaItem, MediaType

_KINDS = {"movie": MediaType.MOVIE, "tv": MediaType.TV}


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
    return MediaItem(clean_title(title), _KINDS.get(str(kind)), find_year(year), ids)
