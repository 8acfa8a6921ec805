"""SIMKL's log-in by PIN: the user types a code on SIMKL's page, and we get a token that is valid for years."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.classifier import Explanation, expect_success
from list_sync.api.http.client import HttpClient
from list_sync.api.http.payloads import clean_title, expect_object
from list_sync.api.logins.approval import (
    DEFAULT_INTERVAL_SECONDS,
    DEFAULT_LIFETIME_SECONDS,
    SLOWER_BY_SECONDS,
    Invitation,
    NotYet,
    expect_secret,
    explain_expiry,
    find_seconds,
)
from list_sync.errors import AuthenticationFailed, RateLimited, ServiceError
from list_sync.version import __version__

BASE_URL = "https://api.simkl.com"
CLIENT_ID = "SIMKL_CLIENT_ID"
CLIENT_ID_ADVICE = "make a free app at https://simkl.com/settings/developer and copy its client id"


@dataclass(frozen=True, slots=True)
class SimklApp:
    """The user's API app at SIMKL, with the HTTP client for it."""

    http: HttpClient
    base_url: str
    client_id: str = field(repr=False)


def request_pin(app: SimklApp) -> Invitation:
    """Return the address and the code that the user needs; raise a ServiceError."""
    service = app.http.service
    document = _ask(app, "/oauth/pin")
    address = document.get("verification_url") or document.get("verification_uri")
    code = expect_secret(document.get("user_code"), service=service, what="code to type")
    return Invitation(
        address=expect_secret(address, service=service, what="address to open"),
        code=code,
        handle=code,
        expires_in=find_seconds(document.get("expires_in"), DEFAULT_LIFETIME_SECONDS),
        interval=find_seconds(document.get("interval"), DEFAULT_INTERVAL_SECONDS),
    )


def ask_for_token(app: SimklApp, invitation: Invitation) -> str | NotYet:
    """Return the token if the user has typed the code; raise Refused if it has expired."""
    document = _ask(app, f"/oauth/pin/{quote(invitation.handle, safe='')}", explain_poll)
    if document.get("access_token"):
        return expect_secret(document.get("access_token"), service=app.http.service, what="token")
    if "slow down" in clean_title(document.get("message")).lower():
        raise RateLimited(app.http.service, retry_after=invitation.interval + SLOWER_BY_SECONDS)
    return NotYet()


def explain_poll(answer: HttpAnswer) -> ServiceError | None:
    """Return what SIMKL means by its answer to a code."""
    return explain_expiry(answer) or explain_refusal(answer)


def explain_refusal(answer: HttpAnswer) -> ServiceError | None:
    """Return what SIMKL means when it refuses the app; None for answers that mean the same at every service."""
    if answer.status in (400, 401, 403, 412) and not answer.is_html:
        advice = f"copy it again from https://simkl.com/settings/developer (HTTP {answer.status})"
        return AuthenticationFailed(answer.service, f"{CLIENT_ID} was refused: {advice}")
    return None


def _ask(app: SimklApp, path: str, explain: Explanation = explain_refusal) -> Mapping[str, object]:
    params = {"client_id": app.client_id, "app-name": "listsync", "app-version": __version__}
    answer = expect_success(app.http.send("GET", f"{app.base_url}{path}", params=params), explain)
    return expect_object(answer.json(), service=answer.service, what="a PIN")
