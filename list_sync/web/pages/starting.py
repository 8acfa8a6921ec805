"""The page of the first start: the server, a list, a look at the plan."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from list_sync.errors import ConfigError
from list_sync.model.access import Scope
from list_sync.model.titles import Quality, counted
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.start import build_start
from list_sync.web.pages.forms import Form, without_name
from list_sync.web.pages.rendering import Pages, wants_page
from list_sync.web.pages.toasts import Toast
from list_sync.web.problems import Problem
from list_sync.web.routes.settings import draft_change, save_draft
from list_sync.web.routes.trials import run_trial

PATH = "/start"
SERVER = "OVERSEERR_URL"


def routes(pages: Pages) -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter(dependencies=[needs(Scope.ADMIN)])
    parts = pages.parts

    @router.get(PATH)
    def show(request: Request) -> Response:
        """Show the three steps, each done or with what to do."""
        return _show(pages, request)

    @router.post(f"{PATH}/server")
    def set_server(request: Request, form: Form) -> Response:
        """Store address and key of the server if it takes the key, or all the same at the second try."""
        tell_deed(request.scope, "set", SERVER)
        address, draft_id = form.get("address", "").strip(), form.get("draft", "")
        try:
            draft = parts.desk.drafts.find(draft_id, SERVER, now=parts.now())
            if draft is None:
                draft = draft_change(parts, SERVER, address, form.get("key", ""))
                trial = run_trial(parts, SERVER, request, draft)
                if not trial.is_good:
                    kept = parts.desk.drafts.keep(draft)
                    return _show(pages, request, address=address, error=trial.words, draft_id=kept)
            save_draft(parts, draft, request)
        except ConfigError as error:
            return _show(pages, request, address=address, error=without_name(error, SERVER))
        return pages.answer(request, Toast("The server is set, and is asked now."), to=PATH)

    return router


def all_else(pages: Pages) -> APIRouter:
    """Return the route that leads from every other page to this one, while there is nothing else to see."""
    router = APIRouter(dependencies=[needs(Scope.READ)])

    @router.get("/{path:path}")
    def lead(request: Request) -> Response:
        """Lead a person to the first start; tell a program that there is nothing."""
        if not wants_page(request):
            raise Problem(HTTPStatus.NOT_FOUND, "this is there once a server is set: set OVERSEERR_URL first")
        return pages.redirect(PATH)

    return router


def _show(pages: Pages, request: Request, *, address: str = "", error: str = "", draft_id: str = "") -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    start = build_start(pages.parts)
    number = counted(len(start.lists), "list")
    typed = {"address": address, "error": error, "draft_id": draft_id}
    return pages.render(
        request, "start.html", status=status, start=start, number=number, calm=_find_calm(pages), **typed
    )


def _find_calm(pages: Pages) -> tuple[tuple[str, str, str, str], ...]:
    """Return the settings that keep syncs small and rare: name, label, value, and what it means."""
    household = pages.parts.present.household
    cap = household.policy.caps.per_requester
    quality = (Quality.UHD if household.overseerr_4k else Quality.HD).word
    return (
        (
            "MAX_REQUESTS_PER_DAY",
            "At most a day",
            str(cap) if cap else "no limit",
            "What is over waits and goes first the next day.",
        ),
        ("SYNC_INTERVAL", "Sync", household.describe_rhythm(), "Each sync reads the lists and requests what is new."),
        ("OVERSEERR_4K", "Quality", quality, "Each list can state another one."),
    )
