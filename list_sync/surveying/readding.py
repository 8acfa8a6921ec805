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


def find_readded(wishes: Sequence[Wish], record: Record, *, now: datetime) -> Mapping[QualityKey, Readded]:
    """Return the titles that were put on such a list after they were refused, if they were refused.

    Where the source states when it added the entry, only that counts; else it must have been absent from two complete
    readings. A title that is put on a list once is requested again once.
    """
    asking = {wish.key: entries for wish in wishes if wish.key and (entries := _find_entries(wish))}
    if not asking:
        return {}
    former = record.load_former(asking)
    found = {
        key: readded
        for key, title in former.items()
        if (readded := _find_latest(asking[key], title, now)) and readded.at > title.first_seen
    }
    refused_at = record.load_refused_at([former[key] for key in found])
    return {key: readded for key, readded in found.items() if readded.at > refused_at[former[key].item_id]}


def _find_entries(wish: Wish) -> _Entries:
    wanted = wish.result.wanted
    asking = [source for source in wanted.sources if source.terms.again is Again.WHEN_READDED]
    return [entry for entry in wanted.all_entries if entry[0] in asking] if asking else ()


def _find_latest(entries: _Entries, title: Former, now: datetime) -> Readded | None:
    found = (_find_one(source, item, title, now) for source, item in entries)
    return max((one for one in found if one), key=lambda one: one.at, default=None)


def _find_one(source: ListRef, item: MediaItem, title: Former, now: datetime) -> Readded | None:
    if item.added_at is not None:
        # A moment to come would count without end.
        return Readded(source.key, item.added_at, by_own_date=True) if item.added_at <= now else None
    link = title.links.get(source.key)
    came_back_at = None if link is None else now if link.has_left else link.returned_at
    return Readded(source.key, came_back_at, by_own_date=False) if came_back_at else None
