"""The page that adds a list: paste, look, try, and only then write."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from list_sync.config.policy.editing import add_list
from list_sync.config.policy.fields import find_fields, read_changes
from list_sync.config.policy.saving import load_present
from list_sync.errors import ConfigError, InvalidListId
from list_sync.model.access import Scope
from list_sync.model.sources import FetchState
from list_sync.previewing import Preview
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.list_edits import EditAnswer, EditOrder
from list_sync.web.models.outlook import Outlook, describe_pace, find_outlook
from list_sync.web.models.plans import PlanOrder
from list_sync.web.pages.file_forms import UNDO, Shown, label_of, sort_problems
from list_sync.web.pages.forms import Form, check_order
from list_sync.web.pages.rendering import Pages
from list_sync.web.pages.toasts import Toast, Undo
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem
from list_sync.web.routes.list_edits import carry_out
from list_sync.web.routes.plans import ask_for_plan
from list_sync.web.routes.previews import answer_of, ask_for_preview, get_preview
from list_sync.web.routes.runs import get_run
from list_sync.web.watching.people import People

PATH = "/add"


# What most people state of a new list; its own page has the form of all.
_TERMS = ("name", "requester", "quality", "seasons", "max_new_per_day", "schedule")
_LONGEST = 200

Typed = Mapping[str, str]


def _read_typed(given: Mapping[str, str]) -> Typed:
    """Return what a form or an address holds of the terms; what is empty is not written."""
    return {name: text for name in _TERMS if (text := given.get(name, "").strip()[:_LONGEST])}


def routes(pages: Pages) -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter(dependencies=[needs(Scope.ADMIN)])
    parts, people = pages.parts, People(pages.parts)

    @router.get(PATH)
    def show(request: Request) -> Response:
        """Show the box for an address, what was read of the list so far, and what would be written."""
        asked = request.query_params
        if "preview" not in asked:
            return _show(pages, request, address=asked.get("address", ""))
        try:
            preview = get_preview(parts, asked["preview"])
        except Problem as problem:
            return _show(pages, request, error=str(problem.detail))
        return _show_preview(pages, request, preview, people.find())

    @router.post(PATH)
    def read(request: Request, form: Form) -> Response:
        """Have the list read that a text means; say what is wrong with the text beside it."""
        address = form.get("address", "").strip()
        try:
            preview = ask_for_preview(parts, request, address)
        except InvalidListId as error:
            return _show(pages, request, address=address, error=str(error))
        # What a person pasted may hold a key, which must not get into an address.
        return _lead(pages, {"preview": preview.preview_id})

    _add_forms(router, pages)
    return router


def _add_forms(router: APIRouter, pages: Pages) -> None:
    parts = pages.parts

    @router.post(f"{PATH}/terms")
    def terms(request: Request, form: Form) -> Response:
        """Ask for a dry run of the list, or show what would be written of it."""
        preview = get_preview(parts, form.get("preview", ""))
        kept = {"preview": preview.preview_id, **_read_typed(form)}
        if form.get("do") == "dry-run":
            run_id = ask_for_plan(parts, PlanOrder(list=preview.ref.source), request)
            return _lead(pages, kept | {"run": str(run_id)}, place="terms")
        run = form.get("run", "")
        return _lead(pages, kept | ({"run": run} if run else {}) | {"lines": "1"}, place="written")

    @router.post(f"{PATH}/list")
    def add(request: Request, form: Form) -> Response:
        """Write the lines that were shown."""
        preview = get_preview(parts, form.get("preview", ""))
        _require_read(preview)
        is_paused = form.get("do") == "paused"
        tell_deed(request.scope, "add list", preview.ref.name)
        typed = _read_typed(form)
        edit = _draft(parts, preview, typed, is_paused=is_paused, version=form.get("version", ""))
        name = typed.get("name") or preview.ref.name
        words = f"Added, paused: {name}" if is_paused else f"Added, and synced now: {name}"
        back = Undo(UNDO, {"version": edit.version_after})
        # The daemon takes a moment to know the list, and only then the list has a page.
        return pages.answer(request, Toast(words, undo=back), to="/lists")


def _require_read(preview: Preview) -> None:
    """Raise Problem for a list that could not be read: what is added was seen before."""
    if preview.result is None or preview.result.state is FetchState.FAILED:
        raise Problem(HTTPStatus.CONFLICT, f"{preview.ref.name} was not read: read it first, then add it")


def _lead(pages: Pages, values: Mapping[str, str], *, place: str = "") -> Response:
    target = f"{PATH}?{urlencode(values)}{f'#{place}' if place else ''}"
    return RedirectResponse(pages.url(target), HTTPStatus.SEE_OTHER)


def _draft(parts: Parts, preview: Preview, typed: Typed, *, is_paused: bool, version: str | None) -> EditAnswer:
    """Write the lines of a list if a version is given, else only return them; raise ConfigError or Problem."""
    stated = read_changes({}, typed) | ({"enabled": "off"} if is_paused else {})
    order = check_order(EditOrder, {"preview": version is None, "version": version})
    return carry_out(parts, preview.ref, add_list(preview.ref.source, stated), order)


def _show_preview(pages: Pages, request: Request, preview: Preview, people: Sequence[str]) -> Response:
    parts, asked = pages.parts, request.query_params
    typed, edit, problems = _read_typed(asked), None, list[str]()
    if "lines" in asked:
        try:
            edit = _draft(parts, preview, typed, is_paused=False, version=None)
        except ConfigError as failure:
            path, _ = load_present(parts.present.process.config_dir)
            problems = [problem.removeprefix(f"{path}:") for problem in failure.problems]
    run_id = asked.get("run", "")
    dry = get_run(parts, int(run_id)) if run_id.isdecimal() and len(run_id) < 19 else None
    errors, left = sort_problems(problems, _TERMS)
    told = answer_of(parts, preview)
    values: dict[str, Any] = {
        "preview": told,
        "shown": len(told.first_titles),
        "typed": typed,
        "edit": edit,
        "dry": dry,
    }
    values |= {"terms": _show_terms(typed, errors), "people": people, "paused_until": parts.daemon.find_pause()}
    values |= _say_outlook(find_outlook(dry.counts if dry else {}), typed.get("max_new_per_day", ""))
    return _show(pages, request, is_wrong=bool(problems), problems=left, **values)


def _show_terms(typed: Typed, errors: Mapping[str, str]) -> Sequence[Shown]:
    fields = {field.name: field for field in find_fields()}
    return [
        Shown(fields[name], label_of(fields[name]), typed.get(name, ""), "", errors.get(name, "")) for name in _TERMS
    ]


def _show(
    pages: Pages, request: Request, *, address: str = "", error: str = "", is_wrong: bool = False, **values: Any
) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error or is_wrong else HTTPStatus.OK
    values = {"preview": None, "address": address, "error": error, **values}
    return pages.render(request, "add.html", status=status, **values)


def _say_outlook(outlook: Outlook, per_day: str) -> dict[str, Any]:
    most = int(per_day) if per_day.isdecimal() and 0 < len(per_day) < 8 else 0
    return {
        "shares": [(one.tone, one.number) for one in outlook.parts],
        "words": [(one.tone, f"{one.number:,} {one.words}") for one in outlook.parts],
        "sentence": outlook.sentence,
        "pace": describe_pace(outlook.wanted, most),
    }
