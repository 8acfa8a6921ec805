"""What every request passes before a route sees it: port, host, rate, origin, credentials, body; pure ASGI."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from email.utils import formatdate
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from list_sync.config.web import WebSettings
from list_sync.errors import StorageError
from list_sync.model.access import ANYBODY, Scope
from list_sync.web.entrance.bodies import Room, give_again, read_body
from list_sync.web.entrance.callers import Callers
from list_sync.web.entrance.csrf import require_token
from list_sync.web.entrance.deeds import name_request
from list_sync.web.entrance.hosts import is_our_host, place_of
from list_sync.web.entrance.paths import API, ASSETS, DOORS, FEEDS, SAFE, SIGNED, WATCHED
from list_sync.web.entrance.rates import Rates, too_many
from list_sync.web.problems import UNUSABLE, Answer, Problem, name_fault

logger = logging.getLogger(__name__)

# Requests that change something at once: each may wait half a minute for a locked database, and threads are few.
WRITERS = 2
TURN_SECONDS = 10.0
# What browsers say of pages of ours, and of what people open themselves.
OUR_SITES = ("same-origin", "none")
HEADERS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
STRICT = (b"strict-transport-security", b"max-age=31536000")


class Gate:
    """Refuses what may not come in; the routes behind it know the caller, and get bodies that are whole."""

    def __init__(self, app: ASGIApp, settings: WebSettings, callers: Callers, answer: Answer) -> None:
        self._app = app
        self._answer = answer
        self._settings = settings
        self._callers = callers
        self._rates = Rates()
        self._headers = (*HEADERS, STRICT) if settings.is_https else HEADERS
        # Clients without a token take no room from those that have one.
        self._room, self._room_of_others = Room(), Room()
        self._writers = asyncio.Semaphore(WRITERS)
        # A hash takes long: log-ins wait for each other, and nothing else waits for them.
        self._doors = asyncio.Semaphore(1)
        self._open = tuple(path for path in (*WATCHED, *DOORS) if settings.metrics_open or path != "/metrics")

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer why not; log a fault of a route, which the routes' handler answers."""
        if scope["type"] != "http":
            return
        send = _with_headers(send, self._headers)
        try:
            await self._pass_on(scope, receive, send)
        except Problem as problem:
            await self._answer(Request(scope), problem)(scope, receive, send)
        except StorageError:
            await self._answer(Request(scope), UNUSABLE)(scope, receive, send)
        except asyncio.CancelledError:
            # The service ends, and the connection is closed already: uvicorn would log this as a fault.
            logger.debug("%s was ended with the service", name_request(scope))
        except Exception:
            # The answer was sent, or broken off: nothing else knows of a fault that no route expected.
            where = name_request(scope), name_fault(scope)
            logger.exception("a fault of ListSync at %s (%s); please report this", *where)

    async def _pass_on(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        with ExitStack() as held:
            body = await self._admit(scope, receive, held)
            if scope["method"] == "HEAD":
                # Answered as GET is; the server that sends the answer still knows of HEAD, so the scope is another one.
                scope, send = {**scope, "method": "GET"}, _without_body(send)
            if scope["path"] in SIGNED:
                send = self._callers.noting_failures(scope, send)
            async with self._turn(scope["method"], scope["path"]):
                await self._app(scope, body, send)

    @asynccontextmanager
    async def _turn(self, method: str, path: str) -> AsyncIterator[None]:
        """Wait until few enough other requests change something; raise Problem if that takes long."""
        if method in SAFE:
            yield
            return
        turns = self._doors if path in DOORS else self._writers
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await turns.acquire()
        except TimeoutError:
            raise UNUSABLE from None
        try:
            yield
        finally:
            turns.release()

    async def _admit(self, scope: AsgiScope, receive: Receive, held: ExitStack) -> Receive:
        """Return the body of a request that may come in, until the end of `held`; raise Problem for any other."""
        headers = Headers(scope=scope)
        _check_framing(scope, headers)
        path = self._drop_base_path(scope)
        self._check_port(scope, path)
        if path not in WATCHED:
            self._check_host(headers.get("host", ""))
        caller = await self._callers.find(scope, headers, path)
        has_name = caller.name not in ("", ANYBODY)
        wait = self._rates.find_wait(caller.name if has_name else place_of(caller.address))
        if wait:
            raise too_many("too many requests", wait)
        scope.setdefault("state", {})["caller"] = caller
        if caller.scope is None and path not in self._open and path not in SIGNED and not path.startswith(ASSETS):
            detail = "log in, or send Authorization: Bearer TOKEN, with API_TOKEN or the token in DATA_DIR/api_token"
            raise Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})
        if caller.scope is Scope.FEED and path not in FEEDS and path not in self._open:
            raise Problem(HTTPStatus.FORBIDDEN, f"the token {caller.name} has the scope feed: it reads the feeds alone")
        if scope["method"] in SAFE:
            return receive
        is_form = not path.startswith(API)
        # Scripts need no token with WEB_AUTH=none.
        is_of_page = bool(caller.secret) and (is_form or caller.name != ANYBODY)
        self._check_origin(headers, is_needed=is_of_page and caller.name != ANYBODY)
        room = self._room_of_others if caller.scope is None else self._room
        hold = partial(_hold, held, room)
        body = await read_body(headers, receive, is_signed=path in SIGNED, is_form=is_form, hold=hold)
        if is_of_page:
            require_token(caller.secret, headers, body)
        return give_again(body, receive)

    def _drop_base_path(self, scope: AsgiScope) -> str:
        """Return the path of a request below WEB_BASE_PATH; a proxy may have removed that already."""
        path: str = scope["path"]
        base = self._settings.web_base_path
        if base and (path == base or path.startswith(f"{base}/")):
            path = path[len(base) :] or "/"
            scope["path"], scope["raw_path"] = path, scope["raw_path"].removeprefix(base.encode()) or b"/"
        return path

    def _check_port(self, scope: AsgiScope, path: str) -> None:
        port = (scope.get("server") or ("", 0))[1]
        if port in self._settings.metrics_port and port != self._settings.web_port and path not in WATCHED:
            raise Problem(HTTPStatus.NOT_FOUND, "this port (METRICS_PORT) has only /health and /metrics")

    def _check_host(self, host: str) -> None:
        if not is_our_host(host, self._settings.host_names):
            detail = "this name is not known: add it to WEB_ALLOWED_HOSTS, or use the address"
            raise Problem(HTTPStatus.MISDIRECTED_REQUEST, detail)

    def _check_origin(self, headers: Headers, *, is_needed: bool) -> None:
        """Refuse what a page of another site sends with the help of a browser."""
        site, origins = headers.get("sec-fetch-site"), headers.getlist("origin")
        # Browsers leave out the first header where the connection is not encrypted.
        is_ours = all(map(self._is_our_origin(headers), origins)) if site is None else site in OUR_SITES
        if not is_ours:
            raise Problem(
                HTTPStatus.FORBIDDEN,
                "a page of another site may not ask for this: use this address, or send it without a browser",
            )
        if is_needed and site is None and not origins:
            raise Problem(HTTPStatus.FORBIDDEN, "a log-in counts only in a browser that sends Origin: use a token")

    def _is_our_origin(self, headers: Headers) -> Callable[[str], bool]:
        host, base = headers.get("host", "").lower(), self._settings.web_base_url
        ours = {urlsplit(base).netloc.lower(), host} if base else {host}
        return lambda origin: origin.lower().partition("://")[2] in ours


def _hold(held: ExitStack, room: Room) -> None:
    held.enter_context(room.taken())


def _check_framing(scope: AsgiScope, headers: Headers) -> None:
    """Refuse what two programs could read as two different requests."""
    if "transfer-encoding" in headers and ("content-length" in headers or scope["http_version"] != "1.1"):
        detail = "send either Content-Length or, with HTTP/1.1, Transfer-Encoding"
        raise Problem(HTTPStatus.BAD_REQUEST, detail, headers={"Connection": "close"})
    if len(headers.getlist("authorization")) > 1:
        raise Problem(HTTPStatus.BAD_REQUEST, "send the header Authorization once", headers={"Connection": "close"})


def _without_body(send: Send) -> Send:
    """Return a sender that ends an answer after its headers."""
    is_over = False

    async def send_headers(message: Message) -> None:
        nonlocal is_over
        if not is_over and message["type"] == "http.response.start":
            is_over = True
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return send_headers


def _with_headers(send: Send, headers: Sequence[tuple[bytes, bytes]]) -> Callable[[Message], Awaitable[None]]:
    """Return a sender that adds the headers of every answer, unless the route set them."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message["headers"]}
            added = [pair for pair in headers if pair[0] not in present]
            date = (b"date", formatdate(usegmt=True).encode())
            message = {**message, "headers": [*message["headers"], *added, date]}
        await send(message)

    return send_with_headers
