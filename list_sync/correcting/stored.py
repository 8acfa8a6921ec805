"""Stored titles in the form that stages take."""

from collections.abc import Sequence

from list_sync.model.matches import Match, MatchMethod, WantedItem
from list_sync.model.sources import ListRef
from list_sync.model.titles import MediaIds, MediaItem
from list_sync.storage.title_search import TitleRecord


def build_match(record: TitleRecord, sources: Sequence[ListRef]) -> Match:
    """Return the match of a stored title that was matched, as these lists want it."""
    if record.media_type is None or record.tmdb_id is None:
        raise ValueError("only a title that was matched has a match")
    ids = MediaIds(record.tmdb_id, record.imdb_id, record.tvdb_id)
    wanted = WantedItem(MediaItem(record.title, record.media_type, record.year, ids), tuple(sources))
    return Match(wanted, record.media_type, record.tmdb_id, MatchMethod.REMEMBERED)
