"""The pages that change a list: what is typed, then the lines that change, and only then the file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from list_sync.config.policy.editing import Change, change_terms, find_entry, remove_list, switch_list
from list_sync.config.policy.fields import Field, find_fields, read_changes, show_entry
from list_sync.config.policy.saving import load_present
from list_sync.config.rhythms import parse_rhythm
from list_sync.errors import ConfigError
from list_sync.model.access import Scope
from list_sync.model.sources import ListRef
from list_sync.providers import available_providers
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.list_edits import EditAnswer, EditOrder
from list_sync.web.models.lists import ListDetails
from list_sync.web.pages.forms import Form
from list_sync.web.pages.lists import PATH, path_of
from list_sync.web.pages.rendering import Pages
from list_sync.web.pages.toasts import Toast, Undo
from list_sync.web.routes.list_edits import carry_out, get_stated, undo
from list_sync.web.routes.lists import get_named
from list_sync.web.watching.people import People

UNDO = f"{PATH}/undo"
_FIRST = ("name", "requester", "quality", "seasons", "limit", "max_new_per_day", "schedule", "priority")
_GROUPS: Mapping[str, str] = {"": "More", "filters": "Filters", "server": "Where requests go"}
_DEEDS: Mapping[str, Callable[[ListRef], Change]] = {
    "pause": partial(switch_list, on=False),
    "resume": partial(switch_list, on=True),
    "remove": remove_list,
}
_LABELS = {
    "requester": "Requested as",
    "limit": "Only the first so many titles",
    "max_new_per_day": "Requests a day, at most",
    "max_open": "Open requests, at most",
    "max_seasons": "Seasons of a show, at most",
    "hold": "Wait after a title came",
    "again": "Ask again for refused titles",
    "withdraw": "Withdraw when a title left",
    "exclude_lists": "Without the titles of these lists",
    "approval": "Whose permissions approve",
    "schedule": "When it is synced",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A field on the page: what was typed or is stated, what counts without it, and what is wrong with it."""

    field: Field
    label: str
    value: str
    now: str
    error: str

    @property
    def id(self) -> str:
        """Return the name as an id of HTML."""
        return self.field.name.replace(".", "-")


@dataclass(frozen=True, slots=True)
class Visit:
    """A person at the pages of one list."""

    pages: Pages
    request: Request
    ref: ListRef
    one: ListDetails
    people: tuple[str, ...] = ()

    def render(self, template: str, status: HTTPStatus, **values: object) -> Response:
        """Return a page about the list."""
        values |= {"one": self.one, "path": path_of(self.one.list)}
        return self.pages.render(self.request, template, status=status, **values)

    def preview(self, change: Change) -> EditAnswer:
        """Return what a change would do; raise ConfigError with all faults."""
        return carry_out(self.pages.parts, self.ref, change, EditOrder(preview=True))


def routes(pages: Pages) -> APIRouter:
    """Return the routes that change a list."""
    router = APIRouter(dependencies=[needs(Scope.ADMIN)])
    parts, people = pages.parts, People(pages.parts)

    def visit(name: str, request: Request) -> Visit:
        return Visit(pages, request, get_stated(parts, name), get_named(parts, name)[1], people.find())

    @router.post(UNDO)
    def take_back(request: Request, form: Form) -> Response:
        """Write the text before the last change again."""
        tell_deed(request.scope, "take back a change of lists.yaml")
        undo(parts, form.get("version", ""))
        return pages.answer(request, Toast("lists.yaml is as it was before"), PATH)

    @router.get(PATH + "/{name:path}/change")
    def show(name: str, request: Request, do: str = "") -> Response:
        """Show the form of a list, or the lines that a button would change."""
        seen = visit(name, request)
        return _preview(seen, do, {}) if do in _DEEDS else _show_form(seen, {})

    @router.post(PATH + "/{name:path}/change")
    def change(name: str, request: Request, form: Form) -> Response:
        """Show which lines would change, or write them."""
        seen, do = visit(name, request), form.get("do", "")
        if form.get("step") != "write":
            return _preview(seen, do, form)
        tell_deed(request.scope, f"{do if do in _DEEDS else 'change'} list", seen.ref.name)
        answer = carry_out(parts, seen.ref, _find_change(seen.ref, do, form), EditOrder(version=form.get("version")))
        toast = Toast(f"Written: {answer.changes}", undo=Undo(UNDO, {"version": answer.version_after}))
        return pages.answer(request, toast, PATH if do == "remove" else path_of(seen.one.list))

    return router


def _find_change(ref: ListRef, do: str, typed: Mapping[str, str]) -> Change:
    return _DEEDS[do](ref) if do in _DEEDS else change_terms(ref, lambda entry: read_changes(entry, typed))


def _preview(seen: Visit, do: str, typed: Mapping[str, str]) -> Response:
    """Show the lines that change; what is wrong with typed values stands beside them."""
    try:
        edit = seen.preview(_find_change(seen.ref, do, typed))
    except ConfigError as error:
        if do not in _DEEDS and not _find_faults(seen):
            return _show_form(seen, typed, problems=error.problems)
        return _refuse(seen, do, error.problems)
    names = {field.name for field in find_fields()}
    kept = {name: typed[name] for name in typed if name in names}
    times = _find_times(seen, (edit.terms_after or {}).get("schedule"))
    return seen.render("list_edit.html", HTTPStatus.OK, do=do, edit=edit, typed=kept, problems=(), times=times)


def _refuse(seen: Visit, do: str, problems: Sequence[str]) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return seen.render("list_edit.html", status, do=do, edit=None, typed={}, problems=problems, times=())


def _find_faults(seen: Visit) -> Sequence[str]:
    """Return what is wrong with the file as it is; without that, faults are those of a change."""
    try:
        seen.preview(lambda stated, _entries: stated)
    except ConfigError as error:
        return error.problems
    return ()


def _find_times(seen: Visit, schedule: str | None) -> Sequence[datetime]:
    """Return the next times of a schedule that has its own."""
    parts = seen.pages.parts
    return parse_rhythm(schedule).find_next_times(parts.now(), parts.settings.process.zone, 3) if schedule else ()


def _show_form(seen: Visit, typed: Mapping[str, str], problems: Sequence[str] = ()) -> Response:
    if faults := _find_faults(seen):
        return _refuse(seen, "", faults)
    path, text = load_present(seen.pages.parts.present.process.config_dir)
    shown = show_entry(find_entry(text, seen.ref, available_providers())) | dict(typed)
    errors, left = _sort_problems([problem.removeprefix(f"{path}:") for problem in problems])
    now: dict[tuple[str, ...], str] = {(term.key,): f"{term.words}, {term.origin}" for term in seen.one.policy}
    fields = [
        Shown(
            field,
            _label(field),
            shown[field.name],
            "" if shown[field.name] else now.get(field.path, ""),
            errors.get(field.name, ""),
        )
        for field in find_fields()
    ]
    first = [one for name in _FIRST for one in fields if one.field.name == name]
    others = [one for one in fields if one not in first]
    return seen.render(
        "list_change.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        first=first,
        rest=[(words, [one for one in others if _group(one) == key]) for key, words in _GROUPS.items()],
        problems=left,
        people=seen.people,
        times=_find_times(seen, (seen.one.terms or {}).get("schedule")),
    )


def _group(one: Shown) -> str:
    return one.field.path[0] if len(one.field.path) > 1 else ""


def _label(field: Field) -> str:
    """Return the label of a field: `Exclude genres`, `Year, if it is not known`."""
    words = [step for step in field.path[1:] or field.path if step not in ("range", "any", "release")]
    text = ", ".join(word.replace("_", " ") for word in words).replace(", unknown", ", if that is not known")
    return _LABELS.get(field.name) or f"{text[:1].upper()}{text[1:]}"


def _sort_problems(problems: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Return what is wrong by the field that it is about, and what is about no field."""
    errors: dict[str, str] = {}
    others = []
    for problem in problems:
        _, _, text = problem.partition(": ")
        key, _, words = text.partition(": ")
        field = next((one.name for one in find_fields() if f"{one.name}.".startswith(f"{key}.")), "")
        if field and words:
            errors.setdefault(field, words)
        else:
            others.append(text or problem)
    return errors, others
