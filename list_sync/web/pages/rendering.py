"""The one place where HTML is made: templates, what every page knows, and the answers to forms."""

import gzip
import re
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from fastapi import APIRouter
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from list_sync.correcting.list_needs import sentence
from list_sync.model.shown import shown_reason, shown_seasons
from list_sync.web.entrance.paths import DOORS, FEEDS, LOGIN, LOGOUT
from list_sync.web.pages import phrases
from list_sync.web.pages.assets import accepts_gzip, asset_path
from list_sync.web.pages.shell import build_shell, find_theme
from list_sync.web.pages.toasts import COOKIE, Toast, Toasts
from list_sync.web.parts import Parts
from list_sync.web.posters.drawing import find_art, find_hue
from list_sync.web.problems import Problem, answer_problem
from list_sync.web.watching.server_watch import describe_sight

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors "
)
# With no-referrer, browsers send `Origin: null` with the forms of a page, and nothing tells us that they are ours.
REFERRER = "same-origin"
HOME = "/"
_ENDED = "your log-in is over: nothing was changed, and what was typed is not kept. Log in, then repeat what you did"
# Browsers take `//host` and `/\host` for another site, and leave out tabs and line breaks before they look.
_OUR_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")
# Their answers are for programs, also where a browser asks.
_OF_PROGRAMS = ("/api", "/health", "/metrics", "/hooks", "/sync-trigger", "/openapi.json", "/docs")
_SMALL_BYTES = 1000


class Pages:
    """Renders pages, and answers forms; one for all page modules."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._toasts = Toasts()
        self._base = parts.settings.web.web_base_path
        self._policy = POLICY + (" ".join(parts.settings.web.web_frame_ancestors) or "'none'")
        self._templates = Environment(
            loader=PackageLoader("list_sync.web"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
            finalize=phrases.show_directions,
            auto_reload=False,
        )
        self._templates.filters |= {
            "number": phrases.say_number,
            "count": phrases.say_count,
            "size": phrases.say_size,
            "length": phrases.say_length,
            "len": len,
            "sentence": sentence,
            "seasons": shown_seasons,
            "state": phrases.say_state,
            "prose": phrases.say_prose,
            "directions": phrases.show_directions,
            "server": describe_sight,
            "hue": find_hue,
            "art": find_art,
        }
        self._templates.globals |= {"url": self.url, "asset": lambda name: self.url(asset_path(name))}

    def url(self, path: str) -> str:
        """Return the address of a path of ours, below WEB_BASE_PATH."""
        return f"{self._base}{path}"

    @property
    def root(self) -> str:
        """Return the path of our cookies."""
        return self._base or "/"

    def path_of(self, address: str) -> str:
        """Return the path of an address of ours, without WEB_BASE_PATH."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return HOME
        path = parts.path.removeprefix(self._base) or HOME
        return find_our_path(f"{path}?{parts.query}" if parts.query else path)

    def render(self, request: Request, template: str, *, status: HTTPStatus = HTTPStatus.OK, **values: Any) -> Response:
        """Return a page in its frame; raise StorageError."""
        toast = self._toasts.take(request.cookies.get(COOKIE, ""))
        shell = build_shell(self.parts, request, toast)
        response = self.render_alone(request, template, status=status, shell=shell, **values)
        if COOKIE in request.cookies:
            response.delete_cookie(COOKIE, path=self.url("/"))
        return response

    def render_alone(
        self,
        request: Request,
        template: str,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        problem: Problem | None = None,
        **values: object,
    ) -> Response:
        """Return a page without the frame, which needs no database: the log-in, and errors; a problem is its status."""
        zone, now = self.parts.settings.process.zone, self.parts.now()
        times = {
            "ago": partial(phrases.make_time, zone=zone, now=now, is_near=True),
            "at": partial(phrases.make_time, zone=zone, now=now, is_near=False),
            "reason": partial(shown_reason, zone=zone),
            "clock": partial(phrases.make_clock, zone=zone, now=now),
        }
        text = self._templates.get_template(template).render(
            request=request, problem=problem, theme=find_theme(request), **times, **values
        )
        headers = {
            "Content-Security-Policy": self._policy,
            "Referrer-Policy": REFERRER,
            "Vary": "Accept-Encoding, Cookie",
        }
        content = text.encode("utf-8", "replace")
        if len(content) > _SMALL_BYTES and accepts_gzip(request):
            content, headers["Content-Encoding"] = gzip.compress(content, 5), "gzip"
        if problem is not None:
            status, headers = problem.status, headers | dict(problem.headers or {})
        return HTMLResponse(content, status, headers=headers)

    def answer(self, request: Request, toast: Toast, to: str) -> Response:
        """Return the answer to a form: a toast on the page at `to`, or for the script the toast alone."""
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse(toast.state() | {"to": self.url(to)})
        response = RedirectResponse(self.url(to), HTTPStatus.SEE_OTHER)
        cookie = self._toasts.keep(toast)
        response.set_cookie(COOKIE, cookie, max_age=60, path=self.url("/"), httponly=True, samesite="strict")
        return response

    def redirect(self, to: str) -> Response:
        """Return the answer to a form that leads to another page."""
        return RedirectResponse(self.url(to), HTTPStatus.SEE_OTHER)

    def answer_problem(self, request: Request, problem: Problem) -> Response:
        """Return a problem as a page where a person reads it, and the log-in where one is needed."""
        path, is_form = request.scope["path"], request.method == "POST"
        if problem.status is HTTPStatus.UNAUTHORIZED and is_form and _is_of_person(request):
            problem = Problem(problem.status, _ENDED, headers=problem.headers)
        # The address of a feed may hold a token, which must not get into another address.
        if not wants_page(request) or path in FEEDS:
            return answer_problem(problem)
        if problem.status is HTTPStatus.UNAUTHORIZED and request.method == "GET":
            # As it was sent: the name of a list may hold `?`, blanks, and letters of other alphabets.
            back = b"?".join(filter(None, (request.scope["raw_path"], request.scope["query_string"]))).decode("latin-1")
            return RedirectResponse(self.url(f"{LOGIN}?to={quote(back)}"), HTTPStatus.SEE_OTHER)
        if problem.status is HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET":
            # A page that was the answer to a form: the form is on the page above it.
            return self.redirect(find_our_path(path.rpartition("/")[0]))
        back = self.path_of(request.headers.get("referer", "")) if is_form else HOME
        return self.render_alone(request, "error.html", problem=problem, back=back)


PageRoutes = Callable[[Pages], APIRouter]


def find_our_path(text: str) -> str:
    """Return a path of ours to go to; the overview for anything that may lead elsewhere, or to the door again."""
    path = unquote(text.partition("?")[0])
    is_ours = _OUR_PATH.fullmatch(text) and path.isprintable() and path[1:2] not in ("/", "\\")
    return text if is_ours and path not in (*DOORS, LOGOUT) else HOME


def wants_page(request: Request) -> bool:
    """Return whether a person waits for the answer, and not a program."""
    return not _is_of_programs(request) and "text/html" in request.headers.get("accept", "")


def _is_of_person(request: Request) -> bool:
    """Return whether a page sent a request, also by its script."""
    return not _is_of_programs(request) and "authorization" not in request.headers


def _is_of_programs(request: Request) -> bool:
    path = request.scope["path"]
    return any(path == one or path.startswith(f"{one}/") for one in _OF_PROGRAMS)
