"""The pages of tokens, the audit log and backups, beside the settings."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from list_sync.errors import ConfigError
from list_sync.model.access import PERSON, Scope
from list_sync.web.entrance.access import caller_of, needs
from list_sync.web.models.access import NewToken
from list_sync.web.pages.forms import Form
from list_sync.web.pages.password import ask_again
from list_sync.web.pages.rendering import Pages
from list_sync.web.pages.toasts import Toast
from list_sync.web.paging import Cursor
from list_sync.web.problems import Problem
from list_sync.web.routes.backups import find_answers, make_backup
from list_sync.web.routes.bundle import answer_bundle
from list_sync.web.routes.tokens import find_audit, find_tokens, make_token, revoke_named

PATH = "/settings"
ON_A_PAGE = 50

Refusal = Annotated[Problem | None, Depends(ask_again)]


def routes(pages: Pages) -> APIRouter:
    """Return the routes of the pages and of their forms."""
    router = APIRouter(prefix=PATH, dependencies=[needs(Scope.ADMIN)])
    parts = pages.parts

    _add_tokens(router, pages)

    @router.get("/audit")
    def audit(request: Request, cursor: Cursor = None) -> Response:
        """Show what was done through the service."""
        days = parts.present.process.retention_days
        found = find_audit(parts, ON_A_PAGE, cursor)
        return pages.render(request, "audit.html", audit=found, is_first=not cursor, retention_days=days)

    @router.get("/backups")
    def backups(request: Request) -> Response:
        """Show the backups."""
        return _show_backups(pages, request)

    @router.post("/backups")
    def back_up(request: Request, refusal: Refusal) -> Response:
        """Make a backup; people type the password again."""
        if refusal:
            return _show_backups(pages, request, refusal)
        made = make_backup(parts, request)
        words = "; ".join([f"The backup is {made.path}", *made.notes])
        return pages.answer(request, Toast(f"{words}.", "wait" if made.notes else "ok"), to=f"{PATH}/backups")

    @router.get("/bundle")
    def bundle() -> Response:
        """Give the support bundle."""
        return answer_bundle(parts)

    return router


def _show_backups(pages: Pages, request: Request, refusal: Problem | None = None) -> Response:
    status = refusal.status if refusal else HTTPStatus.OK
    asks_again, found = caller_of(request.scope).name == PERSON, find_answers(pages.parts)
    fault = refusal.detail if refusal else ""
    return pages.render(request, "backups.html", status=status, backups=found, asks_again=asks_again, fault=fault)


def _add_tokens(router: APIRouter, pages: Pages) -> None:
    parts = pages.parts

    @router.get("/tokens")
    def tokens(request: Request) -> Response:
        """Show the tokens."""
        return _show_tokens(pages, request)

    @router.post("/tokens")
    def make(request: Request, form: Form) -> Response:
        """Make a token and show it, once."""
        name, scope = form.get("name", ""), form.get("scope", "")
        try:
            if scope not in tuple(Scope):
                raise ConfigError(f"the scope is one of {', '.join(Scope)}")
            made = make_token(parts, name, Scope(scope), request)
        except ConfigError as error:
            return _show_tokens(pages, request, typed=name, scope=scope, error=str(error))
        except Problem as problem:
            return _show_tokens(pages, request, typed=name, scope=scope, error=problem.detail)
        return _show_tokens(pages, request, made=made)

    @router.post("/tokens/revoke")
    def revoke(request: Request, form: Form) -> Response:
        """Revoke a token."""
        name = form.get("name", "")
        revoke_named(parts, name, request)
        return pages.answer(request, Toast(f"The token {name} is revoked."), to=f"{PATH}/tokens")


def _show_tokens(
    pages: Pages, request: Request, *, made: NewToken | None = None, typed: str = "", scope: str = "", error: str = ""
) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    known = {"tokens": find_tokens(pages.parts), "made": made, "typed": typed, "scope": scope, "error": error}
    return pages.render(request, "tokens.html", status=status, **known)
