"""What our journal says about the titles that we requested, and which of these requests vanished from the server.

If one is gone, a person deleted it. If most are gone at once, the server probably lost its data or got an older copy.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from list_sync.model.decisions import OwnRequest, OwnState
from list_sync.model.journal import STANDING, JournalEntry, RequestState, are_most_gone
from list_sync.model.servers import AnswerKind
from list_sync.model.titles import QualityKey, TitleKey
from list_sync.storage.journal import RequestJournal
from list_sync.surveying.imported import settle_imported
from list_sync.surveying.reading import States

_STATES = {
    RequestState.SENT: OwnState.UNSETTLED,
    RequestState.WITHDRAWING: OwnState.UNSETTLED,
    RequestState.ACCEPTED: OwnState.UNREAD,
    RequestState.CONFIRMED: OwnState.ON_SERVER,
    RequestState.REFUSED: OwnState.REFUSED,
    RequestState.VANISHED: OwnState.VANISHED,
    RequestState.IMPORTED: OwnState.ON_SERVER,
    # Of an undone run: it is not on the server any more, as if a person had taken it back.
    RequestState.WITHDRAWN: OwnState.ON_SERVER,
}


_ON_SERVER = (*STANDING, RequestState.IMPORTED)
_COMPARED = (*_ON_SERVER, RequestState.VANISHED)


@dataclass(frozen=True, slots=True)
class Changes:
    """The numbers of the journal's entries that vanished with most others, and of those that came back."""

    vanished: frozenset[int] = frozenset()
    returned: frozenset[int] = frozenset()


class OwnRecords:
    """What the journal says in one run."""

    def __init__(self, journal: RequestJournal, *, recovered: Collection[int] = ()) -> None:
        self._journal = journal
        self._recovered = recovered

    def load(self) -> dict[QualityKey, OwnRequest]:
        """Return what we remember of each title in each quality."""
        return own_requests(self._journal.load_entries(*_STATES), recovered=self._recovered)

    def find_sent_since(self, moment: datetime | None) -> frozenset[TitleKey]:
        """Return the titles that we requested since a moment; none if it is None."""
        entries = self._journal.load_entries(*STANDING, since=moment) if moment else ()
        return frozenset(entry.title_key for entry in entries)

    def compare(self, before: States, now: States) -> dict[QualityKey, OwnRequest]:
        """Record which requests vanished with most others, and which came back; return what is remembered now.

        It is recorded at once, also in a dry run, because the run replaces the memory of what the server had before.
        """
        settle_imported(self._journal, now)
        changes = find_changes(self._journal.load_entries(*_COMPARED), before, now)
        self._journal.mark(changes.vanished, RequestState.VANISHED)
        self._journal.mark(changes.returned, RequestState.CONFIRMED)
        return self.load()


def own_requests(entries: Iterable[JournalEntry], *, recovered: Collection[int] = ()) -> dict[QualityKey, OwnRequest]:
    """Return what we remember of each title in each quality: the last entry, and the seasons of all entries.

    Entries that were lost, withdrawn other than by an undo, or released by the user do not count. `recovered` are the
    numbers of those that were found on the server after their run was cut off.
    """
    own: dict[QualityKey, OwnRequest] = {}
    for entry in sorted(entries, key=lambda one: one.entry_id):
        state = _STATES.get(entry.state)
        if state is None or (entry.state is RequestState.WITHDRAWN and entry.undone_in is None):
            continue
        key = entry.quality_key
        if entry.entry_id in recovered:
            state = OwnState.RECOVERED
        earlier = own.get(key)
        if state is OwnState.REFUSED:
            own.setdefault(key, OwnRequest(state, entry.sent_at, answer=_answer_kind(entry.answer)))
            if earlier and earlier.state is OwnState.REFUSED:
                own[key] = OwnRequest(state, entry.sent_at, answer=_answer_kind(entry.answer))
            continue
        if state in (OwnState.ON_SERVER, OwnState.UNREAD) and entry.answer == AnswerKind.NOTHING_LEFT:
            state = earlier.state if earlier and earlier.state is not OwnState.REFUSED else OwnState.NOTHING_LEFT
        seasons = frozenset(entry.seasons) | (earlier.seasons if earlier else frozenset())
        undone_run = entry.run_id if entry.state is RequestState.WITHDRAWN else None
        own[key] = OwnRequest(
            state, entry.sent_at, seasons, undone_run=undone_run, is_imported=entry.state is RequestState.IMPORTED
        )
    return own


def _answer_kind(answer: str) -> AnswerKind | None:
    return next((kind for kind in AnswerKind if kind.value == answer), None)


def find_changes(entries: Iterable[JournalEntry], before: States, now: States) -> Changes:
    """Compare all that the server has now with what it had at the end of the last run."""
    entries = [entry for entry in entries if entry.answer != AnswerKind.NOTHING_LEFT]
    standing = [entry for entry in entries if entry.state in _ON_SERVER and _is_there(entry, before)]
    gone = [entry for entry in standing if not _is_there(entry, now)]
    is_most = are_most_gone(len(gone), len(standing))
    returned = [entry for entry in entries if entry.state is RequestState.VANISHED and _is_there(entry, now)]
    return Changes(_numbers(gone if is_most else ()), _numbers(returned))


def _is_there(entry: JournalEntry, states: States) -> bool:
    state = states.get(entry.title_key)
    requests = state.requests_in(entry.quality) if state else ()
    seasons = frozenset(entry.seasons)
    # The server may have accepted only some of the seasons.
    return any(not seasons or seasons & request.seasons for request in requests)


def _numbers(entries: Iterable[JournalEntry]) -> frozenset[int]:
    return frozenset(entry.entry_id for entry in entries)
