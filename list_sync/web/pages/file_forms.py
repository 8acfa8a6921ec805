"""Forms over lists.yaml, for one list or for all: what is typed, then the lines that change, and only then the file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from fastapi import Request
from starlette.responses import Response

from list_sync.config.policy.editing import Change, Stated
from list_sync.config.policy.fields import Field, find_fields, show_stated
from list_sync.config.policy.filter_forms import Form
from list_sync.config.policy.saving import load_present
from list_sync.config.rhythms import parse_rhythm
from list_sync.errors import ConfigError
from list_sync.model.sources import ListRef
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.list_edits import EditAnswer, EditOrder
from list_sync.web.pages.forms import check_order
from list_sync.web.pages.rendering import Pages
from list_sync.web.pages.toasts import Toast, Undo
from list_sync.web.problems import Problem
from list_sync.web.routes.list_edits import carry_out, load_right

UNDO = "/lists/undo"
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
    "caps.per_run": "Cap of a sync",
    "caps.per_day": "Cap of a day, all users",
    "caps.per_requester": "Cap of a day, each user",
    "pause_when.pending": "Pause while so many requests wait",
    "pause_when.free_space": "Pause below this free space",
    "pause_when.quota_left": "Pause while so little quota is left",
    "exclusions": "Never requested",
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
class Subject:
    """What a form is about: one list, or, without `ref`, all of them.

    `first` are the fields that are seen at once, under `first_words`; `groups` has the words of the folds by the paths
    of their fields.
    """

    label: str
    path: str
    root: type[Form]
    first: Sequence[str]
    first_words: str
    groups: Mapping[str, str]
    back: str
    ref: ListRef | None = None
    now: Mapping[str, str] | None = None
    schedule: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A person at the form of a subject."""

    pages: Pages
    request: Request
    subject: Subject
    people: Sequence[str] = ()

    def render(self, template: str, status: HTTPStatus, **values: object) -> Response:
        """Return a page about the subject."""
        return self.pages.render(self.request, template, status=status, subject=self.subject, **values)

    def carry_out(self, change: Change, order: EditOrder) -> EditAnswer:
        """Make a change, or tell what it would do; raise ConfigError with all faults, or Problem."""
        return carry_out(self.pages.parts, self.subject.ref, change, order)


def answer_form(
    seen: Visit,
    stated: Stated,
    change: Change,
    form: Mapping[str, str],
    *,
    deed: str,
    to: str,
    do: str = "",
    is_typed: bool = True,
) -> Response:
    """Show which lines would change, the form again, or write what was looked at, unless the file changed since."""
    step, trouble = form.get("step"), ""
    if step == "edit":
        return show_form(seen, stated, form)
    if step == "write":
        try:
            return _write(seen, change, form, deed=deed, to=to)
        except Problem as problem:
            if problem.status is not HTTPStatus.CONFLICT:
                raise
            if _is_written(seen, change):
                # The button was clicked twice, or in two tabs.
                return seen.pages.answer(seen.request, Toast("It is written already: no line changes.", "info"), to)
            trouble = problem.detail
    return show_preview(seen, stated, change, form, do=do, is_typed=is_typed, trouble=trouble)


def show_preview(
    seen: Visit,
    stated: Stated,
    change: Change,
    typed: Mapping[str, str],
    *,
    do: str = "",
    is_typed: bool = True,
    trouble: str = "",
) -> Response:
    """Show the lines that change; what is wrong with typed values stands beside them."""
    try:
        edit = seen.carry_out(change, EditOrder(preview=True))
    except ConfigError as error:
        if is_typed and not find_faults(seen):
            return show_form(seen, stated, typed, problems=error.problems)
        return _refuse(seen, do, error.problems)
    names = {field.name for field in find_fields(seen.subject.root)}
    kept = {name: typed[name] for name in typed if name in names}
    times = _find_times(seen, (edit.terms_after or {}).get("schedule"))
    status = HTTPStatus.CONFLICT if trouble else HTTPStatus.OK
    shown = {"edit": edit, "typed": kept, "problems": (), "times": times, "trouble": trouble}
    return seen.render("file_edit.html", status, do=do, **shown)


def _write(seen: Visit, change: Change, form: Mapping[str, str], *, deed: str, to: str) -> Response:
    """Write a change that was looked at, and offer to take it back."""
    tell_deed(seen.request.scope, deed, seen.subject.ref.name if seen.subject.ref else "lists.yaml")
    answer = seen.carry_out(change, check_order(EditOrder, {"version": form.get("version", "")}))
    toast = Toast(f"Written: {answer.changes}", undo=Undo(UNDO, {"version": answer.version_after}))
    return seen.pages.answer(seen.request, toast, to)


def _is_written(seen: Visit, change: Change) -> bool:
    """Return whether the file says already what a change makes of it."""
    try:
        return not seen.carry_out(change, EditOrder(preview=True)).lines
    except ConfigError:
        return False


def find_faults(seen: Visit) -> Sequence[str]:
    """Return what is wrong with the file as it is; without that, faults are those of a change."""
    try:
        load_right(seen.pages.parts)
    except ConfigError as error:
        return error.problems
    return ()


def show_form(seen: Visit, stated: Stated, typed: Mapping[str, str], problems: Sequence[str] = ()) -> Response:
    """Show the fields with what is stated, or with what was typed and what is wrong with it."""
    subject = seen.subject
    if faults := find_faults(seen):
        return _refuse(seen, "", faults)
    texts = show_stated(stated, subject.root) | dict(typed)
    path, _ = load_present(seen.pages.parts.present.process.config_dir)
    names = [field.name for field in find_fields(subject.root)]
    errors, left = sort_problems([problem.removeprefix(f"{path}:") for problem in problems], names)
    fields = [
        Shown(
            field,
            label_of(field),
            texts[field.name],
            "" if texts[field.name] else (subject.now or {}).get(field.name, ""),
            errors.get(field.name, ""),
        )
        for field in find_fields(subject.root)
    ]
    first = [one for name in subject.first for one in fields if one.field.name == name]
    others = [one for one in fields if one not in first]
    folds = [(words, [one for one in others if _group(one, subject) == key]) for key, words in subject.groups.items()]
    return seen.render(
        "file_form.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        first=first,
        folds=folds,
        problems=left,
        people=seen.people,
        times=_find_times(seen, subject.schedule),
    )


def _refuse(seen: Visit, do: str, problems: Sequence[str]) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return seen.render("file_edit.html", status, do=do, edit=None, typed={}, problems=problems, times=(), trouble="")


def _find_times(seen: Visit, schedule: str | None) -> Sequence[datetime]:
    """Return the next times of a schedule of its own."""
    parts = seen.pages.parts
    return parse_rhythm(schedule).find_next_times(parts.now(), parts.settings.process.zone, 3) if schedule else ()


def _group(one: Shown, subject: Subject) -> str:
    """Return the fold of a field: the longest of their paths that its own begins with."""
    inside = [key for key in subject.groups if not key or one.field.name.startswith(f"{key}.")]
    return max(inside, key=len, default="")


def label_of(field: Field) -> str:
    """Return the label of a field: `Exclude genres`, `Year, if that is not known`."""
    path = field.path[1:] if field.path[0] == "defaults" else field.path
    words = [step for step in path[1:] or path if step not in ("range", "any", "release")]
    text = ", ".join(word.replace("_", " ") for word in words).replace(", unknown", ", if that is not known")
    return _LABELS.get(".".join(path)) or f"{text[:1].upper()}{text[1:]}"


def sort_problems(problems: Sequence[str], names: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Return what is wrong by the field that it is about, and what is about no field."""
    errors: dict[str, str] = {}
    others = []
    for problem in problems:
        _, _, text = problem.partition(": ")
        key, _, words = text.partition(": ")
        field = next((name for name in names if f"{name}.".startswith(f"{key}.")), "")
        if field and words:
            errors.setdefault(field, words)
        else:
            others.append(text or problem)
    return errors, others
