"""Results of reading lists as bytes for storage, and the attempts at a list as JSON.

What is unpacked is cleaned as if it came from a source: others may have written a shared cache or a backup.
"""

import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from list_sync.model.cleaning import clean_item, clean_title, find_count
from list_sync.model.routes import RouteRecord
from list_sync.model.sources import SHOWN, Attempt, AttemptOutcome, FetchResult, FetchState, ListRef, NotUnderstood
from list_sync.model.titles import MediaIds, MediaItem, counted

# Titles repeat the same few words, so the fastest compression already removes most of the size.
_PACKING_LEVEL = 1
_BEGINNING = '{"items":['
_BEGUN, _GAP = re.compile(r'\{\s*"items"\s*:\s*\[\s*'), re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()
_STEP = 1_000
_ITEM_FACTS = 7
# Several times the size of a list of 200,000 entries.
_LARGEST_UNPACKED = 64 * 1024 * 1024

T = TypeVar("T")


def pack_result(result: FetchResult) -> bytes:
    """Return the contents of a list as bytes, without the details of how it was read."""
    document = {
        "state": result.state.value,
        "route": result.route,
        "fetched_at": result.fetched_at.isoformat(),
        "reason": result.reason,
        "expected": result.expected,
        "is_whole": result.is_whole,
        **remainder_to_json(result),
    }
    packer = zlib.compressobj(_PACKING_LEVEL)
    pieces = [packer.compress(_BEGINNING.encode())]
    # A long list is packed in parts, because its text takes more memory than the list itself.
    for start in range(0, len(result.items), _STEP):
        texts = ",".join(_to_text(_item_to_json(item)) for item in result.items[start : start + _STEP])
        pieces.append(packer.compress(f"{',' if start else ''}{texts}".encode()))
    return b"".join([*pieces, packer.compress(f"],{_to_text(document)[1:]}".encode()), packer.flush()])


def _to_text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def unpack_result(content: bytes, source: ListRef) -> FetchResult | None:
    """Return the result from its bytes; None if they are damaged or from another version of ListSync.

    An entry that cannot be used counts as not understood, and the result is not good any more.
    """
    try:
        entries, document = _split(_decompress(content).decode())
        items = tuple(item for item in entries if item is not None)
        result = FetchResult(
            source=source,
            items=items,
            state=FetchState(document["state"]),
            route=clean_title(_expect(document["route"], str)),
            fetched_at=_moment(document["fetched_at"]),
            reason=None if document["reason"] is None else clean_title(_expect(document["reason"], str)),
            expected=None if document["expected"] is None else _count(document["expected"]),
            is_whole=_expect(document["is_whole"], bool),
            **_cleaned_remainder(document),
        )
        return _without(result, len(entries) - len(items))
    except (zlib.error, ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError):
        return None


def _without(result: FetchResult, lost: int) -> FetchResult:
    """Return a result of which some entries cannot be used, so that it does not prove that a title is absent."""
    if not lost:
        return result
    return replace(
        result,
        state=FetchState.PARTIAL,
        reason=f"{counted(lost, 'entry', 'entries')} of the copy cannot be used",
        expected=result.entries + lost,
        not_understood=result.not_understood + lost,
        is_whole=False,
    )


def _split(text: str) -> tuple[list[MediaItem | None], dict[str, Any]]:
    """Return the entries and the other facts in a packed text; each entry is read alone, and None if it is unusable."""
    begun = _BEGUN.match(text)
    if begun is None:
        raise ValueError("not packed here")
    items: list[MediaItem | None] = []
    place = begun.end()
    while text[place] != "]":
        entry, end = _DECODER.raw_decode(text, place)
        items.append(_find_item(entry))
        place = _GAP.match(text, end).end()  # type: ignore[union-attr]
    if items and not any(items):
        raise ValueError("no entry can be used")
    document: dict[str, Any] = json.loads("{" + text[place + 1 :].lstrip(", "))
    return items, document


def _decompress(content: bytes) -> bytes:
    """Return the bytes; raise ValueError if there are more than a list can have, or fewer than there were."""
    stream = zlib.decompressobj()
    unpacked = stream.decompress(content, _LARGEST_UNPACKED)
    if not stream.eof or stream.unused_data:
        raise ValueError("too large, or cut off")
    return unpacked


def _expect(value: object, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"a {type(value).__name__}, expected a {kind.__name__}")
    return value


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC)


def _count(value: object) -> int:
    number = find_count(value)
    if number is None:
        raise ValueError("no number of entries")
    return number


def _cleaned_remainder(document: Mapping[str, object]) -> dict[str, Any]:
    """Return the fields of remainder_to_json; raise ValueError or TypeError for values that it does not make."""
    kinds = _expect(document["unsupported_kinds"], dict)
    entries = _expect(document["first_not_understood"], list)
    return {
        "unsupported": _count(document["unsupported"]),
        "unsupported_kinds": {clean_title(kind): _count(number) for kind, number in kinds.items()},
        "not_understood": _count(document["not_understood"]),
        "first_not_understood": tuple(
            NotUnderstood(clean_title(place), clean_title(reason)) for place, reason in entries[:SHOWN]
        ),
    }


def remainder_to_json(result: FetchResult) -> dict[str, object]:
    """Return the facts of a list other than its titles as plain JSON values, by the names of fields and columns."""
    return {
        "unsupported": result.unsupported,
        "unsupported_kinds": dict(result.unsupported_kinds),
        "not_understood": result.not_understood,
        "first_not_understood": [[entry.place, entry.reason] for entry in result.first_not_understood],
    }


def read_remainder(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the fields from remainder_to_json; rows of earlier versions have none."""
    entries = row["first_not_understood"] or ()
    return {
        "unsupported": int(row["unsupported"]),
        "unsupported_kinds": dict(row["unsupported_kinds"] or {}),
        "not_understood": int(row["not_understood"]),
        "first_not_understood": tuple(NotUnderstood(place, reason) for place, reason in entries),
    }


def _item_to_json(item: MediaItem) -> list[object]:
    kind = item.media_type.value if item.media_type else None
    facts = [item.title, kind, item.year, item.ids.tmdb, item.ids.imdb, item.ids.tvdb, item.season]
    added_at = int(item.added_at.timestamp()) if item.added_at else None
    stated = {name: value for name, value in (("added_at", added_at), ("rating", item.rating)) if value is not None}
    return [*facts, *item.other_titles, *([stated] if stated else [])]


def _find_item(entry: Any) -> MediaItem | None:
    if not isinstance(entry, list) or len(entry) < _ITEM_FACTS:
        return None
    title, kind, year, tmdb, imdb, tvdb, season, *others = entry
    stated = others.pop() if others and isinstance(others[-1], dict) else {}
    added_at, rating = stated.get("added_at"), stated.get("rating")
    return clean_item(MediaItem(title, kind, year, MediaIds(tmdb, imdb, tvdb), season, tuple(others), added_at, rating))


def attempts_to_json(attempts: Iterable[Attempt]) -> list[dict[str, str]]:
    """Return the attempts as plain JSON values, without empty fields."""
    return [
        {
            "route": attempt.route,
            "outcome": attempt.outcome.value,
            **({"reason": attempt.reason} if attempt.reason else {}),
            **({"until": attempt.until.isoformat()} if attempt.until else {}),
        }
        for attempt in attempts
    ]


def routes_to_json(records: Iterable[RouteRecord]) -> list[list[str]]:
    """Return what is known of routes as plain JSON values."""
    return [[one.route, one.outcome.value, one.since.isoformat(), one.at.isoformat()] for one in records]


def routes_of(document: object) -> tuple[RouteRecord, ...]:
    """Return what is known of routes from routes_to_json; nothing for a value that it does not make."""
    try:
        return tuple(
            RouteRecord(clean_title(_expect(route, str)), AttemptOutcome(outcome), _moment(since), _moment(at))
            for route, outcome, since, at in _expect(document, list)
        )
    except (ValueError, TypeError):
        return ()


def attempts_of(document: Sequence[Mapping[str, str]] | None) -> tuple[Attempt, ...]:
    """Return the attempts from attempts_to_json."""
    return tuple(
        Attempt(
            entry["route"],
            AttemptOutcome(entry["outcome"]),
            entry.get("reason", ""),
            datetime.fromisoformat(entry["until"]) if "until" in entry else None,
        )
        for entry in document or ()
    )
