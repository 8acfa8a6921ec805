"""The page of the settings, and the form of each of them in a drawer."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby

from fastapi import APIRouter, Request
from starlette.responses import Response

from list_sync.config.described import GROUPS, describe_settings
from list_sync.config.showing import NEXT_START, NEXT_SYNC
from list_sync.errors import ConfigError
from list_sync.model.access import Scope
from list_sync.model.titles import counted
from list_sync.providers import available_providers
from list_sync.web.configuring.drafts import Draft
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.configuring import LogInAnswer, build_check
from list_sync.web.models.settings import ChangeAnswer, SettingAnswer, SettingsAnswer
from list_sync.web.pages.forms import Form, without_name
from list_sync.web.pages.rendering import Pages, wants_page
from list_sync.web.pages.toasts import Toast, Undo
from list_sync.web.problems import Problem
from list_sync.web.routes.log_ins import Service, begin_log_in, find_log_ins, forget_log_in, get_log_in
from list_sync.web.routes.settings import (
    SettingName,
    describe_draft,
    draft_change,
    find_answers,
    get_answer,
    save_draft,
)
from list_sync.web.routes.trials import run_trial

PATH = "/settings"
# These stand in folds: few people look for them.
FOLDED = ("lists", "other")


@dataclass(frozen=True, slots=True)
class Group:
    """The settings that stand together on the page."""

    key: str
    title: str
    words: str
    rows: Sequence[SettingAnswer]

    @property
    def is_folded(self) -> bool:
        """Return whether the page opens with this group closed."""
        return self.key in FOLDED

    @property
    def number_set(self) -> int:
        """Return how many have a value that is not the default."""
        return sum(one.is_set for one in self.rows)


@dataclass(frozen=True, slots=True)
class Drawer:
    """One setting with its form; `error` is what is wrong with the `typed` value, `change` what a draft would do."""

    setting: SettingAnswer
    key_name: str
    typed: str | None = None
    error: str = ""
    draft_id: str = ""
    change: ChangeAnswer | None = None


def routes(pages: Pages) -> APIRouter:
    """Return the routes of the page and of its forms."""
    router = APIRouter(prefix=PATH, dependencies=[needs(Scope.ADMIN)])
    parts = pages.parts

    @router.get("")
    def settings(request: Request) -> Response:
        """Show every setting."""
        return _render(pages, request, find_answers(parts))

    _add_log_ins(router, pages)
    _add_check(router, pages)

    @router.get("/{name}")
    def setting(name: SettingName, request: Request, draft: str = "") -> Response:
        """Show one setting beside all others, with what a draft would change."""
        answers = find_answers(parts)
        found = parts.desk.drafts.find(draft, name, now=parts.now())
        drawer = _open_drawer(answers, name)
        if found is not None:
            drawer = _open_drawer(answers, name, draft_id=draft, change=describe_draft(parts, found))
        return _render(pages, request, answers, drawer)

    _add_forms(router, pages)
    return router


def _add_forms(router: APIRouter, pages: Pages) -> None:
    parts = pages.parts

    @router.post("/{name}")
    def preview(name: SettingName, request: Request, form: Form) -> Response:
        """Check a value and show what it changes."""
        tell_deed(request.scope, "preview", name)
        text = None if form.get("unset") else form.get("value", "").strip()
        try:
            if text == "":
                raise ConfigError(f"{name}: write a value, or let the default count again")
            draft = draft_change(parts, name, text, form.get("key", ""))
        except ConfigError as error:
            return _refuse(pages, request, name, text, without_name(error, name), HTTPStatus.UNPROCESSABLE_ENTITY)
        except Problem as problem:
            return _refuse(pages, request, name, text, problem.detail, problem.status)
        return pages.redirect(f"{PATH}/{name}?draft={parts.desk.drafts.keep(draft)}")

    @router.post("/{name}/save")
    def save(name: SettingName, request: Request, form: Form) -> Response:
        """Store what was shown."""
        draft_id = form.get("draft", "")
        draft = parts.desk.drafts.find(draft_id, name, now=parts.now())
        if draft is None:
            raise Problem(HTTPStatus.CONFLICT, f"this change of {name} was saved, or is too old: write the value again")
        try:
            replaced = save_draft(parts, draft, request)
        except Problem as problem:
            if not wants_page(request):
                raise
            return _refuse(pages, request, name, draft.changes[name], problem.detail, problem.status)
        parts.desk.drafts.forget(draft_id)
        back = Draft(name, replaced, parts.desk.store.version_of(name), parts.now())
        counts = get_answer(find_answers(parts), name).counts_from
        done = "removed" if draft.changes[name] is None else "saved"
        undo = Undo(f"{PATH}/{name}/save", {"draft": parts.desk.drafts.keep(back)})
        return pages.answer(request, Toast(f"{name} is {done} and counts from {counts}.", undo=undo), to=PATH)


def _refuse(pages: Pages, request: Request, name: str, text: str | None, error: str, status: HTTPStatus) -> Response:
    """Return the form again, with what is wrong beside the field."""
    answers = find_answers(pages.parts)
    typed = None if get_answer(answers, name).secret else text
    return _render(pages, request, answers, _open_drawer(answers, name, typed=typed, error=error), status=status)


def _add_log_ins(router: APIRouter, pages: Pages) -> None:
    parts = pages.parts

    @router.get("/logins/{service}")
    def log_in(service: Service, request: Request) -> Response:
        """Show how far a log-in is."""
        return _render(pages, request, find_answers(parts), log_in=get_log_in(parts, service))

    @router.post("/logins/{service}")
    def begin(service: Service, request: Request) -> Response:
        """Begin a log-in and show its code."""
        begin_log_in(parts, service, request)
        return pages.redirect(f"{PATH}/logins/{service}")

    @router.post("/logins/{service}/forget")
    def forget(service: Service, request: Request) -> Response:
        """Delete a log-in, or end one that waits."""
        was_known = forget_log_in(parts, service, request)
        words = f"The log-in to {service.capitalize()} is {'forgotten here' if was_known else 'ended'}."
        return pages.answer(request, Toast(words), to=PATH)


def _add_check(router: APIRouter, pages: Pages) -> None:
    parts = pages.parts

    @router.get("/check")
    def check(request: Request) -> Response:
        """Show how far the check of everything is, or what it found."""
        return pages.render(request, "check.html", check=build_check(parts.desk.checkup.last))

    @router.post("/check")
    def begin_check(request: Request) -> Response:
        """Begin a check."""
        tell_deed(request.scope, "check")
        parts.desk.checkup.begin()
        return pages.redirect(f"{PATH}/check")

    @router.post("/{name}/test")
    def test(name: SettingName, request: Request, form: Form) -> Response:
        """Test a setting, with the value of a draft if there is one."""
        draft_id = form.get("draft", "")
        draft = parts.desk.drafts.find(draft_id, name, now=parts.now())
        to = f"{PATH}/{name}?draft={draft_id}" if draft else f"{PATH}#{name}"
        try:
            result = run_trial(parts, name, request, draft)
        except Problem as problem:
            if problem.status is not HTTPStatus.TOO_MANY_REQUESTS:
                raise
            return pages.answer(request, Toast(problem.detail, "wait"), to=to)
        return pages.answer(request, Toast(f"{name}: {result.words}", "ok" if result.is_good else "bad"), to=to)


def _render(
    pages: Pages,
    request: Request,
    answers: SettingsAnswer,
    drawer: Drawer | None = None,
    log_in: LogInAnswer | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    groups = [Group(key, *GROUPS[key], tuple(rows)) for key, rows in groupby(answers.items, key=lambda one: one.group)]
    return pages.render(
        request,
        "settings.html",
        status=status,
        answers=answers,
        groups=groups,
        drawer=drawer,
        log_in=log_in,
        log_ins=_find_log_ins(pages),
        troubles=_find_troubles(answers),
        sign_on_return=pages.parts.settings.web.sign_on_return,
    )


def _find_log_ins(pages: Pages) -> Sequence[LogInAnswer]:
    """Return the log-ins; none while the settings, whose banner says why, are wrong."""
    try:
        return find_log_ins(pages.parts)
    except ConfigError:
        return ()


def _find_troubles(answers: SettingsAnswer) -> list[tuple[str, str, str]]:
    """Return the banners of the page: tone, headline and words."""
    troubles = []
    if answers.obstacle:
        troubles.append(("bad", "Settings cannot be saved", answers.obstacle))
    if answers.problems:
        head = f"{counted(len(answers.problems), 'setting')} would stop the next start"
        troubles.append(("bad", head, "; ".join(answers.problems)))
    if answers.warnings:
        troubles.append(("wait", counted(len(answers.warnings), "warning"), "; ".join(answers.warnings)))
    for start, advice in ((NEXT_SYNC, ""), (NEXT_START, ": restart ListSync, for example by docker compose restart")):
        if pending := [one.name for one in answers.items if one.pending and one.counts_from == start]:
            head = f"{counted(len(pending), 'saved change')} not in use before {start}"
            troubles.append(("wait", head, ", ".join(pending) + advice))
    return troubles


def _open_drawer(
    answers: SettingsAnswer,
    name: str,
    *,
    typed: str | None = None,
    error: str = "",
    draft_id: str = "",
    change: ChangeAnswer | None = None,
) -> Drawer:
    key = describe_settings(available_providers().values())[get_answer(answers, name).name].key
    key_name = key if any(one.name == key and one.is_set for one in answers.items) else ""
    return Drawer(get_answer(answers, name), key_name, typed, error, draft_id, change)
