"""JSON lists of any program: the entries of a document, compared with the number that it states."""

import itertools
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from list_sync.api.http.json_documents import SHORT_BYTES, join_members, parse_pieces, size_of
from list_sync.api.http.payloads import clean_title, expect_list
from list_sync.api.saved_lists.documents import Text
from list_sync.api.saved_lists.entries import SERVICE, build_page, require_few, split_year
from list_sync.api.saved_lists.json_arrays import PARTS, Document, Place, find_entries, has_list
from list_sync.api.saved_lists.json_shapes import find_other_titles, find_seasons, flatten, is_removed
from list_sync.api.saved_lists.kinds import find_media_type
from list_sync.api.saved_lists.parts import names_episode
from list_sync.api.saved_lists.stray_ids import NOTES, parse_with_ids
from list_sync.api.saved_lists.text_lists import parse_id
from list_sync.errors import UnexpectedResponse
from list_sync.footprint import Part, hold
from list_sync.model.sources import EPISODE, Entry, NotUnderstood, Page, Unsupported
from list_sync.model.titles import MediaItem

# Values under such keys may be the ids of other titles.
_OF_OTHERS = re.compile(r"parent|episode|similar|related|recommend|collection|prequel|sequel|next|previous|overview")
_LONGEST_LINE = 1_000_000
# The keys of links, and the keys of the address in a link that is an object.
_LINKS = re.compile(r"link|url|uri|href|site")
_ADDRESSES = ("url", "link", "href", "uri")


def parse_json(text: Text) -> Page:
    """Return the list in a JSON document; raise UnexpectedResponse if it is broken or not a list."""
    broken: list[NotUnderstood] = []
    found = _read_lines(text, broken) if _is_of_lines(text) else _read_document(text)
    seen = _seen_keys(found)
    places = itertools.chain.from_iterable(map(_each_season, _taken(found.entries)))
    page = build_page(itertools.chain(map(parse_place, places), _unknown_entries(found), broken))
    if page.entries and page.not_understood == page.entries:
        # It is another kind of file.
        words = f"no entry has a title, imdb_id, tmdb_id or tvdb_id (it has: {seen or 'nothing'})"
        raise UnexpectedResponse(SERVICE, f"{words}; {page.first_not_understood[0]}")
    total = found.find_total(page.entries)
    if total > page.entries:
        return replace(page, total=total)
    return replace(page, total=None, halt=found.halt) if found.halt else page


def _read_document(text: Text) -> Document:
    document = _load(text)
    found = find_entries(document)
    if _is_details(document, found):
        return Document([Place("the document", document)])
    if not found.has_arrays:
        if not _is_one_entry(document):
            expect_list(document, service=SERVICE, what="a list")
        found.entries.append(Place("the document", document))
    return found


def _seen_keys(found: Document) -> str:
    """Return the first keys of the first object, for a message about a document that is no list."""
    first = next((place.entry for place in found.entries if isinstance(place.entry, dict)), None)
    return "no objects" if first is None else clean_title(", ".join(sorted(map(str, first))[:5]))[:80]


def _taken(places: list[Place]) -> Iterator[Place]:
    """Yield the places one by one, and forget each, so that its memory is free for what it becomes."""
    places.reverse()
    while places:
        yield places.pop()


def _each_season(place: Place) -> Iterator[Place]:
    """Yield the entry, or an entry for each of the seasons that it names."""
    entry = place.entry
    seasons = find_seasons(entry) if isinstance(entry, dict) else ()
    if isinstance(entry, dict) and seasons:
        yield from (replace(place, entry={**entry, "season_number": season}) for season in seasons)
    else:
        yield place


def _is_of_lines(text: Text) -> bool:
    """Return whether each line is a JSON document, by the first of several lines."""
    line, is_alone = text.first_line(_LONGEST_LINE)
    if is_alone:
        return False
    try:
        return isinstance(json.loads(line), list | dict)
    except (ValueError, RecursionError):
        return False


def _read_lines(text: Text, broken: list[NotUnderstood]) -> Document:
    """Parse the lines; a broken line goes into `broken`."""
    documents: list[object] = []
    numbers: list[int] = []
    hold(Part.TREE, 0)
    size = 0
    for number, line in enumerate(text.lines(), start=1):
        if not line.strip():
            continue
        try:
            documents.append(json.loads(line))
            numbers.append(number)
        except (ValueError, RecursionError):
            broken.append(NotUnderstood(f"line {number}", "incomplete JSON"))
        require_few(len(documents) + len(broken))
        size += size_of(documents[-1:]) + len(line)
        hold(Part.TREE, size)
    found = find_entries(documents)
    found.entries = [replace(place, holder=_of_line(place.path, numbers), index=None) for place in found.entries]
    return found


def _of_line(path: str, numbers: Sequence[int]) -> str:
    """Return a place among the lines by the number of its line."""
    index, _, rest = path[1:].partition("]")
    return f"line {numbers[int(index)]}{' ' if rest else ''}{rest.lstrip('.')}"


def _is_one_entry(document: object) -> bool:
    """Return whether a document is a single film or show: it has an id, or a title with its year."""
    parsed = parse_place(Place("", document)) if isinstance(document, dict) else None
    return isinstance(parsed, MediaItem) and bool(parsed.ids or parsed.year)


def _is_details(document: object, found: Document) -> bool:
    """Return whether a document is a title with its details, of which only its seasons and episodes may be entries."""
    is_list = found.unknown or any(place.kind not in PARTS for place in found.entries)
    if is_list or not isinstance(document, dict) or has_list(document):
        return False
    parsed = parse_place(Place("", document))
    return isinstance(parsed, MediaItem) and bool(parsed.ids)


def _load(text: Text) -> object:
    is_short = len(text.content) <= SHORT_BYTES
    try:
        document: object = (
            json.loads(text.whole(), object_pairs_hook=join_members) if is_short else parse_pieces(text.pieces())
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}" if is_short else f"…{error.doc[error.pos :][:20]}"
        what = error.msg.removesuffix(" starting at")
        raise UnexpectedResponse(SERVICE, f"incomplete JSON: {what} at {place}, save it again") from error
    except (ValueError, RecursionError) as error:
        raise UnexpectedResponse(SERVICE, "JSON that cannot be read: nested too deep, or a number too long") from error
    return document


def _unknown_entries(found: Document) -> Iterator[NotUnderstood]:
    for places in found.unknown.values():
        yield from (NotUnderstood(place.path, "in an array of unknown name") for place in places)


def parse_place(place: Place) -> Entry:
    """Parse an entry: an object in any program's shape, an id, or a title with its year."""
    entry = place.entry
    if isinstance(entry, str):
        return _parse_text(entry, place)
    if not isinstance(entry, dict):
        return NotUnderstood(place.path, "null" if entry is None else "neither an object nor a text")
    if is_removed(entry):
        return Unsupported("removed entry")
    flat = flatten(entry) | {"arraykind": place.kind}
    values = {**flat, "ids": None} | ({"idtext": entry["ids"]} if isinstance(entry.get("ids"), str) else {})
    own = {key: value for key, value in values.items() if key not in NOTES and not _OF_OTHERS.search(key)}
    texts = [text for key, value in own.items() for text in _texts(key, value) if len(text) < 300]
    parsed = parse_with_ids(flat, texts, place.path)
    others = find_other_titles(entry, parsed.title) if isinstance(parsed, MediaItem) else ()
    return replace(parsed, other_titles=others) if isinstance(parsed, MediaItem) and others else parsed


def _texts(key: str, value: object) -> Iterator[str]:
    """Yield a text, or the texts in a value whose key stands for links."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict) and _LINKS.search(key):
        for one in value if isinstance(value, list) else value.values():
            address = next((one[name] for name in _ADDRESSES if name in one), None) if isinstance(one, dict) else one
            if isinstance(address, str):
                yield address


def _parse_text(text: str, place: Place) -> Entry:
    item = parse_id(text)
    if item is not None:
        return item
    title, year = split_year(text)
    if names_episode(text):
        return Unsupported(EPISODE)
    if year is None:
        return NotUnderstood(place.path, "a text that is not an id")
    return MediaItem(title, find_media_type(place.kind), year)
