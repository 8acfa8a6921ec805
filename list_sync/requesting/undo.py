"""What an undo of a run does with each of its requests: withdraws it, or says why it stays."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from list_sync.model.arrs import ARR_TITLES, HeldTitle
from list_sync.model.journal import JournalEntry, RequestState
from list_sync.model.servers import AnswerKind, Availability, MediaState, RequestStatus, ServerRequest
from list_sync.model.titles import QualityKey
from list_sync.requesting.identity import find_own

_NOT_MADE = frozenset({RequestState.REFUSED, RequestState.LOST})
_THERE = frozenset({Availability.AVAILABLE, Availability.PARTIALLY_AVAILABLE})
LEFT_ALONE = "the next sync leaves the title alone"
ASKED_AGAIN = "the next sync may request the title again"
_WORDS = {
    RequestState.SENT: f"its answer was lost; an undo looks for it first, and if it is not there, {ASKED_AGAIN}",
    RequestState.WITHDRAWING: "it was being withdrawn when a run ended; an undo settles it first",
    RequestState.VANISHED: "it vanished together with most others: settle it with list-sync accept-reset",
    RequestState.RELEASED: "the title was asked for again since, by a pin or accept-reset",
}


@dataclass(frozen=True, slots=True)
class UndoLine:
    """One request of the run; `row` is the request to withdraw, or None if it stays, and `reason` says why.

    `is_undone` is True if an undo withdrew it.
    """

    entry: JournalEntry
    title: str
    reason: str
    row: ServerRequest | None = None
    is_undone: bool = False

    @property
    def has_work(self) -> bool:
        """Return whether an undo changes or settles anything here."""
        return self.row is not None or self.entry.state in (RequestState.SENT, RequestState.WITHDRAWING)


@dataclass(frozen=True, slots=True)
class Otherwise:
    """Who wants titles for another reason than the run: lists outside it, and people who pinned them since."""

    lists: Mapping[QualityKey, Sequence[str]]
    pinned: Collection[QualityKey]

    def describe(self, key: QualityKey) -> str:
        """Return why a title stays; "" if nothing but the run wanted it."""
        if key in self.pinned:
            return "you pinned it since"
        names = self.lists.get(key, ())
        return f"{', '.join(names)} wants it, outside of that run" if names else ""


def was_made(entry: JournalEntry) -> bool:
    """Return whether an entry is of a request that the server made for us, or may have made."""
    return entry.state not in _NOT_MADE and entry.answer in ("", AnswerKind.CREATED.value)


def judge_entry(
    entry: JournalEntry, title: str, state: MediaState | None, otherwise: Otherwise, arr: HeldTitle | None = None
) -> UndoLine:
    """Return whether a request is withdrawn, given what was just read of its title; None if it could not be read."""
    if entry.state is RequestState.WITHDRAWN:
        is_undone = entry.undone_in is not None
        then = LEFT_ALONE if is_undone else ASKED_AGAIN
        return UndoLine(entry, title, f"withdrawn before; {then}", is_undone=is_undone)
    if entry.state in _WORDS:
        return UndoLine(entry, title, f"stays: {_WORDS[entry.state]}")
    if state is None:
        return UndoLine(entry, title, "stays: the server cannot read this title now; undo the run again later")
    if entry.request_id is None:
        return UndoLine(
            entry, title, "stays: its number is not known, because its answer was lost; delete it on the server"
        )
    row = find_own(state.requests, entry.identity)
    if row is None or row.requester_id is None:
        return UndoLine(entry, title, f"stays: our request is not on the server any more; {LEFT_ALONE}")
    why = _find_obstacle(row, state, arr) or otherwise.describe(entry.quality_key)
    return UndoLine(entry, title, f"stays: {why}") if why else UndoLine(entry, title, _describe(row, arr), row)


def _find_obstacle(row: ServerRequest, state: MediaState, arr: HeldTitle | None) -> str:
    """Return why a request of ours is not withdrawn."""
    if row.status is RequestStatus.UNRECOGNISED:
        return "its status is not known to this version"
    if row.status is RequestStatus.DECLINED:
        return "it was declined on the server"
    if row.status is RequestStatus.COMPLETED or state.availability_in(row.quality) is Availability.AVAILABLE:
        return "it is available already"
    seasons = sorted(number for number in row.seasons if state.seasons_in(row.quality).get(number) in _THERE)
    if seasons:
        return f"season {', '.join(map(str, seasons))} is available already, at least in part"
    if arr is not None and arr.has_files and row.status is not RequestStatus.PENDING:
        return f"{ARR_TITLES[row.media_type]} has downloaded it already"
    others = [other for other in state.requests_in(row.quality) if _is_of_another(other, row)]
    return f"user {others[0].requester_id} asked for it too (request {others[0].request_id})" if others else ""


def _is_of_another(other: ServerRequest, row: ServerRequest) -> bool:
    is_alike = not row.seasons or bool(row.seasons & other.seasons)
    return is_alike and other.requester_id != row.requester_id and other.status is not RequestStatus.DECLINED


def _describe(row: ServerRequest, arr: HeldTitle | None) -> str:
    if row.status is RequestStatus.PENDING:
        return f"withdraws request {row.request_id}, which is pending"
    name, begin = ARR_TITLES[row.media_type], f"withdraws request {row.request_id}, which is approved"
    if arr is None:
        return f"{begin}: {name} may still have it and download it, remove it there"
    if not arr.has_title:
        return f"{begin}: {name} does not have it"
    return f"{begin}: {name} still has it and may download it, remove it there"
