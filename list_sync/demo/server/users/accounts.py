"""Status, public settings, log-in and users."""

from __future__ import annotations

from list_sync.demo.server.calls.answers import Answer, json_answer, refused
from list_sync.demo.server.calls.exchange import Exchange
from list_sync.demo.server.calls.paging import Window, read_window
from list_sync.demo.server.database.rows import UserRow
from list_sync.demo.server.dialects import Dialect
from list_sync.demo.server.users.access import SESSION_COOKIE
from list_sync.demo.server.users.permissions import Permission, has_all, has_any
from list_sync.demo.server.users.quotas import measure_quota

SESSION_SECONDS = 30 * 86_400


def status(exchange: Exchange) -> Answer:
    """Answer GET /status, which needs no log-in."""
    traits = exchange.backend.traits
    body = {
        "version": traits.version,
        "commitTag": traits.commit,
        "updateAvailable": False,
        "commitsBehind": 0,
        "restartRequired": False,
    }
    return json_answer(200, body)


def public_settings(exchange: Exchange) -> Answer:
    """Answer GET /settings/public, which shows the dialect."""
    backend = exchange.backend
    body: dict[str, object] = {
        "initialized": True,
        "applicationTitle": backend.traits.name,
        "applicationUrl": "",
        "hideAvailable": False,
        "localLogin": True,
        "movie4kEnabled": backend.settings.movie_4k_enabled,
        "series4kEnabled": backend.settings.series_4k_enabled,
        "originalLanguage": "",
        "partialRequestsEnabled": backend.settings.partial_requests_enabled,
        "cacheImages": False,
        "vapidPublic": "",
        "enablePushRegistration": False,
        "locale": "en",
        "emailEnabled": False,
        "newPlexLogin": True,
    }
    if backend.dialect is Dialect.OVERSEERR:
        body["region"] = ""
    else:
        body["mediaServerType"] = 4
        body["enableSpecialEpisodes"] = backend.settings.special_episodes_enabled
        body.update(mediaServerLogin=True, jellyfinExternalHost="", jellyfinForgotPasswordUrl="", discoverRegion="")
        body.update(streamingRegion="", youtubeUrl="", userEmailRequired=False)
    if backend.dialect is Dialect.SEERR:
        body["hideBlocklisted"] = False
    return json_answer(200, body)


def me(exchange: Exchange) -> Answer:
    """Answer GET /auth/me."""
    with exchange.backend.state.lock:
        return json_answer(200, exchange.backend.payloads.account(exchange.user))


def log_in(exchange: Exchange) -> Answer:
    """Answer POST /auth/local; Overseerr and Jellyseerr include the hash of the password."""
    backend = exchange.backend
    users = list(backend.state.users.values())
    user = next((row for row in users if row.email == exchange.body["email"]), None)
    if user is None or user.password != exchange.body["password"]:
        raise refused(403, "Access denied.")
    cookie = backend.sessions.open(user)
    with backend.state.lock:
        body = backend.payloads.user(user)
    if backend.traits.returns_password_hash:
        body["password"] = f"$2b$12${'demo' * 13}d"
    attributes = f"Path=/; Max-Age={SESSION_SECONDS}; HttpOnly; SameSite=Lax"
    return json_answer(200, body, (("Set-Cookie", f"{SESSION_COOKIE}={cookie}; {attributes}"),))


def log_out(exchange: Exchange) -> Answer:
    """Answer POST /auth/logout."""
    if exchange.cookie is not None:
        exchange.backend.sessions.close(exchange.cookie)
    return json_answer(200, {"status": "ok"})


def list_users(exchange: Exchange) -> Answer:
    """Answer GET /user: any user may list users, by default ten at a time."""
    window = read_window(exchange.query, default=10)
    backend = exchange.backend
    with backend.state.lock:
        rows = sorted(backend.state.users.values(), key=lambda row: row.id)
        results = backend.payloads.users(window.part(rows), exchange.user)
    return json_answer(200, {"pageInfo": window.info(len(rows)), "results": results})


def show_user(exchange: Exchange) -> Answer:
    """Answer GET /user/{id}."""
    user = _user(exchange)
    with exchange.backend.state.lock:
        return json_answer(200, exchange.backend.payloads.users([user], exchange.user)[0])


def user_quota(exchange: Exchange) -> Answer:
    """Answer GET /user/{id}/quota; for shows the quota counts seasons."""
    backend = exchange.backend
    manages = has_all(exchange.user.permissions, Permission.MANAGE_USERS | Permission.MANAGE_REQUESTS)
    if exchange.path_id("userId") != exchange.user.id and not manages:
        raise refused(403, "You do not have permission to view this user's request limits.")
    user = _user(exchange)
    with backend.state.lock:
        quotas = {kind: measure_quota(backend.state, backend.settings, user, kind).body() for kind in ("movie", "tv")}
    return json_answer(200, quotas)


def user_requests(exchange: Exchange) -> Answer:
    """Answer GET /user/{id}/requests."""
    backend = exchange.backend
    views = has_any(exchange.user.permissions, Permission.MANAGE_REQUESTS | Permission.REQUEST_VIEW)
    if exchange.path_id("userId") != exchange.user.id and not views:
        raise refused(403, "You do not have permission to view this user's requests.")
    window: Window = read_window(exchange.query)
    with backend.state.lock:
        rows = backend.state.user_requests(_user(exchange).id)
        results = [backend.payloads.request(row) for row in window.part(rows[::-1])]
    return json_answer(200, {"pageInfo": window.info(len(rows)), "results": results})


def _user(exchange: Exchange) -> UserRow:
    user = exchange.backend.state.users.get(exchange.path_id("userId"))
    if user is None:
        raise refused(404, "User not found.")
    return user
