"""What a user does with titles, one or many at once: pins, bans, snoozes, taking these back, and asking anew."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from list_sync.correcting.keys import keys_to_ban, keys_to_pin
from list_sync.database.store import Store
from list_sync.model.matches import Pin
from list_sync.storage.memory import save_snoozes
from list_sync.storage.pin_rows import Change, PinRow, Rows, delete_decisions, load_rows, put_back, save_decisions
from list_sync.storage.retries import may_retry, retry
from list_sync.storage.title_search import TitleRecord


class Act(StrEnum):
    """What is done with a title."""

    BAN = "ban"
    UNBAN = "unban"
    SNOOZE = "snooze"
    UNSNOOZE = "unsnooze"
    UNPIN = "unpin"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many titles something was done with, why it was not done with others, and what changed of pins and bans."""

    done: int
    left: Mapping[str, int]
    change: Change


def act_on(
    store: Store, act: Act, batches: Iterable[Sequence[TitleRecord]], *, at: datetime, until: datetime | None = None
) -> Outcome:
    """Do something with batches of titles, each written at once; `until` is the end of a snooze."""
    total, left = 0, Counter[str]()
    before: dict[str, PinRow | None] = {}
    after: dict[str, PinRow | None] = {}
    for batch in batches:
        total += len(batch)
        every = {key for record in batch for key in find_keys(act, record)}
        with store.writing() as connection:
            rows = load_rows(connection, store.household, every)
            retried = {one.item_id for one in batch if act is Act.RETRY and may_retry(connection, store.household, one)}
            reasons = [_refuse(act, record, rows, retried) for record in batch]
            keys = _choose_keys(act, batch, reasons, rows)
            match act:
                case Act.RETRY:
                    retry(connection, store.household, keys)
                case Act.BAN:
                    save_decisions(connection, store.household, [Pin(key) for key in keys], at=at)
                case Act.SNOOZE | Act.UNSNOOZE:
                    save_snoozes(connection, store.household, keys, until, at=at)
                case Act.UNBAN | Act.UNPIN:
                    delete_decisions(connection, store.household, keys)
            after |= load_rows(connection, store.household, every)
        left.update(filter(None, reasons))
        before = {**rows, **before}
    return Outcome(total - left.total(), left, Change(before, after))


def find_keys(act: Act, record: TitleRecord) -> tuple[str, ...]:
    """Return the keys under which something is kept, or taken back."""
    keys = keys_to_ban(record)
    return tuple(dict.fromkeys([*keys_to_pin(record), *keys])) if act is Act.UNPIN else keys


def count_refusals(store: Store, act: Act, records: Sequence[TitleRecord]) -> dict[str, int]:
    """Return why something would not be done with some of these titles, and with how many; nothing is written."""
    keys = {key for record in records for key in find_keys(act, record)}
    with store.reading() as connection:
        rows = load_rows(connection, store.household, keys)
        retried = {one.item_id for one in records if act is Act.RETRY and may_retry(connection, store.household, one)}
    return dict(Counter(filter(None, (_refuse(act, record, rows, retried) for record in records))))


def _choose_keys(act: Act, records: Sequence[TitleRecord], reasons: Sequence[str], rows: Rows) -> set[str]:
    chosen = [record for record, reason in zip(records, reasons, strict=True) if not reason]
    keys = {key for record in chosen for key in find_keys(act, record)}
    is_meant = _TAKEN_BACK.get(act)
    return keys if is_meant is None else {key for key in keys if (row := rows[key]) and is_meant(row)}


_TAKEN_BACK: Mapping[Act, Callable[[PinRow], bool]] = {
    Act.UNBAN: lambda row: row.is_ban,
    Act.UNPIN: lambda row: row.is_pin,
    Act.UNSNOOZE: lambda row: row.until is not None,
}
_NOTHING = {Act.UNBAN: "not banned", Act.UNPIN: "not pinned", Act.UNSNOOZE: "not snoozed"}


def _refuse(act: Act, record: TitleRecord, rows: Rows, retried: Collection[int]) -> str:
    """Return why something is not done with a title, or ""; `retried` are the titles that may be asked for anew."""
    if act is Act.RETRY:
        return "" if record.item_id in retried else record.status.value.replace("_", " ")
    own = [row for key in find_keys(act, record) if (row := rows[key])]
    if act is Act.SNOOZE:
        return "banned" if any(row.is_ban for row in own) else ""
    is_meant = _TAKEN_BACK.get(act)
    return _NOTHING[act] if is_meant and not any(map(is_meant, own)) else ""


def change_keys(store: Store, keys: Collection[str], act: Callable[[], object]) -> Change:
    """Do something, and return what it changed under these keys."""
    with store.reading() as connection:
        before = load_rows(connection, store.household, keys)
    act()
    with store.reading() as connection:
        return Change(before, load_rows(connection, store.household, keys))


def take_back(store: Store, change: Change) -> int:
    """Take a change back, where nothing else changed since; return the number of keys."""
    with store.writing() as connection:
        return put_back(connection, store.household, change)
