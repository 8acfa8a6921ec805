"""The page that changes what lists.yaml states for all lists together."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import Response

from list_sync.config.policy.editing import Change, Stated, change_all
from list_sync.config.policy.fields import EXCLUSIONS, read_changes
from list_sync.config.policy.forms import CapsForm, ListsForm, PauseForm
from list_sync.errors import ConfigError
from list_sync.model.access import Scope
from list_sync.web.entrance.access import needs
from list_sync.web.pages.file_forms import Subject, Visit, answer_form, show_form
from list_sync.web.pages.forms import Form
from list_sync.web.pages.lists import PATH as LISTS
from list_sync.web.pages.rendering import Pages
from list_sync.web.parts import Parts
from list_sync.web.routes.policy import load_stated
from list_sync.web.watching.people import People

PATH = "/policy"
_CAPS = tuple(f"caps.{name}" for name in CapsForm.model_fields)
_PAUSES = tuple(f"pause_when.{name}" for name in PauseForm.model_fields)
_GROUPS: Mapping[str, str] = {
    "defaults": "What counts for a list that states nothing else",
    "defaults.filters": "Filters of such a list",
    "defaults.server": "Where its requests go",
}
SUBJECT = Subject(
    "what counts for all lists",
    PATH,
    ListsForm,
    (*_CAPS, *_PAUSES, "brake", EXCLUSIONS),
    "Never too much",
    _GROUPS,
    LISTS,
)


def routes(pages: Pages) -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter(dependencies=[needs(Scope.ADMIN)])
    parts, people = pages.parts, People(pages.parts)

    @router.get(PATH)
    def show(request: Request) -> Response:
        """Show what is stated for all lists, to be changed."""
        return show_form(Visit(pages, request, SUBJECT, people.find()), _load(parts), {})

    @router.post(PATH)
    def change(request: Request, form: Form) -> Response:
        """Show which lines would change, or write them."""
        seen, wanted = Visit(pages, request, SUBJECT, people.find()), _find_change(form)
        return answer_form(seen, _load(parts), wanted, form, deed="change policy", to=LISTS)

    return router


def _find_change(typed: Mapping[str, str]) -> Change:
    return change_all(lambda stated: read_changes(stated, typed, ListsForm))


def _load(parts: Parts) -> Stated:
    try:
        return load_stated(parts)
    except ConfigError:
        return {}
