"""Tests of settings, and the check of everything."""

from http import HTTPStatus

from fastapi import APIRouter, Request

from list_sync.config.described import describe_settings
from list_sync.errors import ConfigError
from list_sync.model.access import Scope
from list_sync.model.trials import Trial
from list_sync.providers import available_providers
from list_sync.web.configuring.drafts import Draft
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.configuring import CheckAnswer, TrialAnswer, build_check, build_trial
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer
from list_sync.web.routes.settings import SettingName


def routes(parts: Parts) -> APIRouter:
    """Return the routes of tests and of the check."""
    router = APIRouter(prefix="/api", tags=["settings"], dependencies=[needs(Scope.ADMIN)])

    @router.post("/settings/{name}/test", response_model=TrialAnswer, responses=may_answer(404, 422, 429))
    def test(name: SettingName, request: Request) -> TrialAnswer:
        """Test a stored setting by one cheap call: whether the server answers, whether a key is accepted."""
        return build_trial(run_trial(parts, name, request))

    @router.get("/check", response_model=CheckAnswer)
    def find() -> CheckAnswer:
        """Tell how far the check of everything is, or what the last one found since the start."""
        return build_check(parts.desk.checkup.last)

    @router.post("/check", response_model=CheckAnswer, status_code=HTTPStatus.ACCEPTED)
    def begin(request: Request) -> CheckAnswer:
        """Check settings, folders, log-ins, lists, server and sources in the background, as `list-sync check` does."""
        tell_deed(request.scope, "check")
        parts.desk.checkup.begin()
        return build_check(parts.desk.checkup.last)

    return router


def run_trial(parts: Parts, name: str, request: Request, draft: Draft | None = None) -> Trial:
    """Test what a setting is for, with the values of a draft if there is one. Raise ConfigError or Problem."""
    providers = available_providers()
    description = describe_settings(providers.values()).get(name)
    if description is None or not description.test:
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no test of {name}")
    tell_deed(request.scope, "test", name)
    if draft is not None:
        settings = parts.desk.store.preview(draft.changes, providers)
    else:
        settings = parts.desk.store.read(providers).settings
    if settings is None:
        raise ConfigError("the settings are wrong: mend first what GET /api/settings names as problems")
    # The server of the first start may be anywhere; any other typed address leads to no private server but ours.
    is_first = description.test == "server" and parts.present.needs_set_up
    present = None if draft is None or is_first else parts.present
    return parts.desk.trials.run(description.test, settings, present=present, is_stored=draft is None)
