"""The titles of ListSync 0.6: rows that repeat become one title, with what they prove about it.

0.6 had no unique key, and wrote `skipped` over `requested` and `already_available` when it saw a title again within 48
hours. It asked the server for a number without always minding the kind. So a row proves that a title was requested, or
only that the server knew its number.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from list_sync.config import Settings
from list_sync.database.old_database import OldDatabase, Row
from list_sync.importing.cells import find_imdb_id, find_kind, find_moment, find_number, find_text, find_year
from list_sync.model.decisions import ItemStatus
from list_sync.model.journal import ImportedRequest
from list_sync.model.sources import ListKey
from list_sync.model.titles import MediaIds, MediaItem, MediaType, Quality, TitleKey


class OldStatus(StrEnum):
    """The states of 0.6 in the order of what they prove, the strongest first."""

    REQUESTED = "requested"
    ALREADY_REQUESTED = "already_requested"
    ALREADY_AVAILABLE = "already_available"
    SKIPPED = "skipped"
    REQUEST_FAILED = "request_failed"
    ERROR = "error"
    NOT_FOUND = "not_found"
    UNKNOWN = ""

    @property
    def proves_request(self) -> bool:
        """Return whether 0.6 requested the title, or saw it on the server."""
        return self in _PROOFS


_PROOFS = (OldStatus.REQUESTED, OldStatus.ALREADY_REQUESTED, OldStatus.ALREADY_AVAILABLE, OldStatus.SKIPPED)
_RANKS = {status: rank for rank, status in enumerate(OldStatus)}
_COLUMNS = (
    *("id", "title", "media_type", "year", "imdb_id", "overseerr_id", "tmdb_id"),
    *("status", "last_synced", "source_list_type", "source_list_id"),
)
_ASKS = "; the next sync asks the server"
_SHOWN: Mapping[OldStatus, tuple[ItemStatus, str]] = {
    OldStatus.REQUESTED: (ItemStatus.ALREADY_REQUESTED, f"requested by ListSync 0.6{_ASKS}"),
    OldStatus.ALREADY_REQUESTED: (ItemStatus.ALREADY_REQUESTED, f"requested when ListSync 0.6 looked{_ASKS}"),
    OldStatus.ALREADY_AVAILABLE: (ItemStatus.ALREADY_AVAILABLE, f"available when ListSync 0.6 looked{_ASKS}"),
    OldStatus.SKIPPED: (ItemStatus.WAITING, f"skipped by ListSync 0.6, which does not say why{_ASKS}"),
    OldStatus.REQUEST_FAILED: (ItemStatus.WAITING, "ListSync 0.6 could not request it; the next sync tries again"),
    OldStatus.NOT_FOUND: (ItemStatus.NOT_FOUND, "not found by ListSync 0.6; the next sync looks again"),
}
_OTHERWISE = (ItemStatus.WAITING, "ListSync 0.6 failed at it; the next sync tries again")


@dataclass(slots=True)
class OldTitle:
    """One title of 0.6, from all its rows; `number` is that of TMDB, and `lists` those that hold it."""

    title: str
    media_type: MediaType | None
    year: int | None
    imdb_id: str | None
    number: int | None
    status: OldStatus
    seen_at: datetime | None
    rows: int = 1
    lists: dict[ListKey, datetime | None] = field(default_factory=dict)

    @property
    def item(self) -> MediaItem:
        """Return the title as a list states it."""
        return MediaItem(self.title, self.media_type, self.year, MediaIds(self.number, self.imdb_id))

    @property
    def label(self) -> str:
        """Return what people call it."""
        return self.item.label

    @property
    def key(self) -> TitleKey | None:
        """Return kind and number, if both are known."""
        return (self.media_type, self.number) if self.media_type and self.number else None

    @property
    def is_sure(self) -> bool:
        """Return whether 0.6 requested exactly this title."""
        return self.status is OldStatus.REQUESTED and self.media_type is not None

    @property
    def shown(self) -> tuple[ItemStatus, str]:
        """Return the state and the reason under which it is shown until the next sync."""
        return _SHOWN.get(self.status, _OTHERWISE)

    def take_in(self, other: "OldTitle") -> None:
        """Take in another row of the same title: the state that proves more counts, and facts that were missing."""
        self.rows += other.rows
        if _RANKS[other.status] < _RANKS[self.status]:
            self.status = other.status
        self.title = self.title or other.title
        self.year, self.imdb_id = self.year or other.year, self.imdb_id or other.imdb_id
        self.seen_at = max(filter(None, (self.seen_at, other.seen_at)), default=None)
        for key, moment in other.lists.items():
            self.lists.setdefault(key, moment)


def read_titles(
    old: OldDatabase, keys: Mapping[tuple[str, str], ListKey | None], *, now: datetime
) -> dict[str, OldTitle]:
    """Return the titles by a key that is the same for all rows of one; `keys` are the lists by type and id."""
    titles: dict[str, OldTitle] = {}
    places: dict[object, str] = {}
    for row in old.rows("synced_items", *_COLUMNS):
        title = parse_row(row[1:], keys, now=now)
        key = title.item.key
        places[row[0]] = key
        if key in titles:
            titles[key].take_in(title)
        else:
            titles[key] = title
    for item_id, list_type, list_id, synced_at in old.rows(
        "item_lists", "item_id", "list_type", "list_id", "synced_at"
    ):
        of = keys.get((find_text(list_type), find_text(list_id)))
        if of is not None and (place := places.get(item_id)) is not None:
            titles[place].lists.setdefault(of, find_moment(synced_at, now=now))
    return titles


def parse_row(values: Row, keys: Mapping[tuple[str, str], ListKey | None], *, now: datetime) -> OldTitle:
    """Return the title of one row; values of any kind are taken."""
    title, kind, year, imdb_id, overseerr_id, tmdb_id, status, seen, list_type, list_id = values
    seen_at = find_moment(seen, now=now)
    source = keys.get((find_text(list_type), find_text(list_id)))
    return OldTitle(
        find_text(title),
        find_kind(kind),
        find_year(year),
        find_imdb_id(imdb_id),
        # What was requested; tmdb_id is what the list stated.
        find_number(overseerr_id) or find_number(tmdb_id),
        _find_status(status),
        seen_at,
        lists={} if source is None else {source: seen_at},
    )


def _find_status(value: object) -> OldStatus:
    text = find_text(value).casefold()
    return OldStatus(text) if text in OldStatus._value2member_map_ else OldStatus.UNKNOWN


def find_quality(values: Mapping[str, str], settings: Settings) -> Quality:
    """Return the quality of all requests of 0.6: what its database said counted, else the environment."""
    stored = values.get("OVERSEERR_4K", "").lower()
    is_uhd = stored == "true" if stored else (settings.environment or settings.household).overseerr_4k
    return Quality.UHD if is_uhd else Quality.HD


def find_proofs(titles: Iterable[OldTitle], quality: Quality, *, now: datetime) -> Iterator[ImportedRequest]:
    """Yield what the titles prove, what is sure first.

    A number without a kind is that of the title that was surely requested with it, or else of a film and of a show.
    """
    titles = list(titles)
    kinds = defaultdict[int | None, set[MediaType]](set)
    for title in titles:
        if title.is_sure and title.media_type:
            kinds[title.number].add(title.media_type)
    proofs = [title for title in titles if title.number is not None and title.status.proves_request]
    for title in sorted(proofs, key=lambda one: not one.is_sure):
        known = kinds.get(title.number, set())
        for kind in (title.media_type,) if title.media_type else known if len(known) == 1 else MediaType:
            yield ImportedRequest(kind, title.number or 0, quality, title.seen_at or now, title.is_sure)
