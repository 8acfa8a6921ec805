"""Trakt's device log-in and the renewal of its tokens (OAuth 2.0), for the user's own API app."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.classifier import expect_success
from list_sync.api.http.client import HttpClient
from list_sync.api.http.payloads import expect_object
from list_sync.api.logins.approval import (
    DEFAULT_INTERVAL_SECONDS,
    DEFAULT_LIFETIME_SECONDS,
    Invitation,
    NotYet,
    expect_secret,
    expired,
    find_seconds,
)
from list_sync.api.sources.trakt import CLIENT_ID, CLIENT_SECRET, trakt_headers
from list_sync.errors import AuthenticationFailed, Refused, ServiceError

# Trakt's access tokens were valid for a day in 2025 and a week in 2026. We assume this if an answer states no time.
SHORTEST_KNOWN_LIFETIME = 24 * 3600.0
# OAuth's name for an app without a web page to return to.
_OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
_AGAIN = "`list-sync login trakt` starts again"


@dataclass(frozen=True, slots=True)
class TraktApp:
    """The user's API app at Trakt, with the HTTP client for it."""

    http: HttpClient
    base_url: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TraktGrant:
    """A pair of tokens; the refresh token can be used once, for the next pair."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: float


def request_code(app: TraktApp) -> Invitation:
    """Return the address and the code that the user needs; raise a ServiceError."""
    answer = expect_success(_post(app, "/oauth/device/code", {"client_id": app.client_id}), explain_refusal)
    service = app.http.service
    document = expect_object(answer.json(), service=service, what="a code for logging in")
    return Invitation(
        address=expect_secret(document.get("verification_url"), service=service, what="address to open"),
        code=expect_secret(document.get("user_code"), service=service, what="code to type"),
        handle=expect_secret(document.get("device_code"), service=service, what="code of the device"),
        expires_in=find_seconds(document.get("expires_in"), DEFAULT_LIFETIME_SECONDS),
        interval=find_seconds(document.get("interval"), DEFAULT_INTERVAL_SECONDS),
    )


def ask_for_tokens(app: TraktApp, invitation: Invitation) -> TraktGrant | NotYet:
    """Return the tokens if the user has approved; raise Refused if the user cannot approve any more."""
    body = {"code": invitation.handle, "client_id": app.client_id, "client_secret": app.client_secret}
    answer = _post(app, "/oauth/device/token", body)
    if answer.status == 400:
        return NotYet()
    return parse_grant(expect_success(answer, explain_poll))


def renew(app: TraktApp, refresh_token: str) -> TraktGrant:
    """Return the next pair of tokens. This uses up the old refresh token, so the request is never repeated.

    Raise AuthenticationFailed if Trakt does not accept the old token any more.
    """
    body = {
        "refresh_token": refresh_token,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "redirect_uri": _OUT_OF_BAND,
        "grant_type": "refresh_token",
    }
    return parse_grant(expect_success(_post(app, "/oauth/token", body), explain_renewal))


def parse_grant(answer: HttpAnswer) -> TraktGrant:
    """Return the tokens of an answer; raise UnexpectedResponse if there are none."""
    document = expect_object(answer.json(), service=answer.service, what="the tokens of a log-in")
    return TraktGrant(
        access_token=expect_secret(document.get("access_token"), service=answer.service, what="token"),
        refresh_token=expect_secret(document.get("refresh_token"), service=answer.service, what="refresh token"),
        expires_in=find_seconds(document.get("expires_in"), SHORTEST_KNOWN_LIFETIME),
    )


_POLL_MEANINGS: Mapping[int, str] = {
    404: f"it does not know this code any more: {_AGAIN}",
    409: f"the code was used already: {_AGAIN}",
    418: f"the log-in was denied on Trakt's page: {_AGAIN}",
}


def explain_poll(answer: HttpAnswer) -> ServiceError | None:
    """Return what Trakt means by its answer to a device that asks for tokens (its API, device token)."""
    if answer.status == 410:
        return expired(answer.service)
    if answer.status in _POLL_MEANINGS:
        return Refused(answer.service, f"{_POLL_MEANINGS[answer.status]} (HTTP {answer.status})")
    return explain_refusal(answer)


def explain_renewal(answer: HttpAnswer) -> ServiceError | None:
    """Return what Trakt means by its answer to a refresh token."""
    if answer.status in (400, 401, 404):
        return AuthenticationFailed(answer.service, f"Trakt does not renew the log-in (HTTP {answer.status})")
    return explain_refusal(answer)


def explain_refusal(answer: HttpAnswer) -> ServiceError | None:
    """Return what Trakt means when it refuses the app; None for answers that mean the same at every service."""
    if answer.status in (400, 401, 403) and not answer.is_html:
        advice = f"copy both from your app at https://trakt.tv/oauth/applications (HTTP {answer.status})"
        return AuthenticationFailed(answer.service, f"{CLIENT_ID} or {CLIENT_SECRET} was refused: {advice}")
    return None


def _post(app: TraktApp, path: str, body: Mapping[str, str]) -> HttpAnswer:
    return app.http.send("POST", f"{app.base_url}{path}", json=body, headers=trakt_headers(app.client_id))
