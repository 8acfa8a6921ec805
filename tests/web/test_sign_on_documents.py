"""What an issuer, or an attacker in its place, can write: any of it is a person, or a refusal of ours."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

from list_sync.config.web import WebSettings
from list_sync.errors import UnexpectedResponse
from list_sync.web.sign_on.metadata import parse_metadata
from list_sync.web.sign_on.people import build_person
from list_sync.web.sign_on.refusals import SignOnRefused
from list_sync.web.sign_on.tokens import KeyUnknown, read_claims, select_keys

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
ISSUER = "https://issuer.example"
KEY = ECKey.generate_key("P-256", {"kid": "first"})
PUBLISHED = KEY.as_dict(private=False)
RIGHT = {"iss": ISSUER, "aud": "us", "sub": "4f3a", "exp": NOW.timestamp() + 60, "iat": NOW.timestamp(), "nonce": "n"}
CLAIMS = [*RIGHT, "nbf", "azp", "amr", "auth_time", "at_hash", "email", "email_verified", "groups"]
METADATA = {
    "issuer": ISSUER,
    **dict.fromkeys(("authorization_endpoint", "token_endpoint", "jwks_uri"), f"{ISSUER}/x"),
}
PARTS_OF_KEYS = ("kid", "alg", "use", "n", "e", "crv", "x", "y", "d", "key_ops")
words = st.sampled_from(["RSA", "EC", "P-256", "AQAB", "sig", "ES256", "HS256", "none", "us", "n", "A" * 43, "A" * 342])
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | words
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(words | st.sampled_from(["keys", "kty", "kid", "crit"]), inner, max_size=3)
    ),
    max_leaves=8,
)
keys = st.fixed_dictionaries(
    {"kty": st.sampled_from(["RSA", "EC", "oct", "OKP"])}, optional=dict.fromkeys(PARTS_OF_KEYS, leaves)
)


def sign(header, claims):
    parts = (json.dumps(part).encode("utf-8", "replace") for part in (header, claims))
    signed = b".".join(map(base64.urlsafe_b64encode, parts)).replace(b"=", b"")
    signature = base64.urlsafe_b64encode(JWSRegistry.algorithms["ES256"].sign(signed, KEY))
    return (signed + b"." + signature).decode().rstrip("=")


def read(token, known=(PUBLISHED,)):
    """Return the claims of a token, None if it is refused."""
    try:
        return read_claims(token, known, issuer=ISSUER, client_id="us", nonce="n", access_token="a", now=NOW)
    except (KeyUnknown, SignOnRefused):
        return None


def test_a_token_that_is_right_is_read():
    assert read(sign({"alg": "ES256", "kid": "first"}, RIGHT)) == RIGHT


@given(trees | st.lists(keys, max_size=3).map(lambda some: {"keys": some}))
def test_any_keys_are_keys_or_left_out(document):
    assert read(sign({"alg": "ES256", "kid": "first"}, RIGHT), select_keys(document)) is None


@given(st.text() | st.builds(sign, st.dictionaries(words, trees, max_size=3), trees))
def test_any_text_is_refused(token):
    assert read(token) is None


@given(st.dictionaries(st.sampled_from(CLAIMS), trees, min_size=1, max_size=3))
def test_a_token_that_is_read_is_for_us_and_this_log_in_however_it_was_changed(changes):
    claims = read(sign({"alg": "ES256", "kid": "first"}, RIGHT | changes))

    if claims is not None:
        assert (claims["iss"], claims["nonce"]) == (ISSUER, "n")
        assert "us" in ([claims["aud"]] if isinstance(claims["aud"], str) else claims["aud"])


@given(st.dictionaries(st.sampled_from(CLAIMS), trees, max_size=4))
def test_a_person_who_is_on_no_list_does_not_come_in_by_any_claims(claims):
    person = build_person("4f3a", [claims, claims])

    with pytest.raises(SignOnRefused, match="4f3a"):
        person.require_kind(WebSettings(oidc_allowed="alice@example.com,group:media"))


@given(
    trees | st.dictionaries(st.sampled_from([*METADATA, "scopes_supported"]), trees, max_size=2).map(METADATA.__or__)
)
def test_any_description_is_one_of_this_issuer_or_refused(document):
    try:
        found = parse_metadata(document, ISSUER)
    except UnexpectedResponse:
        return
    assert all(address.startswith("https://") for address in (found.authorization, found.token, found.keys))
