"""Which refused titles may be requested again, because a list with `again: when_readded` has them anew."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from list_sync.model.decisions import Wish
from list_sync.model.readding import Readded
from list_sync.model.sources import ListRef
from list_sync.model.terms import Again
from list_sync.model.titles import MediaItem, QualityKey
from list_sync.storage.record import Record
from list_sync.storage.refusals import Former

_Entries = Sequence[tuple[ListRef, MediaItem]]


def find_readded(wishes: Sequence[Wish], record: Record, *, now: datetime) -> Mapping[QualityKey, tuple[Readded, ...]]:
    """Return the titles that were put on such lists after they were refused, if they were refused.

    Where the source states when it added the entry, only that counts; else it must have been absent from two complete
    readings. A title that is put on a list once is requested again once.
    """
    asking = {wish.key: entries for wish in wishes if wish.key and (entries := _find_entries(wish))}
    if not asking:
        return {}
    former = record.load_former(asking)
    found = {key: _find_all(asking[key], title, now) for key, title in former.items()}
    refused_at = record.load_refused_at([former[key] for key, readded in found.items() if readded])
    return {
        key: later
        for key, readded in found.items()
        if (later := tuple(one for one in readded if one.at > refused_at[former[key].item_id]))
    }


def _find_entries(wish: Wish) -> _Entries:
    wanted = wish.result.wanted
    asking = [source for source in wanted.sources if source.terms.again is Again.WHEN_READDED]
    return [entry for entry in wanted.all_entries if entry[0] in asking] if asking else ()


def _find_all(entries: _Entries, title: Former, now: datetime) -> Sequence[Readded]:
    """Return the lists that have a title anew since it was first seen, the latest first."""
    found = [one for source, item in entries if (one := _find_one(source, item, title, now))]
    return sorted((one for one in found if one.at > title.first_seen), key=lambda one: one.at, reverse=True)


def _find_one(source: ListRef, item: MediaItem, title: Former, now: datetime) -> Readded | None:
    if item.added_at is not None:
        # A moment to come would count without end.
        return Readded(source, item.added_at, by_own_date=True) if item.added_at <= now else None
    link = title.links.get(source.key)
    came_back_at = None if link is None else now if link.has_left else link.returned_at
    return Readded(source, came_back_at, by_own_date=False) if came_back_at else None
