"""Plex's log-in by PIN: the user opens a page at Plex, and we get a token for the account."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from list_sync.api.http.classifier import expect_success
from list_sync.api.http.client import HttpClient
from list_sync.api.http.payloads import expect_object
from list_sync.api.logins.approval import (
    DEFAULT_LIFETIME_SECONDS,
    Invitation,
    NotYet,
    expect_secret,
    explain_expiry,
    find_seconds,
)
from list_sync.version import __version__

LOGIN_URL = "https://plex.tv"
PAGE_URL = "https://app.plex.tv/auth"
PRODUCT = "ListSync"
# Plex states no interval; its own pages ask about as often.
INTERVAL_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class PlexDevice:
    """Our identity at Plex: an identifier that we chose and never change."""

    http: HttpClient
    base_url: str
    identifier: str

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers that identify us in every call."""
        return {
            "Accept": "application/json",
            "X-Plex-Product": PRODUCT,
            "X-Plex-Version": __version__,
            "X-Plex-Client-Identifier": self.identifier,
        }


def request_pin(device: PlexDevice) -> Invitation:
    """Return the address with the code that the user has to open; raise a ServiceError."""
    url = f"{device.base_url}/api/v2/pins"
    answer = expect_success(device.http.send("POST", url, params={"strong": "true"}, headers=device.headers))
    service = device.http.service
    document = expect_object(answer.json(), service=service, what="a PIN")
    code = expect_secret(document.get("code"), service=service, what="code")
    return Invitation(
        address=page_url(device.identifier, code),
        code="",
        handle=expect_secret(document.get("id"), service=service, what="number of a PIN"),
        expires_in=find_seconds(document.get("expiresIn"), DEFAULT_LIFETIME_SECONDS),
        interval=INTERVAL_SECONDS,
    )


def page_url(identifier: str, code: str) -> str:
    """Return the page on which a user lets the device with that identifier in."""
    return f"{PAGE_URL}#?{urlencode({'clientID': identifier, 'code': code, 'context[device][product]': PRODUCT})}"


def ask_for_token(device: PlexDevice, invitation: Invitation) -> str | NotYet:
    """Return the token if the user has approved; raise Refused if the PIN has expired."""
    url = f"{device.base_url}/api/v2/pins/{invitation.handle}"
    answer = expect_success(device.http.send("GET", url, headers=device.headers), explain_expiry)
    document = expect_object(answer.json(), service=answer.service, what="a PIN")
    if not document.get("authToken"):
        return NotYet()
    return expect_secret(document.get("authToken"), service=answer.service, what="token")
