"""Ids in columns and values that are not meant for ids. An address or an IMDb id is clear anywhere."""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from list_sync.api.saved_lists.entries import parse_entry, parse_ids, stated_kind
from list_sync.api.saved_lists.kinds import plain_key
from list_sync.api.saved_lists.parts import find_part, may_name_part
from list_sync.api.saved_lists.text_lists import merge_ids, parse_id
from list_sync.model.sources import Entry, NotUnderstood, Unsupported
from list_sync.model.titles import MediaItem

# Notes about a title may name another title.
NOTES = frozenset(
    {"description", "note", "notes", "comment", "comments", "review", "tags", "overview", "plot", "title"}
)

# Characters that may stand between and before addresses, Markdown links, and links of spreadsheets.
_BETWEEN = re.compile(r"(?:[\s,;|<>]|\b(?:imdb|tmdb|tvdb|letterboxd|trakt|link|url):(?=\s))+", re.I)
_LINK = re.compile(r"\[[^\]\[]{0,200}\]\((https?://[^\s()]{4,300})\)")
_FORMULA = re.compile(r'=HYPERLINK\(\s*"(?P<address>[^"]{4,300})".*\)', re.I | re.S)
_LONGEST = 2_000
_ADDRESS = re.compile(r"https?://\S{4,300}")


def parse_with_ids(entry: Mapping[str, object], texts: Iterable[str], place: str) -> Entry:
    """Parse an entry; if its own ids do not decide, ids in its other texts count.

    They count only if all of them can belong to one title. An address that names a season or an episode always counts.
    """
    texts = list(texts)
    telling = list(filter(may_name_part, texts))
    part = find_part(itertools.chain(telling, *map(_addresses_in, telling))) if telling else None
    entry = entry if part is None or entry.get("seasonnumber") else {**entry, "seasonnumber": part}
    found = [] if _is_sure(entry) else [item for text in texts for item in find_all_ids(text)]
    return _with_ids(entry, found, place) if found else parse_entry(entry, place)


def find_all_ids(text: str) -> Sequence[MediaItem | Unsupported]:
    """Return the ids in a text that holds only ids and addresses; nothing for any other text."""
    alone = parse_id(text)
    if alone is not None or len(text) > _LONGEST or ("://" not in text and "tt" not in text):
        return [alone] if alone is not None else []
    return [found for found in map(parse_id, _addresses_in(text)) if found]


def _addresses_in(text: str) -> Sequence[str]:
    """Return the ids and addresses in a text that holds nothing else."""
    if len(text) > _LONGEST:
        return []
    formula = _FORMULA.fullmatch(text.strip())
    words = [formula["address"]] if formula else [word for word in _BETWEEN.split(_LINK.sub(r" \g<1> ", text)) if word]
    return words if all(_ADDRESS.fullmatch(word) or parse_id(word) for word in words) else []


def _is_sure(entry: Mapping[str, object]) -> bool:
    """Return whether the columns of ids identify the title."""
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
