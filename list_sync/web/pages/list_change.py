"""The pages that change one list: its form, and the buttons that pause, resume and remove it."""

from collections.abc import Callable, Mapping
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from list_sync.config.policy.editing import Change, Stated, change_terms, find_entry, remove_list, switch_list
from list_sync.config.policy.fields import read_changes
from list_sync.config.policy.forms import ListForm
from list_sync.errors import ConfigError
from list_sync.model.access import Scope
from list_sync.model.sources import ListRef
from list_sync.providers import available_providers
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.pages.file_forms import UNDO, Subject, Visit, answer_form, show_form, show_preview
from list_sync.web.pages.forms import Form
from list_sync.web.pages.lists import PATH, path_of
from list_sync.web.pages.rendering import Pages
from list_sync.web.pages.toasts import Toast
from list_sync.web.parts import Parts
from list_sync.web.routes.list_edits import get_stated, load_right, undo
from list_sync.web.routes.lists import get_named
from list_sync.web.watching.people import People

_FIRST = ("name", "requester", "quality", "seasons", "limit", "max_new_per_day", "schedule", "priority")
_GROUPS: Mapping[str, str] = {"": "More", "filters": "Filters", "server": "Where requests go"}
_DEEDS: Mapping[str, Callable[[ListRef], Change]] = {
    "pause": partial(switch_list, on=False),
    "resume": partial(switch_list, on=True),
    "remove": remove_list,
}


def routes(pages: Pages) -> APIRouter:
    """Return the routes that change a list."""
    router = APIRouter(dependencies=[needs(Scope.ADMIN)])
    parts, people = pages.parts, People(pages.parts)

    @router.post(UNDO)
    def take_back(request: Request, form: Form) -> Response:
        """Write the text before the last change again."""
        tell_deed(request.scope, "take back a change of lists.yaml")
        undo(parts, form.get("version", ""))
        return pages.answer(request, Toast("lists.yaml is as it was before."), PATH)

    @router.get(PATH + "/{name:path}/change")
    def show(name: str, request: Request, do: str = "") -> Response:
        """Show the form of a list, or the lines that a button would change."""
        ref = get_stated(parts, name)
        seen = Visit(pages, request, _describe(parts, ref), people.find())
        if do in _DEEDS:
            return show_preview(seen, {}, _DEEDS[do](ref), {}, do=do, is_typed=False)
        return show_form(seen, _load_entry(parts, ref), {})

    @router.post(PATH + "/{name:path}/change")
    def change(name: str, request: Request, form: Form) -> Response:
        """Show which lines would change, or write them."""
        ref, do = get_stated(parts, name), form.get("do", "")
        is_typed = do not in _DEEDS
        wanted = change_terms(ref, lambda entry: read_changes(entry, form)) if is_typed else _DEEDS[do](ref)
        seen = Visit(pages, request, _describe(parts, ref), people.find())
        to, deed = PATH if do == "remove" else path_of(ref.name), f"{'change' if is_typed else do} list"
        return answer_form(seen, _load_entry(parts, ref), wanted, form, deed=deed, to=to, do=do, is_typed=is_typed)

    return router


def _describe(parts: Parts, ref: ListRef) -> Subject:
    _, one = get_named(parts, ref.name)
    now = {term.key: f"{term.words}, {term.origin}" for term in one.policy}
    path = path_of(one.list)
    schedule = (one.terms or {}).get("schedule")
    return Subject(ref.label, f"{path}/change", ListForm, _FIRST, "What it asks for", _GROUPS, path, ref, now, schedule)


def _load_entry(parts: Parts, ref: ListRef) -> Stated:
    """Return what the file states of a list; nothing while it is wrong."""
    try:
        return find_entry(load_right(parts), ref, available_providers())
    except ConfigError:
        return {}
