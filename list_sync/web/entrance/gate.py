"""What every request passes before a route sees it: port, host, rate, origin, credentials, body; pure ASGI."""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from email.utils import formatdate
from functools import partial
from http import HTTPStatus

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from list_sync.config.web import WebSettings
from list_sync.errors import StorageError
from list_sync.model.access import ANYBODY, OWNER, Scope
from list_sync.storage.tokens import digest_of
from list_sync.web.entrance.access import Caller, Tokens, caller_of
from list_sync.web.entrance.bodies import Room, read_body
from list_sync.web.entrance.deeds import SAFE, name_request
from list_sync.web.entrance.hosts import find_client, is_our_host, place_of
from list_sync.web.entrance.rates import Failures, Rates
from list_sync.web.problems import UNUSABLE, Answer, Problem, name_fault

logger = logging.getLogger(__name__)

TOKEN_THREADS = 2
# Requests that change something at once: each may wait half a minute for a locked database, and threads are few.
WRITERS = 2
TURN_SECONDS = 10.0
WATCHED = ("/health", "/health/live", "/health/ready", "/metrics")
# They check a secret of their own: a signature, or the Authorization header of the server's webhook agent.
SIGNED = ("/sync-trigger", "/hooks/overseerr")
# People who are not logged in see these, and what those pages load.
DOORS = ("/login", "/claim")
ASSETS = "/static/"
# Bodies are JSON here, and forms of pages elsewhere.
API = "/api/"
# What browsers say of pages of ours, and of what people open themselves.
OUR_SITES = ("same-origin", "none")
HEADERS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


class Gate:
    """Refuses what may not come in; the routes behind it know the caller, and get bodies that are whole."""

    def __init__(self, app: ASGIApp, settings: WebSettings, tokens: Tokens, answer: Answer) -> None:
        self._app = app
        self._answer = answer
        self._settings = settings
        self._tokens = tokens
        self._rates = Rates()
        self._failures = Failures()
        self._limiter = CapacityLimiter(TOKEN_THREADS)
        # Clients without a token take no room from those that have one.
        self._room, self._room_of_signed = Room(), Room()
        self._writers = asyncio.Semaphore(WRITERS)
        self._noter = CapacityLimiter(1)
        self._noting = set[asyncio.Future[None]]()
        self._open = tuple(path for path in (*WATCHED, *DOORS) if settings.metrics_open or path != "/metrics")

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer why not; log a fault of a route, which the routes' handler answers."""
        if scope["type"] != "http":
            return
        send = _with_headers(send)
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
                send = self._noting_failures(scope, send)
            async with self._turn(scope["method"]):
                await self._app(scope, body, send)

    @asynccontextmanager
    async def _turn(self, method: str) -> AsyncIterator[None]:
        """Wait until few enough other requests change something; raise Problem if that takes long."""
        if method in SAFE:
            yield
            return
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._writers.acquire()
        except TimeoutError:
            raise UNUSABLE from None
        try:
            yield
        finally:
            self._writers.release()

    async def _admit(self, scope: AsgiScope, receive: Receive, held: ExitStack) -> Receive:
        """Return the body of a request that may come in, until the end of `held`; raise Problem for any other."""
        headers = Headers(scope=scope)
        _check_framing(scope, headers)
        path = self._drop_base_path(scope)
        self._check_port(scope, path)
        if path not in WATCHED:
            self._check_host(headers.get("host", ""))
        caller = await self._find_caller(scope, headers, path)
        has_name = caller.name not in ("", ANYBODY)
        wait = self._rates.find_wait(caller.name if has_name else place_of(caller.address))
        if wait:
            raise _too_many("too many requests", wait)
        scope.setdefault("state", {})["caller"] = caller
        if caller.scope is None and path not in self._open and path not in SIGNED and not path.startswith(ASSETS):
            detail = (
                "this needs the header Authorization: Bearer TOKEN, with API_TOKEN or the token in DATA_DIR/api_token"
            )
            raise Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})
        if scope["method"] in SAFE:
            return receive
        _check_origin(headers)
        is_signed = path in SIGNED
        room = self._room_of_signed if is_signed else self._room
        return await read_body(
            headers,
            receive,
            is_signed=is_signed,
            is_form=not path.startswith(API),
            hold=lambda: held.enter_context(room.taken()),
        )

    def _drop_base_path(self, scope: AsgiScope) -> str:
        """Return the path of a request below WEB_BASE_PATH; a proxy may have removed that already."""
        path: str = scope["path"]
        base = self._settings.web_base_path
        if base and (path == base or path.startswith(f"{base}/")):
            path = path[len(base) :] or "/"
            scope["path"], scope["raw_path"] = path, path.encode()
        return path

    def _check_port(self, scope: AsgiScope, path: str) -> None:
        port = (scope.get("server") or ("", 0))[1]
        if port in self._settings.metrics_port and port != self._settings.web_port and path not in WATCHED:
            raise Problem(HTTPStatus.NOT_FOUND, "this port (METRICS_PORT) has only /health and /metrics")

    def _check_host(self, host: str) -> None:
        if not is_our_host(host, self._settings.web_allowed_hosts):
            detail = "this name is not known: add it to WEB_ALLOWED_HOSTS, or use the address"
            raise Problem(HTTPStatus.MISDIRECTED_REQUEST, detail)

    async def _find_caller(self, scope: AsgiScope, headers: Headers, path: str) -> Caller:
        peer = (scope.get("client") or ("", 0))[0]
        forwarded = ",".join(headers.getlist("x-forwarded-for"))
        address = find_client(peer, forwarded, self._settings.trusted_proxies)
        is_signed = path in SIGNED
        if self._settings.is_open and not is_signed:
            return Caller(address, ANYBODY, Scope.ADMIN)
        kind, _, token = headers.get("authorization", "").partition(" ")
        token = token.strip()
        has_token = kind.lower() == "bearer" and bool(token)
        place, digest = self._place(address, path), digest_of(token)
        wait = self._failures.find_wait(place, digest) if has_token or is_signed else 0
        if wait:
            raise _too_many("too many wrong credentials", wait)
        # The header at a path that is signed holds the secret of that path.
        if is_signed or not has_token:
            return Caller(address)
        try:
            found = await self._find_scope(token)
        except StorageError:
            if path in WATCHED:
                return Caller(address)
            raise
        if found is None:
            self._note_failure(address, path, "a wrong token", digest)
            detail = "the token is wrong or was revoked"
            raise Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})
        self._failures.note_right(place, digest)
        return Caller(address, *found, is_still_valid=partial(self._tokens.is_valid, token))

    async def _find_scope(self, token: str) -> tuple[str, Scope] | None:
        """Return the name and the scope of a token, None if it is wrong; its use is stored in the background."""
        if self._tokens.is_owner(token):
            return OWNER, Scope.ADMIN
        # Requests that take long cannot keep all threads from those who ask for tokens.
        found = await to_thread.run_sync(self._tokens.find_stored, token, limiter=self._limiter)
        if found is None:
            return None
        if self._tokens.is_use_news(found):
            # A run may be writing just now, and the request need not wait for that.
            noting = asyncio.ensure_future(to_thread.run_sync(self._tokens.note_use, found.name, limiter=self._noter))
            self._noting.add(noting)
            noting.add_done_callback(self._noting.discard)
        return found.name, found.scope

    @staticmethod
    def _place(address: str, path: str) -> str:
        """Return where failures count: a wrong token does not keep away a webhook from the same address."""
        return f"{place_of(address)} {path}" if path in SIGNED else place_of(address)

    def _note_failure(self, address: str, path: str, what: str, digest: str = "") -> None:
        self._failures.note(self._place(address, path), digest)
        # For fail2ban; the log leaves out what it said in the last run, unless it is called news.
        logger.warning("authentication failure: %s from %s", what, address, extra={"news": object()})

    def _noting_failures(self, scope: AsgiScope, send: Send) -> Send:
        """Return a sender that counts refused signatures and secrets as wrong tokens are counted."""

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.UNAUTHORIZED:
                self._note_failure(caller_of(scope).address, scope["path"], "a wrong signature or secret")
            await send(message)

        return send_noted


def _check_framing(scope: AsgiScope, headers: Headers) -> None:
    """Refuse what two programs could read as two different requests."""
    if "transfer-encoding" in headers and ("content-length" in headers or scope["http_version"] != "1.1"):
        detail = "send either Content-Length or, with HTTP/1.1, Transfer-Encoding"
        raise Problem(HTTPStatus.BAD_REQUEST, detail, headers={"Connection": "close"})
    if len(headers.getlist("authorization")) > 1:
        raise Problem(HTTPStatus.BAD_REQUEST, "send the header Authorization once", headers={"Connection": "close"})


def _check_origin(headers: Headers) -> None:
    """Refuse what a page of another site sends with the help of a browser."""
    site, host = headers.get("sec-fetch-site"), headers.get("host", "").lower()
    # Browsers leave out the first header where the connection is not encrypted.
    is_ours = all(_host_of(one) == host for one in headers.getlist("origin")) if site is None else site in OUR_SITES
    if not is_ours:
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "a page of another site may not ask for this: use this address, or send it without a browser",
        )


def _host_of(origin: str) -> str:
    return origin.lower().partition("://")[2]


def _too_many(what: str, wait: float) -> Problem:
    seconds = str(max(1, math.ceil(wait)))
    return Problem(HTTPStatus.TOO_MANY_REQUESTS, f"{what}: wait {seconds} s", headers={"Retry-After": seconds})


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


def _with_headers(send: Send) -> Callable[[Message], Awaitable[None]]:
    """Return a sender that adds the headers of every answer, unless the route set them."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message["headers"]}
            added = [pair for pair in HEADERS if pair[0] not in present]
            date = (b"date", formatdate(usegmt=True).encode())
            message = {**message, "headers": [*message["headers"], *added, date]}
        await send(message)

    return send_with_headers
