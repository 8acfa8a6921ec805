"""Finds out who sends a request, by a token or the session of a cookie; wrong tokens wait."""

import asyncio
import secrets
from functools import partial
from http import HTTPStatus

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers, QueryParams
from starlette.types import Message, Send
from starlette.types import Scope as AsgiScope

from list_sync.config.web import WebSettings
from list_sync.errors import StorageError
from list_sync.model.access import ANYBODY, OWNER, LoginKind, LoginSession, Scope
from list_sync.storage.tokens import digest_of
from list_sync.web.entrance import csrf
from list_sync.web.entrance.access import Caller, Tokens, caller_of
from list_sync.web.entrance.hosts import find_client, is_https, is_trusted, place_of
from list_sync.web.entrance.paths import API, DOORS, FEEDS, KEY, SAFE, SIGNED, WATCHED
from list_sync.web.entrance.rates import Failures, tell_failure, too_many
from list_sync.web.entrance.sessions import Cookies, Sessions
from list_sync.web.problems import Problem

TOKEN_THREADS = 2


class Callers:
    """Knows the callers of requests; one for the service."""

    def __init__(self, settings: WebSettings, tokens: Tokens, sessions: Sessions) -> None:
        self._settings = settings
        self._tokens = tokens
        self._sessions = sessions
        self._failures = Failures()
        self._limiter = CapacityLimiter(TOKEN_THREADS)
        self._noter = CapacityLimiter(1)
        self._noting = set[asyncio.Future[None]]()
        # With WEB_AUTH=none there is no log-in that forms could be bound to.
        self._own_secret = secrets.token_bytes(32)

    async def find(self, scope: AsgiScope, headers: Headers, path: str) -> Caller:
        """Return who sends a request; raise Problem for a wrong token, StorageError if the database cannot be used."""
        forwarded = ",".join(headers.getlist("x-forwarded-for"))
        address = find_client(peer_of(scope), forwarded, self._settings.trusted_proxies)
        if path in SIGNED:
            # The header Authorization holds the secret of that path.
            self._require_patience(address, path)
            return Caller(address)
        if self._settings.is_open:
            return Caller(address, ANYBODY, Scope.ADMIN, csrf.mask(self._own_secret), self._own_secret)
        kind, _, token = headers.get("authorization", "").partition(" ")
        try:
            if kind.lower() == "bearer" and token.strip():
                return await self._find_by_token(address, token.strip(), path)
            if path in FEEDS and (key := QueryParams(scope["query_string"]).get(KEY, "").strip()):
                return _require_feed(await self._find_by_token(address, key, path))
            if path not in DOORS or scope["method"] in SAFE:
                return await self._find_by_cookie(address, scope, headers, path)
        except StorageError:
            if path not in WATCHED and path not in DOORS:
                raise
        return Caller(address)

    async def _find_by_token(self, address: str, token: str, path: str) -> Caller:
        digest = digest_of(token)
        self._require_patience(address, path, digest)
        found = await self._find_scope(token)
        if found is None:
            self._note_failure(address, path, "a wrong token", digest)
            detail = "the token is wrong or was revoked"
            raise Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})
        self._failures.note_right(_place(address, path), digest)
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
            self._note_in_background(partial(self._tokens.note_use, found.name))
        return found.name, found.scope

    async def _find_by_cookie(self, address: str, scope: AsgiScope, headers: Headers, path: str) -> Caller:
        token = cookies_of(scope, headers, self._settings).read(headers)
        if not token:
            return Caller(address)
        found = await to_thread.run_sync(self._sessions.find, token, limiter=self._limiter)
        if found is None or self._is_of_another(found, scope, headers, path):
            return Caller(address)
        if self._sessions.is_use_news(found):
            self._note_in_background(partial(self._sessions.note_use, found.digest))
        secret = csrf.make_secret(token)
        return Caller(
            address, found.name, found.kind.scope, csrf.mask(secret), secret, partial(self._sessions.is_valid, token)
        )

    def _is_of_another(self, session: LoginSession, scope: AsgiScope, headers: Headers, path: str) -> bool:
        """Return whether the proxy names another person by now; it may leave the paths of the API alone."""
        is_named = session.kind is LoginKind.PROXY and not path.startswith(API)
        return is_named and find_proxy_user(scope, headers, self._settings) != session.name

    def _note_in_background(self, note: partial[None]) -> None:
        """Store the use of something: a run may be writing just now, and the request need not wait for that."""
        noting = asyncio.ensure_future(to_thread.run_sync(note, limiter=self._noter))
        self._noting.add(noting)
        noting.add_done_callback(self._noting.discard)

    def _require_patience(self, address: str, path: str, digest: str = "") -> None:
        wait = self._failures.find_wait(_place(address, path), digest)
        if wait:
            raise too_many("too many wrong credentials", wait)

    def _note_failure(self, address: str, path: str, what: str, digest: str = "") -> None:
        self._failures.note(_place(address, path), digest)
        tell_failure(what, address)

    def noting_failures(self, scope: AsgiScope, send: Send) -> Send:
        """Return a sender that counts refused signatures and secrets as wrong tokens are counted."""

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.UNAUTHORIZED:
                self._note_failure(caller_of(scope).address, scope["path"], "a wrong signature or secret")
            await send(message)

        return send_noted


def _require_feed(caller: Caller) -> Caller:
    """Return the caller of an address with a token in it; raise Problem if that token may do more than read feeds."""
    if caller.scope is not Scope.FEED:
        detail = (
            "only a token with the scope feed may stand in an address, which readers and proxies store: revoke "
            f"{caller.name}, and use the token of list-sync web token new NAME --scope feed"
        )
        raise Problem(HTTPStatus.FORBIDDEN, detail)
    return caller


def peer_of(scope: AsgiScope) -> str:
    """Return the address of the other end of the connection."""
    return str((scope.get("client") or ("", 0))[0])


def cookies_of(scope: AsgiScope, headers: Headers, settings: WebSettings) -> Cookies:
    """Return the cookie of sessions, as this request must carry it."""
    proto = ",".join(headers.getlist("x-forwarded-proto"))
    return Cookies(settings.web_base_path, is_https(peer_of(scope), proto, settings.trusted_proxies))


def find_proxy_user(scope: AsgiScope, headers: Headers, settings: WebSettings) -> str:
    """Return the name under which a trusted proxy passes a request on, "" for none; WEB_AUTH_USERS may not hold it."""
    if settings.web_auth_header is None or not is_trusted(peer_of(scope), settings.trusted_proxies):
        return ""
    names = headers.getlist(settings.web_auth_header)
    try:
        return names[0].encode("latin-1").decode("utf-8").strip() if len(names) == 1 else ""
    except UnicodeDecodeError:
        return ""


def _place(address: str, path: str) -> str:
    """Return where failures count: a wrong token does not keep away a webhook from the same address."""
    return f"{place_of(address)} {path}" if path in SIGNED else place_of(address)
