"""ID tokens: whether one is signed by the issuer, meant for us and for this log-in; by Authlib and joserfc."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from authlib.common.errors import AuthlibBaseError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, ExpiredTokenError, InvalidClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, KeySet
from joserfc.jws import JWSRegistry

from list_sync.web.sign_on.people import LONGEST_SUBJECT, Claims
from list_sync.web.sign_on.refusals import Reason, SignOnRefused

# Only those with two keys: everyone can verify with the published one, and only the issuer can sign.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LEEWAY_SECONDS = 60
MOST_KEYS = 50
# Headers that are not known say nothing that counts; those that must be understood are still refused.
_REGISTRY = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
_BASE64 = re.compile(r"[A-Za-z0-9_-]+")
# 2048 to 8192 bits; more only keep the processor busy.
_RSA_DIGITS = range(342, 1367)
_EXPONENT_DIGITS = 8
_FORM_OF_KEYS = {"EC": ("crv", "x", "y"), "RSA": ("n", "e")}

# What a hostile key or token makes of the libraries below.
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)

Key = Mapping[str, object]


class KeyUnknown(Exception):
    """No known key of the issuer has signed a token; it may have newer ones."""


def select_keys(document: object) -> tuple[Key, ...]:
    """Return the keys of an issuer that can sign: public ones of a sane size. Others are left out."""
    keys = document.get("keys") if isinstance(document, Mapping) else None
    found = keys[:MOST_KEYS] if isinstance(keys, list) else []
    return tuple(one for one in found if isinstance(one, dict) and _can_sign(one))


def _can_sign(key: Key) -> bool:
    form = _FORM_OF_KEYS.get(str(key.get("kty")))
    if form is None or not all(isinstance(key.get(name, ""), str) for name in ("kid", "alg", "use")):
        return False
    values = [str(key.get(name, "")) for name in form]
    is_sane = len(values[0]) in _RSA_DIGITS and len(values[1]) <= _EXPONENT_DIGITS if key["kty"] == "RSA" else True
    if key.get("use", "sig") != "sig" or not is_sane or not all(map(_BASE64.fullmatch, values)):
        return False
    try:
        JWKRegistry.import_key(_public(key))
    except (JoseError, *_UNREADABLE):
        return False
    return True


def read_claims(
    token: str,
    keys: Sequence[Key],
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str,
    now: datetime,
) -> Claims:
    """Return the claims of a token that is right in every way; raise KeyUnknown or SignOnRefused."""
    try:
        found = jwt.decode(token, KeySet([JWKRegistry.import_key(_public(one)) for one in keys]), registry=_REGISTRY)
        options = {
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": client_id},
            "nonce": {"essential": True, "value": nonce},
            **{name: {"essential": True} for name in ("sub", "exp", "iat")},
        }
        expected = {"nonce": nonce, "client_id": client_id, "access_token": access_token}
        claims = CodeIDToken(found.claims, found.header, options, expected)
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
    except (InvalidKeyIdError, BadSignatureError) as error:
        raise KeyUnknown from error
    except ExpiredTokenError as error:
        raise SignOnRefused(Reason.CLOCK, "the ID token has expired already: compare the clocks") from error
    except (JoseError, AuthlibBaseError) as error:
        raise _refuse(error) from error
    except _UNREADABLE as error:
        raise SignOnRefused(Reason.TOKEN, "the ID token or the keys of the issuer cannot be read") from error
    checked: Claims = found.claims
    subject = str(checked["sub"])
    if not subject or len(subject) > LONGEST_SUBJECT or not subject.isprintable():
        raise SignOnRefused(Reason.TOKEN, "the subject of the ID token is empty, too long or no text")
    return checked


def _public(key: Key) -> dict[str, str | list[str]]:
    names = ("kty", "kid", "alg", "use", *_FORM_OF_KEYS[str(key["kty"])])
    return {name: str(key[name]) for name in names if name in key}


def _refuse(error: JoseError | AuthlibBaseError) -> SignOnRefused:
    """Return what is wrong, without the words of the library, which may hold parts of the token."""
    claim = str(getattr(error, "claim", "") or "")
    if claim in ("iat", "nbf") and isinstance(error, InvalidClaimError):
        return SignOnRefused(Reason.CLOCK, f"the ID token counts only later ({claim}): compare the clocks")
    known = claim if re.fullmatch("[a-z_,]{1,60}", claim) else ""
    what = f"{known} is missing or not the one that was expected" if known else f"it cannot be verified ({error.error})"
    return SignOnRefused(Reason.TOKEN, f"the ID token is refused: {what}")
