"""The words of users about titles: pin, ban, take back, ask anew."""

from http import HTTPStatus

from fastapi import APIRouter, Request

from list_sync.correcting.acting import Act, Outcome, act_on
from list_sync.correcting.keys import keys_to_ban, keys_to_pin
from list_sync.correcting.pins import pin_record, take_back_keys
from list_sync.correcting.targets import check_target
from list_sync.model.access import Scope
from list_sync.storage.retries import RETRIED
from list_sync.storage.title_search import TitleRecord
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.orders import Decided, PinOrder
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer
from list_sync.web.routes.items import ItemId, get_record


def routes(parts: Parts) -> APIRouter:
    """Return the routes that decide about titles."""
    router = APIRouter(prefix="/api/items/{item_id}", tags=["titles"], responses=may_answer(404, 422))
    decides = [needs(Scope.ADMIN)]

    @router.post("/pin", response_model=Decided, dependencies=decides)
    def pin(item_id: ItemId, order: PinOrder, request: Request) -> Decided:
        """Save which TMDB title this is, if TMDB has that title.

        The next sync requests it, also if its request was taken back before.
        """
        record = get_record(parts, item_id)
        tell_deed(request.scope, "pin", f"{record.label}: {order.target}")
        return pin_title(parts, record, order)

    @router.post("/ban", response_model=Decided, dependencies=decides)
    def ban(item_id: ItemId, request: Request) -> Decided:
        """Save that this title is never requested."""
        record = get_record(parts, item_id)
        tell_deed(request.scope, "ban", record.label)
        act_on(parts.store, Act.BAN, [[record]], at=parts.now())
        return build_answer(record, keys_to_ban(record))

    @router.delete("/pin", response_model=Decided, dependencies=decides)
    def take_back(item_id: ItemId, request: Request) -> Decided:
        """Take back the pin or the ban of this title."""
        record = get_record(parts, item_id)
        tell_deed(request.scope, "unpin", record.label)
        keys = take_back_keys(parts.store, {*keys_to_pin(record), *keys_to_ban(record)})
        if not keys:
            raise Problem(HTTPStatus.NOT_FOUND, f"there is no pin and no ban of {record.label}")
        return build_answer(record, keys)

    @router.post("/retry", response_model=Decided, dependencies=[needs(Scope.TRIGGER)], responses=may_answer(409))
    def ask_anew(item_id: ItemId, request: Request) -> Decided:
        """Let the next sync look for this title and request it as if it were new, after it was not found or failed."""
        record = get_record(parts, item_id)
        tell_deed(request.scope, "retry", record.label)
        require_done(Act.RETRY, act_on(parts.store, Act.RETRY, [[record]], at=parts.now()), record)
        return build_answer(record, ())

    return router


def pin_title(parts: Parts, record: TitleRecord, order: PinOrder, *, advice: str = 'add "other_kind": true') -> Decided:
    """Save which TMDB title a title is; raise InvalidListId if TMDB does not have it, or if it is of another kind."""
    _, doubt = check_target(parts.open_client, order.media_type, order.tmdb_id)
    needed = None if order.other_kind else advice
    keys = pin_record(parts.store, record, order.media_type, order.tmdb_id, at=parts.now(), advice=needed)
    return build_answer(record, keys, f"it could not be checked that TMDB has {order.target}: {doubt}" if doubt else "")


def require_done(act: Act, outcome: Outcome, record: TitleRecord) -> None:
    """Raise Problem if something was not done with a title."""
    if outcome.done:
        return
    detail = f"{record.label} is {', '.join(outcome.left)}"
    if act is Act.RETRY:
        *others, last = (state.value for state in RETRIED)
        known = f"{', '.join(others)} or {last}, or that an undo took back,"
        detail = f"{record.label} is {record.status.value}: only a title that is {known} is asked for anew"
    elif act is Act.SNOOZE:
        detail = f"{record.label}: it is banned and never requested: take the ban back first"
    raise Problem(HTTPStatus.CONFLICT, detail)


def build_answer(record: TitleRecord, keys: tuple[str, ...], remark: str = "") -> Decided:
    """Return a decision about a title."""
    return Decided(id=record.item_id, title=record.label, keys=list(keys), note=remark)
