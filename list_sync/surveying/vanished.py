"""Requests of ours that the server had at the end of the last run and does not have now (pure).

If one is gone, a person deleted it. If most are gone at once, the server probably lost its data or got an older copy.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from list_sync.model.journal import JournalEntry, RequestState, are_most_gone
from list_sync.model.servers import AnswerKind, MediaState
from list_sync.model.titles import TitleKey

STANDING = frozenset({RequestState.ACCEPTED, RequestState.CONFIRMED})

States = Mapping[TitleKey, MediaState]


@dataclass(frozen=True, slots=True)
class Changes:
    """The numbers of the journal's entries that vanished with most others, and of those that came back."""

    vanished: frozenset[int] = frozenset()
    returned: frozenset[int] = frozenset()


def find_changes(entries: Iterable[JournalEntry], before: States, now: States) -> Changes:
    """Compare all that the server has now with what it had at the end of the last run."""
    entries = [entry for entry in entries if entry.answer != AnswerKind.NOTHING_LEFT]
    standing = [entry for entry in entries if entry.state in STANDING and _is_there(entry, before)]
    gone = [entry for entry in standing if not _is_there(entry, now)]
    is_most = are_most_gone(len(gone), len(standing))
    returned = [entry for entry in entries if entry.state is RequestState.VANISHED and _is_there(entry, now)]
    return Changes(_numbers(gone if is_most else ()), _numbers(returned))


def _is_there(entry: JournalEntry, states: States) -> bool:
    state = states.get((entry.media_type, entry.tmdb_id))
    requests = state.requests_in(entry.quality) if state else ()
    seasons = frozenset(entry.seasons)
    # The server may have accepted only some of the seasons.
    return any(not seasons or seasons & request.seasons for request in requests)


def _numbers(entries: Iterable[JournalEntry]) -> frozenset[int]:
    return frozenset(entry.entry_id for entry in entries)
