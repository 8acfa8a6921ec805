"""The pages of the password: choose it once, with the code of the data folder, and change it."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from list_sync.model.access import PERSON, Scope
from list_sync.web.entrance.access import caller_of, needs
from list_sync.web.entrance.door import Door
from list_sync.web.entrance.passwords import find_fault
from list_sync.web.entrance.paths import CLAIM, LOGIN
from list_sync.web.pages.forms import Form
from list_sync.web.pages.login import enter, find_wrong, lead
from list_sync.web.pages.rendering import HOME, Pages
from list_sync.web.problems import Problem

PASSWORD = "/password"  # noqa: S105 (a path)


def routes(pages: Pages, door: Door) -> APIRouter:
    """Return the routes; the claim needs no credentials but the code."""
    router = APIRouter()

    @router.get(CLAIM)
    def claim(request: Request) -> Response:
        """Show the form that chooses the password, as long as there is none."""
        return _show(pages, request, CLAIM) if door.is_claimable() else lead(pages, LOGIN)

    @router.post(CLAIM)
    async def take(request: Request, form: Form) -> Response:
        """Choose the password, with the code of the data folder, and log in."""
        return await _store(pages, door, request, form, CLAIM)

    @router.get(PASSWORD, dependencies=[needs(Scope.ADMIN)])
    def password(request: Request) -> Response:
        """Show the form that changes the password."""
        _require_chosen(door)
        return _show(pages, request, PASSWORD)

    @router.post(PASSWORD, dependencies=[needs(Scope.ADMIN)])
    async def change(request: Request, form: Form) -> Response:
        """Change the password, and end all other sessions."""
        _require_chosen(door)
        return await _store(pages, door, request, form, PASSWORD)

    return router


async def ask_again(request: Request, form: Form) -> Problem | None:
    """Return what is wrong with the password of the person in the field `proof`; people of a proxy have none."""
    caller, door = caller_of(request.scope), request.app.state.door
    if caller.name != PERSON or await door.confirm(caller.address, form.get("proof", "")):
        return None
    return Problem(HTTPStatus.FORBIDDEN, f"that password is not the one: {find_wrong(door, caller.address).detail}")


async def _store(pages: Pages, door: Door, request: Request, form: Form, path: str) -> Response:
    new, proof, address = form.get("password", ""), form.get("proof", ""), caller_of(request.scope).address
    fault = find_fault(new, form.get("again", ""))
    if fault:
        return _show(pages, request, path, fault=fault)
    store = door.claim if path == CLAIM else door.change_password
    try:
        token = await store(address, proof, new)
    except Problem as problem:
        return _show(pages, request, path, problem=problem)
    if token is None:
        return _show(pages, request, path, problem=find_wrong(door, address))
    return await enter(pages, door, request, token, to=HOME)


def _show(pages: Pages, request: Request, path: str, *, problem: Problem | None = None, fault: str = "") -> Response:
    told = Problem(HTTPStatus.UNPROCESSABLE_ENTITY, fault) if fault else problem
    return pages.render_alone(
        request, "password.html", problem=told, fault=fault, path=path, csrf_token=caller_of(request.scope).csrf
    )


def _require_chosen(door: Door) -> None:
    if not door.takes_password:
        raise Problem(HTTPStatus.CONFLICT, "no password opens the dashboard (WEB_PASSWORD_LOGIN=false)")
    if door.has_own_password:
        raise Problem(HTTPStatus.CONFLICT, "the password is WEB_PASSWORD: change it there, then restart ListSync")
    if door.is_claimable():
        raise Problem(HTTPStatus.CONFLICT, "no password was chosen yet: `list-sync web claim` prints the code for it")
