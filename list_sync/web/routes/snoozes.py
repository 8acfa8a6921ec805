"""Snoozes of titles."""

from datetime import datetime

from fastapi import APIRouter, Request

from list_sync.correcting.acting import Act, act_on
from list_sync.correcting.keys import keys_to_ban
from list_sync.model.access import Scope
from list_sync.storage.title_search import TitleRecord
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.orders import Decided, SnoozeOrder
from list_sync.web.parts import Parts
from list_sync.web.problems import may_answer
from list_sync.web.routes.decisions import build_answer, require_done
from list_sync.web.routes.items import ItemId, get_record
from list_sync.web.routes.pause import find_end


def routes(parts: Parts) -> APIRouter:
    """Return the routes that snooze titles."""
    router = APIRouter(prefix="/api/items/{item_id}", tags=["titles"], responses=may_answer(404, 409, 422))
    decides = [needs(Scope.ADMIN)]

    @router.post("/snooze", response_model=Decided, dependencies=decides)
    def snooze(item_id: ItemId, order: SnoozeOrder, request: Request) -> Decided:
        """Do not request this title for a time."""
        record = get_record(parts, item_id)
        until = find_end(order, parts, what="snooze")
        tell_deed(request.scope, "snooze", f"{record.label}: until {until:%Y-%m-%d %H:%M:%S %z}")
        return build_answer(record, _snooze(parts, record, until))

    @router.delete("/snooze", response_model=Decided, dependencies=decides)
    def end_snooze(item_id: ItemId, request: Request) -> Decided:
        """End the snooze of this title."""
        record = get_record(parts, item_id)
        tell_deed(request.scope, "end snooze", record.label)
        act_on(parts.store, Act.UNSNOOZE, [[record]], at=parts.now())
        return build_answer(record, keys_to_ban(record))

    return router


def _snooze(parts: Parts, record: TitleRecord, until: datetime) -> tuple[str, ...]:
    outcome = act_on(parts.store, Act.SNOOZE, [[record]], at=parts.now(), until=until)
    require_done(Act.SNOOZE, outcome, record)
    return keys_to_ban(record)
