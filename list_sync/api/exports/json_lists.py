"""JSON lists of any program: the entries of a document, and whether they are as many as it states."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from list_sync.api.exports.entries import SERVICE, build_page, split_year
from list_sync.api.exports.json_arrays import Document, Place, find_entries
from list_sync.api.exports.json_shapes import find_other_titles, flatten, is_removed
from list_sync.api.exports.kinds import find_media_type
from list_sync.api.exports.stray_ids import NOTES, parse_with_ids
from list_sync.api.exports.text_lists import parse_id
from list_sync.api.payloads import clean_title, expect_list
from list_sync.errors import UnexpectedResponse
from list_sync.model.sources import Entry, NotUnderstood, Page, Unsupported
from list_sync.model.titles import MediaItem

# Values under such keys may be the ids of other titles.
_OF_OTHERS = re.compile(r"parent|episode|similar|related|recommend|collection|prequel|sequel|next|previous|overview")


def parse_json(text: str) -> Page:
    """Return the list in a JSON document; raise UnexpectedResponse saying where it breaks or what it is instead."""
    document = _load(text)
    found = find_entries(document)
    if not found.has_arrays:
        expect_list(document, service=SERVICE, what="a list")
    entries = [*map(parse_place, found.entries), *_unknown_entries(found)]
    _require_understood(entries, found)
    page = build_page(entries)
    if found.total > len(entries):
        return replace(page, total=found.total)
    return replace(page, total=None, halt=found.halt) if found.halt else page


def _load(text: str) -> object:
    try:
        document: object = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        what = error.msg.removesuffix(" starting at")
        raise UnexpectedResponse(SERVICE, f"not whole JSON: {what} at {place}, save it again") from error
    except (ValueError, RecursionError) as error:
        raise UnexpectedResponse(SERVICE, "JSON that cannot be read: nested too deep, or a number too long") from error
    return document


def _unknown_entries(found: Document) -> Iterator[NotUnderstood]:
    for places in found.unknown.values():
        yield from (NotUnderstood(place.path, "in an array of unknown name") for place in places)


def _require_understood(entries: Sequence[Entry], found: Document) -> None:
    """Raise UnexpectedResponse if no entry was understood: then it is another kind of file."""
    if entries and all(isinstance(entry, NotUnderstood) for entry in entries):
        objects = [place.entry for place in found.entries if isinstance(place.entry, dict)]
        seen = clean_title(", ".join(sorted(map(str, objects[0]))[:5]))[:80] if objects else "no objects"
        words = f"no entry has a title, imdb_id, tmdb_id or tvdb_id (it has: {seen or 'nothing'})"
        raise UnexpectedResponse(SERVICE, f"{words}; {entries[0]}")


def parse_place(place: Place) -> Entry:
    """Return what an entry is: an object in any program's shape, an id, or a title with its year."""
    entry = place.entry
    if isinstance(entry, str):
        return _parse_text(entry, place)
    if not isinstance(entry, dict):
        return NotUnderstood(place.path, "null" if entry is None else "neither an object nor a text")
    if is_removed(entry):
        return Unsupported("removed entry")
    flat = flatten(entry) | {"arraykind": place.kind}
    texts = [value for key, value in flat.items() if isinstance(value, str) and _is_of_it(key) and len(value) < 300]
    parsed = parse_with_ids(flat, texts, place.path)
    others = find_other_titles(entry, parsed.title) if isinstance(parsed, MediaItem) else ()
    return replace(parsed, other_titles=others) if isinstance(parsed, MediaItem) and others else parsed


def _is_of_it(key: str) -> bool:
    """Tell whether a value may be an id of the entry itself."""
    return key not in NOTES and not _OF_OTHERS.search(key)


def _parse_text(text: str, place: Place) -> Entry:
    item = parse_id(text)
    if item is not None:
        return item
    title, year = split_year(text)
    if year is None:
        return NotUnderstood(place.path, "a text that is no id")
    return MediaItem(title, find_media_type(place.kind), year)
