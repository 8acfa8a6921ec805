"""Ids in columns and values that are not for ids: an address or an IMDb id is clear anywhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from list_sync.api.exports.entries import parse_entry, parse_ids, stated_kind
from list_sync.api.exports.kinds import plain_key
from list_sync.api.exports.text_lists import merge_ids, parse_id
from list_sync.model.sources import Entry, NotUnderstood, Unsupported
from list_sync.model.titles import MediaItem

# Notes about a title may name another title.
NOTES = frozenset(
    {"description", "note", "notes", "comment", "comments", "review", "tags", "overview", "plot", "title"}
)


def parse_with_ids(entry: Mapping[str, object], texts: Iterable[str], place: str) -> Entry:
    """Return what an entry is; if its own ids do not decide, ids in its other texts count.

    They count only if all of them can belong to one title.
    """
    found = [item for text in texts if (item := parse_id(text))]
    return parse_entry(entry, place) if not found or _is_sure(entry) else _with_ids(entry, found, place)


def _is_sure(entry: Mapping[str, object]) -> bool:
    """Tell whether the columns of ids say which title it is."""
    ids = parse_ids(entry)
    is_person = plain_key(entry.get("imdbid")).startswith("nm")
    return is_person or bool(ids.imdb or ids.tvdb or (ids.tmdb and stated_kind(entry)))


def _with_ids(entry: Mapping[str, object], found: Sequence[MediaItem | Unsupported], place: str) -> Entry:
    unsupported = next((one for one in found if isinstance(one, Unsupported)), None)
    if unsupported is not None:
        return unsupported
    named = [one for one in found if isinstance(one, MediaItem)]
    merged = merge_ids([MediaItem("", stated_kind(entry), None, parse_ids(entry)), *named])
    if merged is None:
        names = ", ".join(dict.fromkeys(one.label for one in named))
        return NotUnderstood(place, f"ids that do not belong to one title: {names}")
    ids = {"imdb": merged.ids.imdb, "tmdb": merged.ids.tmdb, "tvdb": merged.ids.tvdb}
    parsed = parse_entry({**entry, "ids": ids}, place)
    if not isinstance(parsed, MediaItem):
        return parsed
    season = merged.season if parsed.season is None else parsed.season
    return replace(parsed, media_type=parsed.media_type or merged.media_type, season=season)
