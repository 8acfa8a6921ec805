"""Tokens of forms, masked anew for each page: what stays the same in compressed pages can be guessed (BREACH)."""

import base64
import hmac
import secrets
from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.datastructures import Headers

from list_sync.web.problems import Problem

FIELD = "csrf"
HEADER = "x-csrf-token"
FORM_TYPE = "application/x-www-form-urlencoded"
# Every title of a page can be ticked, several times over.
MOST_FIELDS = 5000
_SIZE = 32
_REFUSED = "this page is too old, or of another log-in: load the page again, then repeat what you did"


def make_secret(of: str) -> bytes:
    """Return the secret of a log-in, from what its cookie holds."""
    return hmac.digest(of.encode(), b"forms", "sha256")


def mask(secret: bytes) -> str:
    """Return a token that shows the secret only to those who have it."""
    pad = secrets.token_bytes(_SIZE)
    return base64.urlsafe_b64encode(pad + _join(pad, secret)).decode("ascii")


def is_token_of(secret: bytes, token: str) -> bool:
    """Return whether a token was made of a secret."""
    try:
        both = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except ValueError:
        return False
    return len(both) == 2 * _SIZE and hmac.compare_digest(_join(both[:_SIZE], both[_SIZE:]), secret)


def require_token(secret: bytes, headers: Headers, body: bytes) -> None:
    """Refuse what no page of this log-in can have sent; the token is a header, or a field of the form."""
    token = headers.get(HEADER)
    if token is None and headers.get("content-type", "").partition(";")[0].strip().lower() == FORM_TYPE:
        found = [value for name, value in parse_fields(body) if name == FIELD]
        token = found[0] if len(found) == 1 else None
    if token is None or not is_token_of(secret, token):
        raise Problem(HTTPStatus.FORBIDDEN, _REFUSED)


def parse_fields(body: bytes) -> list[tuple[str, str]]:
    """Return the fields of a form; raise Problem for a body that is none."""
    try:
        return parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, encoding="utf-8", errors="strict"
        )
    except ValueError:
        raise Problem(HTTPStatus.BAD_REQUEST, "the form is not understood: load the page again") from None


def _join(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
