"""Titles that were not found or failed: what would keep the next run from asking for them anew is forgotten."""

import re

from list_sync.correcting.keys import keys_to_ban
from list_sync.database.store import Store
from list_sync.model.decisions import ItemStatus
from list_sync.model.journal import RequestState
from list_sync.model.titles import MediaType
from list_sync.storage.journal import is_undone, release
from list_sync.storage.memory import forget_missing_numbers, forget_unresolved
from list_sync.storage.title_search import TitleRecord

RETRIED = (ItemStatus.NOT_FOUND, ItemStatus.NEEDS_REVIEW, ItemStatus.ERROR, ItemStatus.REQUEST_FAILED)
_NUMBER = re.compile("tmdb:(movie|tv):([0-9]+)")


def may_retry(store: Store, record: TitleRecord) -> bool:
    """Return whether a title failed, or was taken back by an undo."""
    if record.status is not ItemStatus.DECLINED or record.media_type is None or record.tmdb_id is None:
        return record.status in RETRIED
    with store.reading() as connection:
        return is_undone(connection, store.household, (record.media_type, record.tmdb_id))


def retry(store: Store, record: TitleRecord) -> None:
    """Let the next run look for a title and request it as if it were new."""
    keys = frozenset(keys_to_ban(record))
    numbers = [(MediaType(found[1]), int(found[2])) for found in map(_NUMBER.fullmatch, keys) if found]
    with store.writing() as connection:
        forget_unresolved(connection, keys)
        forget_missing_numbers(connection, numbers)
        for media_type, tmdb_id in numbers:
            release(connection, store.household, media_type, tmdb_id, states=(RequestState.REFUSED,))
