"""The forms of the pages of titles: what a user does with one title or with many, and taking it back."""

from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.datastructures import ImmutableMultiDict
from starlette.responses import Response

from list_sync.correcting.acting import Act, act_on, change_keys
from list_sync.correcting.keys import keys_to_pin, parse_target
from list_sync.errors import InvalidListId
from list_sync.model.access import Scope
from list_sync.model.decisions import ItemStatus
from list_sync.storage.title_search import TitleRecord
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.item_filters import read_filter
from list_sync.web.models.bulk import BulkAnswer, BulkOrder
from list_sync.web.models.orders import PinOrder, SnoozeOrder
from list_sync.web.pages.forms import Form, check_order, way_back
from list_sync.web.pages.items import show_item
from list_sync.web.pages.phrases import say_count, say_moment
from list_sync.web.pages.rendering import Pages, wants_page
from list_sync.web.pages.review import PATH as REVIEW
from list_sync.web.pages.review import show_review
from list_sync.web.pages.toasts import Toast, Undo
from list_sync.web.routes.bulk import act_in_bulk, undo_change
from list_sync.web.routes.decisions import pin_title, require_done
from list_sync.web.routes.items import ItemId, get_record
from list_sync.web.routes.pause import find_end

Fields = ImmutableMultiDict[str, str]
UNDO = "/items/undo"
OTHER_KIND = "tick the box below the title, if you mean that one"
DONE = {
    Act.BAN: "Banned",
    Act.UNBAN: "Took back the ban of",
    Act.SNOOZE: "Snoozed",
    Act.UNSNOOZE: "Ended the snooze of",
    Act.UNPIN: "Took back the pin of",
    Act.RETRY: "The next sync looks anew for",
}
_SEVERAL = (Act.BAN, Act.UNBAN, Act.SNOOZE, Act.UNSNOOZE, Act.UNPIN)


@dataclass(frozen=True, slots=True)
class RefusedPin:
    """What a person typed as the TMDB title of a title, and what is wrong with it."""

    typed: str
    error: str
    other_kind: bool


def routes(pages: Pages) -> APIRouter:
    """Return the routes that take the forms."""
    router = APIRouter(dependencies=[needs(Scope.TRIGGER)])
    decides = [needs(Scope.ADMIN)]

    @router.post("/items/bulk", dependencies=decides)
    def bulk(form: Form, request: Request) -> Response:
        """Do something with the ticked titles; for all that match, ask before."""
        back = way_back(form, "/items")
        if not form.get("all") and not form.get("id"):
            return pages.answer(request, Toast("No title is ticked: tick some, then choose again.", "wait"), back)
        if "action" not in form:
            return pages.answer(request, Toast("Nothing was done: choose a button below the titles.", "wait"), back)
        is_question = bool(form.get("all")) and not form.get("confirm")
        order = read_order(form, dry_run=is_question)
        answer = act_in_bulk(pages.parts, order, request)
        if is_question:
            return pages.render(request, "items_bulk.html", order=order, answer=answer, form=form, back=back, done=DONE)
        return pages.answer(request, build_toast(answer, form), back)

    @router.post(UNDO, dependencies=decides)
    def undo(form: Form, request: Request) -> Response:
        """Take back what was done last."""
        tell_deed(request.scope, "undo")
        toast = Toast("Nothing was taken back: it was changed again since.", "wait")
        if undo_change(pages.parts, form.get("undo", "")):
            toast = Toast("Taken back: it is as it was before.")
        return pages.answer(request, toast, way_back(form, "/items"))

    @router.post("/items/{item_id}/retry")
    def retry(item_id: ItemId, form: Form, request: Request) -> Response:
        """Let the next sync look for this title anew."""
        return act_on_one(pages, request, Act.RETRY, item_id, form, way_back(form, f"/items/{item_id}"))

    _add_pin(router, pages)
    for act in _SEVERAL:
        _add_deed(router, pages, act)
    return router


def _add_pin(router: APIRouter, pages: Pages) -> None:
    @router.post("/items/{item_id}/pin", dependencies=[needs(Scope.ADMIN)])
    def pin(item_id: ItemId, form: Form, request: Request) -> Response:
        """Save which TMDB title this is."""
        record, to = get_record(pages.parts, item_id), way_back(form, f"/items/{item_id}")
        try:
            return pin_to(pages, request, record, form, to)
        except InvalidListId as error:
            if not wants_page(request):
                raise
            return _refuse_pin(pages, request, record, form, to, str(error))


def _add_deed(router: APIRouter, pages: Pages, act: Act) -> None:
    @router.post(f"/items/{{item_id}}/{act.value}", dependencies=[needs(Scope.ADMIN)], name=act.value)
    def deed(item_id: ItemId, form: Form, request: Request) -> Response:
        return act_on_one(pages, request, act, item_id, form, way_back(form, f"/items/{item_id}"))


def act_on_one(pages: Pages, request: Request, act: Act, item_id: int, form: Fields, to: str) -> Response:
    """Do something with one title, and lead to `to` with a toast; raise Problem if it cannot be done."""
    parts = pages.parts
    record = get_record(parts, item_id)
    tell_deed(request.scope, act.value, record.label)
    order = check_order(SnoozeOrder, {"for": form.get("for", "")}) if act is Act.SNOOZE else None
    until = find_end(order, parts, what="snooze") if order else None
    outcome = act_on(parts.store, act, [[record]], at=parts.now(), until=until)
    require_done(act, outcome, record)
    end = f" until {say_moment(until, parts.settings.process.zone, now=parts.now())}" if until else ""
    toast = _with_undo(f"{DONE[act]} {record.label}{end}.", parts.undos.keep(outcome.change), form)
    return pages.answer(request, toast, to)


def pin_to(pages: Pages, request: Request, record: TitleRecord, form: Fields, to: str) -> Response:
    """Pin a title to the TMDB title of a form; raise InvalidListId or Problem if it cannot be."""
    media_type, tmdb_id = parse_target(form.get("target", ""))
    values = {"media_type": media_type, "tmdb_id": tmdb_id, "other_kind": bool(form.get("other_kind"))}
    order = check_order(PinOrder, values)
    tell_deed(request.scope, "pin", f"{record.label}: {order.target}")
    parts, notes = pages.parts, list[str]()

    def pin() -> None:
        notes.append(pin_title(parts, record, order, advice=OTHER_KIND).note)

    change = change_keys(parts.store, keys_to_pin(record), pin)
    note = f" {notes[0]}." if notes[0] else ""
    text = f"Pinned {record.label} to {order.target}; the next sync requests that.{note}"
    return pages.answer(request, _with_undo(text, parts.undos.keep(change), form), to)


def _refuse_pin(pages: Pages, request: Request, record: TitleRecord, form: Fields, to: str, error: str) -> Response:
    """Return the page of a form again, with what was typed and what is wrong with it."""
    is_review = to == REVIEW and record.status is ItemStatus.NEEDS_REVIEW
    refused = RefusedPin(form.get("target", ""), error, other_kind=bool(form.get("other_kind")))
    show = show_review if is_review else show_item
    return show(pages, request, record.item_id, status=HTTPStatus.UNPROCESSABLE_ENTITY, refused=refused)


def read_order(form: Fields, *, dry_run: bool) -> BulkOrder:
    """Return what a form asks for with many titles; raise Problem for a value that is none."""
    action = form.get("action", "")
    values = {"action": action, "dry_run": dry_run}
    values |= {"for": form.get("for", "")} if action == Act.SNOOZE.value else {}
    values |= {"filter": read_filter(form)} if form.get("all") else {"ids": form.getlist("id")}
    return check_order(BulkOrder, values)


def build_toast(answer: BulkAnswer, form: Fields) -> Toast:
    """Return the answer to an action with many titles."""
    left = ", ".join(f"{one.count:,} {one.reason}" for one in answer.left)
    more = f"; {answer.more:,} more match: do it again for them" if answer.more else ""
    text = f"{DONE[answer.action]} {say_count(answer.done, 'title')}{f'; left alone: {left}' if left else ''}{more}."
    return _with_undo(text, answer.undo, form, tone="ok" if answer.done else "wait")


def _with_undo(text: str, name: str | None, form: Fields, tone: str = "ok") -> Toast:
    """Return a toast whose undo leads to the page that the form came from."""
    to = form.get("undone") or form.get("to", "")
    return Toast(text, tone, Undo(UNDO, {"undo": name, "to": to}) if name else None)
