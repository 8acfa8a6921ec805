"""What to do about a title that was refused and put on a list again."""

from dataclasses import replace
from datetime import datetime

from list_sync.model.decisions import REFUSALS, Decision, ItemStatus, Knowledge, OwnRequest, OwnState, Skip, Wish
from list_sync.model.servers import Availability, MediaState, RequestStatus
from list_sync.model.titles import Quality
from list_sync.planning.arrs import LIVE
from list_sync.planning.choosing import as_wished
from list_sync.planning.decide import decide

_GONE = frozenset({Availability.UNKNOWN, Availability.DELETED})


def decide_again(wish: Wish, decision: Decision, knowledge: Knowledge, *, now: datetime) -> Decision:
    """Return the decision as if the title had not been declined, deleted or taken back, for lists that have it anew.

    Only these lists count for it. If they do not want the title, the refusal stands. A title on the blocklist stays
    there.
    """
    readded = knowledge.readded.get(wish.key, ()) if wish.key else ()
    if wish.key is None or not readded or not isinstance(decision, Skip) or decision.status not in REFUSALS:
        return decision
    title, own, state = wish.key[:2], knowledge.own.get(wish.key), knowledge.states.get(wish.key[:2])
    states = {title: _without_refusals(state, wish.quality)} if state else {}
    left = {wish.key: own} if own and not _is_superseded(own) else {}
    asking = Wish(wish.result.narrowed_to([one.source for one in readded]), wish.quality, wish.excluded)
    again = decide(asking, replace(knowledge, states=states, own=left), now=now)
    if isinstance(again, Skip) and again.status is not ItemStatus.WAITING:
        return decision
    return as_wished(replace(again, rules=(readded[0].rule, *again.rules)), wish)


def _is_superseded(own: OwnRequest) -> bool:
    """Return whether the server tells more of our request: one that stands is among its requests."""
    return own.state is OwnState.ON_SERVER


def _without_refusals(state: MediaState, quality: Quality) -> MediaState:
    availability = state.availability_in(quality)
    over = {RequestStatus.DECLINED}
    if availability is Availability.DELETED:
        # The scan that missed the files changed no count: requests are remembered as they were before it.
        over |= LIVE
    if availability in _GONE:
        availability = Availability.UNKNOWN
        over.add(RequestStatus.COMPLETED)
    left = [one for one in state.requests if one.quality is not quality or one.status not in over]
    seasons = {number: found for number, found in state.seasons_in(quality).items() if found not in _GONE}
    state = state.with_requests(left)
    if quality is Quality.UHD:
        return replace(state, availability_4k=availability, seasons_4k=seasons)
    return replace(state, availability=availability, seasons=seasons)
