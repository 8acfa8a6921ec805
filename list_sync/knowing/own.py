"""What our own journal says of the titles that we asked for."""

from collections.abc import Collection, Iterable

from list_sync.model.decisions import OwnRequest, OwnState, TitleKey
from list_sync.model.journal import SentRequest
from list_sync.model.server_state import AnswerKind

_STATES = {
    "sent": OwnState.UNSETTLED,
    "accepted": OwnState.ON_SERVER,
    "confirmed": OwnState.ON_SERVER,
    "refused": OwnState.REFUSED,
}


def own_requests(
    entries: Iterable[SentRequest], *, is_4k: bool, recovered: Collection[int] = ()
) -> dict[TitleKey, OwnRequest]:
    """Return what we remember of each title in one quality; the last entry counts, seasons of all are gathered.

    Entries that were lost, or released by the user, count for nothing; `recovered` are the numbers of those that were
    found on the server after their run was cut off.
    """
    own: dict[TitleKey, OwnRequest] = {}
    for entry in sorted(entries, key=lambda one: one.entry_id):
        state = _STATES.get(entry.state)
        if state is None or entry.is_4k != is_4k:
            continue
        key = (entry.media_type, entry.tmdb_id)
        if entry.entry_id in recovered:
            state = OwnState.RECOVERED
        earlier = own.get(key)
        if state is OwnState.REFUSED:
            own.setdefault(key, OwnRequest(state, entry.sent_at, answer=_answer_kind(entry.answer)))
            if earlier and earlier.state is OwnState.REFUSED:
                own[key] = OwnRequest(state, entry.sent_at, answer=_answer_kind(entry.answer))
            continue
        if state is OwnState.ON_SERVER and entry.answer == AnswerKind.NOTHING_LEFT:
            state = earlier.state if earlier and earlier.state is not OwnState.REFUSED else OwnState.NOTHING_LEFT
        seasons = frozenset(entry.seasons) | (earlier.seasons if earlier else frozenset())
        own[key] = OwnRequest(state, entry.sent_at, seasons)
    return own


def _answer_kind(answer: str) -> AnswerKind | None:
    return next((kind for kind in AnswerKind if kind.value == answer), None)
