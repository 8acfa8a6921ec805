"""A stand-in for an identity provider on loopback: OpenID Connect as far as a log-in goes, with every fault of one."""

import base64
import hashlib
import html
import json
import threading
import time
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.jws import JWSRegistry

from tests.fakes.scripted_server import ScriptedServer, Served

CLIENT_ID, CLIENT_SECRET = "listsync-client", "secret-of-the-client-at-the-issuer"
CODE, ACCESS = "code-that-no-log-may-hold-", "access-token-that-no-log-may-hold"
ALGORITHMS = ["RS256", "ES256", "HS256", "none"]


class FakeIssuer:
    """Logs everyone in as `claims`; `changes` are put over the claims of a token, None takes one away.

    `metadata`, `info` and `answers` (by path) change what is answered; `header` is put over the head of a token.
    """

    def __init__(self, *, now=time.time, path="", key=None):
        self.now = now
        self.claims = {"sub": "4f3a9c21", "email": "alice@example.com", "email_verified": True}
        self.changes, self.header, self.metadata, self.info, self.answers = {}, {}, {}, {}, {}
        self.keys = [key or ECKey.generate_key("P-256", {"kid": "first", "use": "sig"})]
        self.alg = "ES256"
        self.sign_with = None
        self.codes, self.used = {}, []
        self.is_single_use = True
        self.before_token = lambda: None
        self._server = ScriptedServer(self._answer)
        # What waits in one answer holds up no other.
        self._server._lock = threading.RLock()
        self.issuer = self._server.url + path
        self._path = path

    def __enter__(self):
        self._server.__enter__()
        return self

    def __exit__(self, *error):
        self._server.__exit__(*error)

    @property
    def asked(self):
        return self._server.asked

    def paths(self):
        return [one.path.removeprefix(self._path) for one in self.asked]

    def settings(self, **others):
        """Return the settings of a ListSync that is registered here."""
        return {
            "OIDC_ISSUER": self.issuer,
            "OIDC_CLIENT_ID": CLIENT_ID,
            "OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "OIDC_ALLOWED": "alice@example.com",
            "WEB_BASE_URL": "http://localhost",
            **others,
        }

    def rotate(self, *, kid="second"):
        self.keys = [ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})]

    def log_in(self, address):
        """Return the address to which a browser is sent back from the one of a log-in."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"{CODE}{len(self.codes)}"
        self.codes[code] = query
        answer = {"code": code, "state": query["state"]}
        if self.metadata.get("authorization_response_iss_parameter_supported"):
            answer["iss"] = self.issuer
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def _answer(self, asked):
        path = asked.path.removeprefix(self._path)
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            return Served(self._describe())
        if path == "/keys":
            return Served({"keys": [key.as_dict(private=False) for key in self.keys]})
        if path == "/authorize":
            back = html.escape(self.log_in(f"?{urlencode(asked.query)}"))
            return Served(f'<!doctype html><title>Issuer</title><h1>Issuer</h1><a href="{back}">I am Alice</a>')
        if path == "/end":
            return Served("<!doctype html><title>Issuer</title><h1>Logged out at the issuer</h1>")
        if path == "/userinfo":
            assert asked.headers["Authorization"] == f"Bearer {ACCESS}"
            return Served({"sub": self.claims["sub"], **self.info})
        assert path == "/token", path
        return self._give_tokens(asked)

    def _describe(self):
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {
            "issuer": self.issuer,
            **{name: f"{self.issuer.rstrip('/')}/{place}" for name, place in places.items()},
            "id_token_signing_alg_values_supported": ALGORITHMS,
            "scopes_supported": ["openid", "email", "groups"],
            **self.metadata,
        }

    def _give_tokens(self, asked):
        self.before_token()
        fields = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        given = f"Basic {base64.b64encode(f'{CLIENT_ID}:{CLIENT_SECRET}'.encode()).decode()}"
        if asked.headers.get("Authorization") != given and fields.get("client_secret") != CLIENT_SECRET:
            return Served({"error": "invalid_client"}, status=401)
        query = self.codes.get(fields["code"])
        proof = base64.urlsafe_b64encode(hashlib.sha256(fields["code_verifier"].encode()).digest()).decode().rstrip("=")
        is_right = query and (query["code_challenge"], query["redirect_uri"]) == (proof, fields["redirect_uri"])
        if not is_right or (self.is_single_use and fields["code"] in self.used):
            return Served({"error": "invalid_grant", "error_description": fields["code"]}, status=400)
        self.used.append(fields["code"])
        token = self.make_token(query["nonce"])
        return Served({"access_token": ACCESS, "token_type": "Bearer", "expires_in": 60, "id_token": token})

    def make_token(self, nonce):
        now = int(self.now())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce, **self.claims}
        claims = {name: value for name, value in (claims | self.changes).items() if value is not None}
        key = self.sign_with or self.keys[0]
        header = {"alg": self.alg, "kid": key.kid, **self.header}
        signed = ".".join(_encode(json.dumps(part).encode()) for part in (header, claims))
        signature = b"" if header["alg"] == "none" else JWSRegistry.algorithms[header["alg"]].sign(signed.encode(), key)
        return f"{signed}.{_encode(signature)}"


def _encode(value):
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def as_shared_secret(key):
    """Return the key of an attacker who signs with the published key as if it were a shared secret."""
    return OctKey.import_key(base64.b64encode(key.as_pem(private=False)), {"kid": key.kid})


def make_rsa(bits, kid="first"):
    return RSAKey.generate_key(bits, {"kid": kid, "use": "sig"})
