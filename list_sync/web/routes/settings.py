"""Settings: where each value comes from, and changes of those that config.enc can hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request

from list_sync.config.changing import Changes, Overtaken
from list_sync.config.showing import Shown, show_settings
from list_sync.errors import ConfigError, StorageError
from list_sync.model.access import Scope
from list_sync.model.masking import mask_address
from list_sync.providers import available_providers
from list_sync.web.configuring.drafts import Draft
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.settings import ChangeAnswer, SettingAnswer, SettingOrder, SettingsAnswer, build_setting
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer

SettingName = Annotated[str, Path(max_length=100, pattern=r"^[A-Z][A-Z0-9_]*$", examples=["MAX_REQUESTS_PER_DAY"])]


def routes(parts: Parts) -> APIRouter:
    """Return the routes of settings."""
    router = APIRouter(prefix="/api/settings", tags=["settings"], dependencies=[needs(Scope.ADMIN)])

    @router.get("", response_model=SettingsAnswer)
    def settings() -> SettingsAnswer:
        """List every setting with its value and where that comes from; secrets are not shown."""
        return find_answers(parts)

    @router.get("/{name}", response_model=SettingAnswer, responses=may_answer(404))
    def setting(name: SettingName) -> SettingAnswer:
        """Tell what one setting is, and where its value comes from."""
        return get_answer(find_answers(parts), name)

    @router.post("/{name}/preview", response_model=ChangeAnswer, responses=may_answer(404, 422, 503))
    def preview(name: SettingName, order: SettingOrder, request: Request) -> ChangeAnswer:
        """Tell what a new value would change, and change nothing."""
        tell_deed(request.scope, "preview", name)
        return describe_draft(parts, draft_change(parts, name, order.value, order.key))

    @router.put("/{name}", response_model=SettingAnswer, responses=may_answer(404, 409, 422, 503))
    def change(name: SettingName, order: SettingOrder, request: Request) -> SettingAnswer:
        """Store a value in config.enc, encrypted."""
        save_draft(parts, draft_change(parts, name, order.value, order.key), request)
        return get_answer(find_answers(parts), name)

    @router.delete("/{name}", response_model=SettingAnswer, responses=may_answer(404, 409, 422, 503))
    def unset(name: SettingName, request: Request) -> SettingAnswer:
        """Remove a value from config.enc, so that the default counts again."""
        save_draft(parts, draft_change(parts, name, None), request)
        return get_answer(find_answers(parts), name)

    return router


def find_shown(parts: Parts) -> tuple[tuple[Shown, ...], SettingsAnswer]:
    """Return every setting as values, and as the answer of the API."""
    providers = available_providers()
    reading = parts.desk.store.read(providers)
    shown = show_settings(reading.environment, reading.settings, parts.present, providers, reading.problems)
    warnings = reading.settings.warnings if reading.settings else parts.present.warnings
    answer = SettingsAnswer(
        items=[build_setting(one, parts.desk.trials.find(one.description.test)) for one in shown],
        problems=list(reading.problems),
        warnings=list(warnings),
        obstacle=parts.desk.store.find_obstacle() or None,
    )
    return shown, answer


def find_answers(parts: Parts) -> SettingsAnswer:
    """Return every setting."""
    return find_shown(parts)[1]


def get_answer(answers: SettingsAnswer, name: str) -> SettingAnswer:
    """Return one setting; raise Problem if there is none of that name."""
    found = next((one for one in answers.items if one.name == name), None)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no setting {name}: GET /api/settings names all of them")
    return found


def draft_change(parts: Parts, name: str, text: str | None, key: str = "") -> Draft:
    """Return a checked change of a setting, None to remove its value; raise ConfigError or Problem."""
    providers = available_providers()
    with stored():
        if locked := get_answer(find_answers(parts), name).locked:
            raise ConfigError(f"{name}: {locked}")
        changes = parts.desk.store.build_changes(name, text, key.strip(), providers)
        return Draft(name, changes, parts.desk.store.version_of(name), parts.now())


def describe_draft(parts: Parts, draft: Draft) -> ChangeAnswer:
    """Return what a draft would do."""
    found, text = get_answer(find_answers(parts), draft.name), draft.changes[draft.name]
    return ChangeAnswer(
        name=draft.name,
        before=found.value,
        after=None if found.secret or text is None else mask_address(text),
        removes=text is None,
        secret=found.secret,
        with_key=next((one for one in draft.changes if one != draft.name), None),
        counts_from=found.counts_from,
    )


def save_draft(parts: Parts, draft: Draft, request: Request) -> Changes:
    """Store a change and let the daemon follow it; return what takes it back. Raise ConfigError or Problem."""
    tell_deed(request.scope, "unset" if draft.changes[draft.name] is None else "set", ", ".join(draft.changes))
    with stored():
        replaced = parts.desk.store.write(draft.changes, draft.version, available_providers())
    parts.daemon.follow_settings()
    return replaced


@contextmanager
def stored() -> Iterator[None]:
    """Make what keeps config.enc from being changed a problem with its own words."""
    try:
        yield
    except Overtaken as error:
        raise Problem(HTTPStatus.CONFLICT, str(error)) from None
    except StorageError as error:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from None
