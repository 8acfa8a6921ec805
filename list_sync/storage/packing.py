"""Results of reading lists as bytes for storage, and the attempts at a list as JSON."""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from list_sync.model.sources import Attempt, AttemptOutcome, FetchResult, FetchState, ListRef, NotUnderstood
from list_sync.model.titles import MediaIds, MediaItem, MediaType

# Titles repeat the same few words, so the fastest compression already removes most of the size.
_PACKING_LEVEL = 1


def pack_result(result: FetchResult) -> bytes:
    """Return the contents of a list as bytes, without the details of how it was read."""
    document = {
        "items": [_item_to_json(item) for item in result.items],
        "state": result.state.value,
        "route": result.route,
        "fetched_at": result.fetched_at.isoformat(),
        "reason": result.reason,
        "expected": result.expected,
        "is_whole": result.is_whole,
        **remainder_to_json(result),
    }
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), _PACKING_LEVEL)


def unpack_result(content: bytes, source: ListRef) -> FetchResult | None:
    """Return the result from its bytes; None if they are damaged or from another version of ListSync."""
    try:
        document = json.loads(zlib.decompress(content))
        return FetchResult(
            source=source,
            items=tuple(_item_of(entry) for entry in document["items"]),
            state=FetchState(document["state"]),
            route=str(document["route"]),
            fetched_at=datetime.fromisoformat(document["fetched_at"]),
            reason=document["reason"],
            expected=document["expected"],
            is_whole=bool(document["is_whole"]),
            **read_remainder(document),
        )
    except (zlib.error, ValueError, KeyError, TypeError, IndexError):
        return None


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
    return [item.title, kind, item.year, item.ids.tmdb, item.ids.imdb, item.ids.tvdb, item.season, *item.other_titles]


def _item_of(entry: Sequence[object]) -> MediaItem:
    title, kind, year, tmdb, imdb, tvdb, season, *others = entry
    return MediaItem(
        str(title),
        MediaType(str(kind)) if kind else None,
        _number(year),
        MediaIds(_number(tmdb), str(imdb) if imdb else None, _number(tvdb)),
        _number(season),
        tuple(map(str, others)),
    )


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


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
