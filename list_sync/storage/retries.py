"""Titles that failed, or were taken back: what keeps the next run from asking for them is forgotten."""

import re
from collections.abc import Collection

from sqlalchemy import Connection

from list_sync.model.decisions import ItemStatus
from list_sync.model.journal import RequestState
from list_sync.model.titles import MediaType
from list_sync.storage.journal import is_undone, release
from list_sync.storage.memory import forget_missing_numbers, forget_unresolved
from list_sync.storage.title_search import TitleRecord

RETRIED = (ItemStatus.NOT_FOUND, ItemStatus.NEEDS_REVIEW, ItemStatus.ERROR, ItemStatus.REQUEST_FAILED)
_NUMBER = re.compile("tmdb:(movie|tv):([0-9]+)")


def may_retry(connection: Connection, household: str, record: TitleRecord) -> bool:
    """Return whether a title failed, or was taken back by an undo."""
    if record.status is not ItemStatus.DECLINED or record.media_type is None or record.tmdb_id is None:
        return record.status in RETRIED
    return is_undone(connection, household, (record.media_type, record.tmdb_id))


def retry(connection: Connection, household: str, keys: Collection[str]) -> None:
    """Let the next run look for the titles with these keys, and request them as if they were new."""
    numbers = [(MediaType(found[1]), int(found[2])) for found in map(_NUMBER.fullmatch, keys) if found]
    forget_unresolved(connection, frozenset(keys))
    forget_missing_numbers(connection, numbers)
    for media_type, tmdb_id in numbers:
        release(connection, household, media_type, tmdb_id, states=(RequestState.REFUSED,))
