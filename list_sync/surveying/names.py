"""The names of titles of which lists state ids only: needed where titles are excluded by name."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeGuard

from list_sync.database.store import Store
from list_sync.model.matches import Match, MatchResult, NoMatch, NoMatchReason
from list_sync.model.titles import TitleKey
from list_sync.storage.server_memory import find_name, save_details
from list_sync.surveying.reading import Reading

UNREAD = "the server could not read its name just now, and names are excluded; tried again in the next run"


def give_names(
    results: Sequence[MatchResult], store: Store, read: Callable[[Collection[TitleKey]], Reading], *, now: datetime
) -> Sequence[MatchResult]:
    """Return matches, those without a name with the one that is stored or, the first time, read from their pages.

    A title whose page cannot be read now counts as not looked up: it may have a name that is excluded.
    """
    keys = sorted({(one.media_type, one.tmdb_id) for one in results if _is_untitled(one)})
    if not keys:
        return results
    with store.reading() as connection:
        unread = [key for key in keys if not find_name(connection, key)]
    reading = read(unread)
    with store.writing() as connection:
        save_details(connection, reading.details.values(), at=now)
        names = {key: find_name(connection, key) for key in keys}

    def give(one: MatchResult) -> MatchResult:
        if not _is_untitled(one):
            return one
        key = (one.media_type, one.tmdb_id)
        if key in reading.unreadable:
            return NoMatch(one.wanted, NoMatchReason.LOOKUP_FAILED, UNREAD)
        return replace(one, name=names[key])

    return [give(one) for one in results]


def _is_untitled(result: MatchResult) -> TypeGuard[Match]:
    return isinstance(result, Match) and not result.name and not result.wanted.item.title
