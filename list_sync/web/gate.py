"""What every request passes before a route sees it: port, host, rate, origin, credentials, body; pure ASGI."""

import logging
import math
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from list_sync.config.web import WebSettings
from list_sync.model.access import ANYBODY, Scope
from list_sync.web.access import Caller, Tokens, caller_of
from list_sync.web.bodies import read_body
from list_sync.web.deeds import SAFE
from list_sync.web.hosts import find_client, is_our_host
from list_sync.web.problems import Problem, answer_problem
from list_sync.web.rates import Failures, Rates

logger = logging.getLogger(__name__)

WATCHED = ("/health", "/health/live", "/health/ready", "/metrics")
# They check a secret of their own: a signature, or the Authorization header of the server's webhook agent.
SIGNED = ("/sync-trigger", "/hooks/overseerr")
HEADERS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


class Gate:
    """Refuses what may not come in; the routes behind it know the caller, and get bodies that are whole."""

    def __init__(self, app: ASGIApp, settings: WebSettings, tokens: Tokens) -> None:
        self._app = app
        self._settings = settings
        self._tokens = tokens
        self._rates = Rates()
        self._failures = Failures()
        self._open = tuple(path for path in WATCHED if settings.metrics_open or path != "/metrics")

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer why not."""
        if scope["type"] != "http":
            return
        send = _with_headers(send)
        try:
            body = await self._admit(scope, receive)
        except Problem as problem:
            await answer_problem(problem)(scope, receive, send)
            return
        await self._app(scope, body, self._noting_failures(scope, send) if scope["path"] in SIGNED else send)

    async def _admit(self, scope: AsgiScope, receive: Receive) -> Receive:
        """Return the body of a request that may come in; raise Problem for any other."""
        headers = Headers(scope=scope)
        path = self._drop_base_path(scope)
        self._check_port(scope, path)
        if path not in WATCHED:
            self._check_host(headers.get("host", ""))
        caller = await self._find_caller(scope, headers, is_signed=path in SIGNED)
        wait = self._rates.find_wait(caller.name or caller.address)
        if wait:
            raise _too_many("too many requests", wait)
        scope.setdefault("state", {})["caller"] = caller
        if caller.scope is None and path not in self._open and path not in SIGNED:
            detail = "this needs a token: Authorization: Bearer …, with API_TOKEN or the token in DATA_DIR/api_token"
            raise Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})
        if scope["method"] in SAFE:
            return receive
        _check_origin(headers)
        return await read_body(headers, receive, is_signed=path in SIGNED)

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

    async def _find_caller(self, scope: AsgiScope, headers: Headers, *, is_signed: bool) -> Caller:
        peer = (scope.get("client") or ("", 0))[0]
        forwarded = ",".join(headers.getlist("x-forwarded-for"))
        address = find_client(peer, forwarded, self._settings.trusted_proxies)
        if self._settings.is_open and not is_signed:
            return Caller(address, ANYBODY, Scope.ADMIN)
        kind, _, token = headers.get("authorization", "").partition(" ")
        has_token = kind.lower() == "bearer" and bool(token.strip())
        wait = self._failures.find_wait(address) if has_token or is_signed else 0
        if wait:
            raise _too_many("too many wrong credentials", wait)
        if is_signed or not has_token:
            return Caller(address)
        find = partial(self._tokens.find_scope, token.strip())
        found = await run_in_threadpool(find)
        if found is None:
            self._note_failure(address, "a wrong token")
            detail = "the token is wrong or was revoked"
            raise Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})
        return Caller(address, *found, is_still_valid=lambda: find() is not None)

    def _note_failure(self, address: str, what: str) -> None:
        self._failures.note(address)
        logger.warning("authentication failure: %s from %s", what, address)

    def _noting_failures(self, scope: AsgiScope, send: Send) -> Send:
        """Return a sender that counts refused signatures and secrets as wrong tokens are counted."""

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.UNAUTHORIZED:
                self._note_failure(caller_of(scope).address, "a wrong signature or secret")
            await send(message)

        return send_noted


def _check_origin(headers: Headers) -> None:
    """Refuse what a page of another site sends with the help of a browser."""
    site, origin = headers.get("sec-fetch-site", "none"), headers.get("origin")
    is_ours = origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
    if site not in ("none", "same-origin") or not is_ours:
        raise Problem(HTTPStatus.FORBIDDEN, "a page of another site may not ask for this")


def _too_many(what: str, wait: float) -> Problem:
    seconds = str(max(1, math.ceil(wait)))
    return Problem(HTTPStatus.TOO_MANY_REQUESTS, f"{what}: wait {seconds} s", headers={"Retry-After": seconds})


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
