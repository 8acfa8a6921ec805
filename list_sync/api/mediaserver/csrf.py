"""The double-submit token that servers with CSRF protection require for every write, even with an API key."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.mediaserver.payloads import find_message
from list_sync.api.mediaserver.verdicts import find_body

# This header replaces the cookie jar in a call, so that the server sends both cookies anew.
FRESH_COOKIES = {"Cookie": "list-sync=1"}


@dataclass(frozen=True, slots=True)
class CsrfTokens:
    """A secret and the token made from it; both must come from the same answer."""

    secret: str = field(repr=False)
    token: str = field(repr=False)

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers that a write needs."""
        # The servers' cookies are `Secure`, so a cookie jar does not send them over plain http.
        return {"Cookie": f"_csrf={self.secret}; XSRF-TOKEN={self.token}", "X-XSRF-TOKEN": self.token}


def find_tokens(answer: HttpAnswer) -> CsrfTokens | None:
    """Return the tokens in an answer, or None."""
    secret, token = answer.cookies.get("_csrf"), answer.cookies.get("XSRF-TOKEN")
    return CsrfTokens(secret, token) if secret and token else None


def is_csrf_refusal(answer: HttpAnswer) -> bool:
    """Return whether a write was refused because of a missing token, before anything was done."""
    return answer.status == 403 and find_message(find_body(answer)).casefold() == "invalid csrf token"
