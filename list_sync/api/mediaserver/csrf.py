"""The double-submit token that the servers ask for on every write once their CSRF protection is on, API key or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.mediaserver.payloads import find_message
from list_sync.api.mediaserver.verdicts import find_body

# Sent along, it keeps the cookie jar out of the call, so that the server hands out both cookies afresh.
FRESH_COOKIES = {"Cookie": "list-sync=1"}


@dataclass(frozen=True, slots=True)
class CsrfTokens:
    """A secret and the token made from it: only two from the same answer fit together."""

    secret: str = field(repr=False)
    token: str = field(repr=False)

    @property
    def headers(self) -> Mapping[str, str]:
        """Return what a write has to carry."""
        # The servers' cookies are `Secure`, so that a cookie jar keeps them back over plain http.
        return {"Cookie": f"_csrf={self.secret}; XSRF-TOKEN={self.token}", "X-XSRF-TOKEN": self.token}


def find_tokens(answer: HttpAnswer) -> CsrfTokens | None:
    """Return the tokens that an answer hands out, or None."""
    secret, token = answer.cookies.get("_csrf"), answer.cookies.get("XSRF-TOKEN")
    return CsrfTokens(secret, token) if secret and token else None


def is_csrf_refusal(answer: HttpAnswer) -> bool:
    """Tell whether a write was turned away for want of a token, before anything was done."""
    return answer.status == 403 and find_message(find_body(answer)).casefold() == "invalid csrf token"
