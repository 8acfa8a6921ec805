"""The entries of both feeds: requests with why they were made, and what waits with when it goes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from list_sync.model.journal import JournalEntry
from list_sync.model.shown import names_a_day, shown_seasons, shown_user
from list_sync.model.titles import Quality, tmdb_page_url
from list_sync.storage.lists import ListRecord
from list_sync.storage.run_requests import RunRequest
from list_sync.storage.title_search import TitleRecord

LONGEST_TEXT = 1_000


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry; its `number` stays the same for as long as it is there.

    `at` is when it happened or will happen, `changed_at` when it was last another one. `is_day` says that only the day
    is known. `path` leads to its page, `address` to its page at TMDB.
    """

    number: UUID
    title: str
    text: str
    at: datetime
    changed_at: datetime
    is_day: bool = False
    kind: str = ""
    path: str = ""
    address: str = ""


def make_number(*parts: object) -> UUID:
    """Return the number of what these parts tell apart from all else, also from that of another installation."""
    return uuid5(NAMESPACE_URL, "list-sync:" + "\n".join(map(str, parts)))


def describe_requests(
    household: str,
    requests: tuple[RunRequest, ...],
    records: Mapping[int, TitleRecord],
    *,
    users: Mapping[int, str],
    name_list: Callable[[str], str],
) -> Iterator[FeedEntry]:
    """Yield an entry for each request; `name_list` returns what people call a list."""
    for one in requests:
        entry, record = one.entry, records.get(one.item_id or 0)
        lines = [
            _say_request(entry, users, _find_list(entry, record, name_list)),
            _say_match(record),
            f"Now: {one.status.value.replace('_', ' ')}{f' ({one.reason})' if one.reason else ''}."
            if one.status
            else "",
        ]
        yield FeedEntry(
            number=make_number("request", household, entry.entry_id, entry.sent_at.isoformat()),
            title=f"{one.title} in 4K" if entry.quality is Quality.UHD else one.title,
            text="\n".join(filter(None, lines))[:LONGEST_TEXT],
            at=entry.sent_at,
            changed_at=max(filter(None, (entry.sent_at, entry.settled_at))),
            kind=entry.media_type.word,
            path=f"/items/{one.item_id}" if one.item_id else f"/runs/{entry.run_id}",
            address=tmdb_page_url(entry.media_type, entry.tmdb_id),
        )


def _find_list(entry: JournalEntry, record: TitleRecord | None, name_list: Callable[[str], str]) -> str:
    """Return the list that decided about a request, else the most important one that the title is on."""
    if entry.list_id:
        return name_list(f"{entry.list_type}:{entry.list_id}")
    return name_list(record.lists[0]) if record and record.lists else ""


def _say_request(entry: JournalEntry, users: Mapping[int, str], source: str) -> str:
    wanted = f", because {source} wants it" if source else ""
    seasons = f", {shown_seasons(entry.seasons)}" if entry.seasons else ""
    noted = f" Later: {entry.note}." if entry.note else ""
    return f"Requested as {shown_user(entry.requester_id, users)}{seasons}{wanted}.{noted}"


def _say_match(record: TitleRecord | None) -> str:
    if record is None or record.method is None:
        return ""
    entry = record.explanation.entry if record.explanation else ""
    return f"Found by {record.method.value.replace('_', ' ')}{f', {entry}' if entry else ''}."


def describe_waiting(household: str, records: tuple[TitleRecord, ...]) -> Iterator[FeedEntry]:
    """Yield an entry for each title of which it is known when it goes."""
    for one in records:
        if one.goes_at is None:
            continue
        yield FeedEntry(
            number=make_number("waiting", household, one.item_id, one.first_seen.isoformat()),
            title=f"{one.label} in 4K" if one.quality is Quality.UHD else one.label,
            text=one.reason[:LONGEST_TEXT],
            at=one.goes_at,
            changed_at=one.changed_at or one.first_seen,
            is_day=names_a_day(one.reason),
            kind=one.media_type.word if one.media_type else "",
            path=f"/items/{one.item_id}",
            address=tmdb_page_url(one.media_type, one.tmdb_id) if one.media_type and one.tmdb_id else "",
        )


def describe_lists(
    household: str, records: tuple[ListRecord, ...], *, now: datetime, name_list: Callable[[str], str]
) -> Iterator[FeedEntry]:
    """Yield an entry for each list that failed and is tried again at a known time."""
    for one in records:
        if one.backoff_until is None or one.backoff_until <= now:
            continue
        name = name_list(f"{one.list_type}:{one.list_id}")
        yield FeedEntry(
            number=make_number("list", household, one.list_type, one.list_id),
            title=f"{name} is tried again",
            text=(one.reason or "")[:LONGEST_TEXT],
            at=one.backoff_until,
            changed_at=one.fetched_at or one.backoff_until,
            path="/lists",
        )


def describe_pause(household: str, until: datetime) -> FeedEntry:
    """Return the entry for the end of a pause."""
    number = make_number("pause", household)
    return FeedEntry(number, "Syncs begin again", "No sync starts before that.", until, until, path="/")
