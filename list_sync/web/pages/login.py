"""The pages of the log-in: log in, log out; and the switch of the appearance."""

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from list_sync.config.web import WebSettings
from list_sync.errors import StorageError
from list_sync.model.access import Scope
from list_sync.web.entrance.access import caller_of, needs
from list_sync.web.entrance.callers import cookies_of, find_proxy_user
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.entrance.door import Door
from list_sync.web.entrance.paths import LOGIN, LOGOUT, SIGN_ON, SIGN_OUT
from list_sync.web.entrance.rates import LOGIN_WAIT_SECONDS
from list_sync.web.pages.forms import Form
from list_sync.web.pages.phrases import say_count, say_length
from list_sync.web.pages.rendering import Pages, find_our_path
from list_sync.web.pages.shell import THEME_COOKIE, THEMES
from list_sync.web.problems import Problem
from list_sync.web.sign_on.refusals import WORDS, find_reason

THEME_SECONDS = 365 * 86_400


@dataclass(frozen=True, slots=True)
class SignOn:
    """Single sign-on as the page offers it: the host of the issuer, and the addresses of the way there and out."""

    name: str
    address: str
    end_address: str
    is_any_allowed: bool


def routes(pages: Pages, door: Door) -> APIRouter:
    """Return the routes of log-in, log-out and appearance."""
    router = APIRouter()

    @router.get(LOGIN)
    async def login(request: Request, to: str = "", ended: bool = False) -> Response:
        """Show the log-in; lead on a person who is logged in already, here or at the proxy."""
        caller, web, to = caller_of(request.scope), pages.parts.settings.web, find_our_path(to)
        if caller.scope is not None:
            return lead(pages, to)
        user = find_proxy_user(request.scope, request.headers, web)
        if user not in web.web_auth_users or ended:
            return await _show(pages, door, request, to=to, ended=ended, stranger=user)
        return await enter(pages, door, request, await door.log_in_by_proxy(caller.address, user), to=to)

    @router.post(LOGIN)
    async def log_in(request: Request, form: Form) -> Response:
        """Log in with the password, or with the token of the owner."""
        to, stays = find_our_path(form.get("to", "")), "stay" in form
        address = caller_of(request.scope).address
        try:
            token = await door.log_in(address, form.get("password", ""), stays=stays)
        except Problem as problem:
            return await _show(pages, door, request, to=to, problem=problem)
        if token is None:
            return await _show(pages, door, request, to=to, problem=find_wrong(door, address))
        return await enter(pages, door, request, token, to=to, stays=stays)

    @router.post(LOGOUT, dependencies=[needs(Scope.READ)])
    async def log_out(request: Request) -> Response:
        """End the session, at the server and in the browser."""
        tell_deed(request.scope, "log out")
        cookies = cookies_of(request.scope, request.headers, pages.parts.settings.web)
        await door.end(cookies.read(request.headers))
        response = lead(pages, f"{LOGIN}?ended=true")
        cookies.clear(response)
        return response

    @router.post("/theme", dependencies=[needs(Scope.READ)])
    def theme(request: Request, form: Form) -> Response:
        """Choose light or dark, and go back to the page."""
        chosen = form.get("theme", "")
        if chosen not in THEMES:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"theme: must be {', '.join(THEMES)}")
        response = lead(pages, pages.path_of(request.headers.get("referer", "")))
        response.set_cookie(THEME_COOKIE, chosen, max_age=THEME_SECONDS, path=pages.root, httponly=True, samesite="lax")
        return response

    return router


async def enter(pages: Pages, door: Door, request: Request, token: str, *, to: str, stays: bool = False) -> Response:
    """Return the way to a page behind the door, with the new cookie; an earlier session of the browser ends."""
    cookies = cookies_of(request.scope, request.headers, pages.parts.settings.web)
    await door.end(cookies.read(request.headers))
    response = lead(pages, to)
    cookies.write(response, token, stays=stays)
    return response


def lead(pages: Pages, path: str) -> Response:
    """Return the way to a path of ours."""
    return RedirectResponse(pages.url(path), HTTPStatus.SEE_OTHER)


def find_wrong(door: Door, address: str) -> Problem:
    """Return the answer to every wrong log-in: how many tries are left."""
    left, pause = door.find_left(address), say_length(LOGIN_WAIT_SECONDS)
    detail = f"{say_count(left, 'more try', 'more tries')}, then a pause of {pause}." if left else f"Wait {pause}."
    return Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})


async def _show(
    pages: Pages,
    door: Door,
    request: Request,
    *,
    to: str,
    problem: Problem | None = None,
    ended: bool = False,
    stranger: str = "",
) -> Response:
    is_claimable = await run_in_threadpool(_is_claimable, door)
    web = pages.parts.settings.web
    # Why a log-in at the issuer did not succeed, as the way back from there says it.
    reason = find_reason(request.query_params.get("oidc", ""))
    return pages.render_alone(
        request,
        "login.html",
        problem=problem,
        to=to,
        ended=ended,
        stranger=stranger,
        hint=_say_what_opens(door, pages, is_claimable=is_claimable),
        is_claimable=is_claimable,
        takes_password=web.web_password_login,
        sign_on=_build_sign_on(web, to),
        refusal=WORDS[reason] if reason else None,
    )


def _build_sign_on(web: WebSettings, to: str) -> SignOn | None:
    """Return the way to the issuer, which begins where it ends: at the address that is registered there."""
    if web.oidc_issuer is None:
        return None
    base = web.web_base_url
    return SignOn(
        urlsplit(web.oidc_issuer).netloc,
        f"{base}{SIGN_ON}?{urlencode({'to': to})}",
        f"{base}{SIGN_OUT}",
        is_any_allowed=bool(web.oidc_allowed or web.oidc_readers),
    )


def _is_claimable(door: Door) -> bool:
    """Return the same as the door; False if the database cannot be used: the page is shown all the same."""
    try:
        return door.is_claimable()
    except StorageError:
        return False


def _say_what_opens(door: Door, pages: Pages, *, is_claimable: bool) -> str:
    """Return what people type; without a log-in, the folders of the machine are not told."""
    password = "WEB_PASSWORD of this ListSync" if door.has_own_password else "The password that was chosen here"
    has_setting = pages.parts.settings.web.api_token is not None
    token = "API_TOKEN" if has_setting else "the token in DATA_DIR/api_token"
    if not pages.parts.settings.web.web_password_login:
        return f"For when the issuer is lost: {token}." if door.has_token else ""
    if is_claimable:
        return f"Until then, {token}." if door.has_token else ""
    return f"{password}, or {token}." if door.has_token else f"{password}."
