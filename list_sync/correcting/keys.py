"""The keys of a pin or a ban of a title, and the forms in which people write keys and TMDB titles (pure)."""

import re
from dataclasses import replace

from list_sync.errors import InvalidListId
from list_sync.model.matches import MatchMethod
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.storage.title_search import TitleRecord

TARGET = re.compile(r"(?:tmdb:)?(movie|tv):([1-9][0-9]{0,9})")
KEY = re.compile(
    r"tmdb:(?:movie|tv):[1-9][0-9]{0,9}|tmdb:any:[1-9][0-9]{0,9}(?::.+:(?:[0-9]{4})?)?"
    r"|imdb:tt[0-9]{7,10}|tvdb:[1-9][0-9]{0,9}|title:(?:movie|tv|any):.+:(?:[0-9]{4})?"
)
TMDB_PAGE = re.compile(r"https?://(?:www\.)?themoviedb\.org/(movie|tv)/([1-9][0-9]{0,9})(?:[-/?#].*)?")


def parse_target(text: str) -> tuple[MediaType, int]:
    """Return the TMDB title that `tmdb:movie:603`, `movie:603` or the address of its TMDB page names."""
    folded = text.strip().lower()
    found = TARGET.fullmatch(folded) or TMDB_PAGE.fullmatch(folded)
    if found is None:
        raise InvalidListId(f'"{text}" names no TMDB title: write tmdb:movie:603 or tmdb:tv:1399')
    return MediaType(found[1]), int(found[2])


def find_key(text: str) -> str | None:
    """Return the key that a text spells, or None if it is no key."""
    folded = " ".join(text.casefold().split())
    if re.fullmatch(r"tt[0-9]{7,10}", folded):
        folded = f"imdb:{folded}"
    elif TARGET.fullmatch(folded):
        folded = f"tmdb:{folded.removeprefix('tmdb:')}"
    return folded if KEY.fullmatch(folded) else None


def stated_kind(record: TitleRecord) -> MediaType | None:
    """Return the kind that the list of a title states, None if it states none or this is not known."""
    found = re.match("(?:title|tmdb):(movie|tv):", record.item_key)
    return MediaType(found[1]) if found else None


def keys_to_pin(record: TitleRecord) -> tuple[str, ...]:
    """Return the keys under which a pin of this title is kept.

    The name is among them only where the source gave no id: another film of that name and year must not be
    taken for this one.
    """
    item = _item_of(record)
    is_stated = record.method is MatchMethod.TMDB_ID
    stated = replace(item.ids, tmdb=record.tmdb_id if is_stated else None)
    keys = [*_own_key(record), *_known_keys(replace(item, ids=stated))]
    by_id = [key for key in keys if not key.startswith("title:")]
    return tuple(dict.fromkeys(by_id or [*keys, *_name_keys(item)]))


def keys_to_ban(record: TitleRecord) -> tuple[str, ...]:
    """Return every key under which this title may ever be met; a ban too many requests nothing wrong."""
    item = _item_of(record)
    return tuple(dict.fromkeys([*_own_key(record), *_known_keys(item), *_name_keys(item)]))


def _item_of(record: TitleRecord) -> MediaItem:
    ids = MediaIds(tmdb=record.tmdb_id, imdb=record.imdb_id, tvdb=record.tvdb_id)
    return MediaItem(record.title, record.media_type, record.year, ids)


def _known_keys(item: MediaItem) -> list[str]:
    # All entries without title and id share the key "untitled".
    return [key for key in item.keys if KEY.fullmatch(key)]


def _own_key(record: TitleRecord) -> list[str]:
    """Return the source's own key, which the row of an unmatched title is kept under."""
    key = record.item_key.rpartition(":")[0]
    return [key] if KEY.fullmatch(key) else []


def _name_keys(item: MediaItem) -> list[str]:
    # A list that does not say what kind a title is knows it under "any".
    if not item.title:
        return []
    plain = replace(item, ids=MediaIds())
    return [*plain.keys, *replace(plain, media_type=None).keys]
