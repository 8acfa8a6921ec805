"""What our journal says about the titles that we requested."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from list_sync.model.decisions import OwnRequest, OwnState
from list_sync.model.journal import JournalEntry, RequestState
from list_sync.model.servers import AnswerKind, MediaState
from list_sync.model.titles import QualityKey, TitleKey
from list_sync.surveying.vanished import STANDING, find_changes

_STATES = {
    RequestState.SENT: OwnState.UNSETTLED,
    RequestState.WITHDRAWING: OwnState.UNSETTLED,
    RequestState.ACCEPTED: OwnState.UNREAD,
    RequestState.CONFIRMED: OwnState.ON_SERVER,
    RequestState.REFUSED: OwnState.REFUSED,
    RequestState.VANISHED: OwnState.VANISHED,
}


class RequestRecords(Protocol):
    """The part of the journal of sent requests that surveying needs."""

    def load_entries(self, *states: RequestState, since: datetime | None = None) -> Collection[JournalEntry]:
        """Return the entries that are in one of the states, and sent since a moment."""
        ...

    def mark(self, entry_ids: Collection[int], state: RequestState) -> None:
        """Give several entries a state that was found out later."""
        ...


class OwnRecords:
    """What the journal says in one run."""

    def __init__(self, journal: RequestRecords, *, recovered: Collection[int] = ()) -> None:
        self._journal = journal
        self._recovered = recovered

    def load(self) -> dict[QualityKey, OwnRequest]:
        """Return what we remember of each title in each quality."""
        return own_requests(self._journal.load_entries(*_STATES), recovered=self._recovered)

    def find_sent_since(self, moment: datetime | None) -> frozenset[TitleKey]:
        """Return the titles that we requested since a moment; none if it is None."""
        entries = self._journal.load_entries(*STANDING, since=moment) if moment else ()
        return frozenset((entry.media_type, entry.tmdb_id) for entry in entries)

    def compare(
        self, before: Mapping[TitleKey, MediaState], now: Mapping[TitleKey, MediaState]
    ) -> dict[QualityKey, OwnRequest]:
        """Record which requests vanished with most others, and which came back; return what is remembered now.

        It is recorded at once, also in a dry run, because the run replaces the memory of what the server had before.
        """
        changes = find_changes(self._journal.load_entries(*STANDING, RequestState.VANISHED), before, now)
        self._journal.mark(changes.vanished, RequestState.VANISHED)
        self._journal.mark(changes.returned, RequestState.CONFIRMED)
        return self.load()


def own_requests(entries: Iterable[JournalEntry], *, recovered: Collection[int] = ()) -> dict[QualityKey, OwnRequest]:
    """Return what we remember of each title in each quality: the last entry, and the seasons of all entries.

    Entries that were lost, withdrawn, or released by the user do not count. `recovered` are the numbers of those that
    were found on the server after their run was cut off.
    """
    own: dict[QualityKey, OwnRequest] = {}
    for entry in sorted(entries, key=lambda one: one.entry_id):
        state = _STATES.get(entry.state)
        if state is None:
            continue
        key = (entry.media_type, entry.tmdb_id, entry.quality)
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
        own[key] = OwnRequest(state, entry.sent_at, seasons)
    return own


def _answer_kind(answer: str) -> AnswerKind | None:
    return next((kind for kind in AnswerKind if kind.value == answer), None)
