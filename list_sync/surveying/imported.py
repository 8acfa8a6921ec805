"""What ListSync 0.6 knew of titles, compared with what the server has: which requests stand, and which are taken back.

0.6 kept its states by number and sometimes confused a film with a show of the same number. So what it merely knew
proves nothing about a title that the server does not have, if the server has the other one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from list_sync.model.journal import REQUESTED_BEFORE, JournalEntry, RequestState, are_most_gone
from list_sync.model.servers import Availability, MediaState
from list_sync.model.titles import MediaType, Quality, TitleKey
from list_sync.storage.journal import RequestJournal

# A request that the server loses can leave the title pending although no request for it exists.
_UNASKED = frozenset({Availability.UNKNOWN, Availability.PENDING})
States = Mapping[TitleKey, MediaState]


@dataclass(frozen=True, slots=True)
class Settled:
    """The numbers of the entries whose titles the server has, that were taken back, and that prove nothing.

    `is_reset` says that so many are gone that the server probably lost its data.
    """

    standing: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()
    confused: tuple[int, ...] = ()

    @property
    def is_reset(self) -> bool:
        """Return whether so many are gone that the server probably lost them."""
        return are_most_gone(len(self.gone), len(self.gone) + len(self.standing))


def is_there(state: MediaState | None, quality: Quality) -> bool:
    """Return whether the server has a title, or a request for it."""
    return state is not None and (state.availability_in(quality) not in _UNASKED or bool(state.requests_in(quality)))


def compare_imported(entries: Iterable[JournalEntry], states: States) -> Settled:
    """Sort entries of 0.6 by what the server has."""
    standing, gone, confused = list[int](), list[int](), list[int]()
    for entry in entries:
        kind, number = entry.title_key
        other = MediaType.TV if kind is MediaType.MOVIE else MediaType.MOVIE
        if is_there(states.get((kind, number)), entry.quality):
            standing.append(entry.entry_id)
        elif entry.answer != REQUESTED_BEFORE and is_there(states.get((other, number)), entry.quality):
            confused.append(entry.entry_id)
        else:
            gone.append(entry.entry_id)
    return Settled(tuple(standing), tuple(gone), tuple(confused))


def settle_imported(journal: RequestJournal, states: States) -> Settled:
    """Record what the server has of the titles that were imported since it was last asked; `states` is everything.

    What is gone was taken back by a person (decision 006), unless most is gone (decision 015).
    """
    entries = journal.load_unsettled()
    if not entries:
        return Settled()
    settled = compare_imported(entries, states)
    of_gone = RequestState.VANISHED if settled.is_reset else RequestState.IMPORTED
    journal.adopt(
        [(RequestState.IMPORTED, settled.standing), (of_gone, settled.gone), (RequestState.LOST, settled.confused)]
    )
    return settled
