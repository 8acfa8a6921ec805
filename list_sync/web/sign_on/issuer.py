"""The issuer of OIDC_ISSUER: where it is, the way there and back, and its keys; every call has limits of its own."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from list_sync.api.http.client import HttpAnswer, HttpClient
from list_sync.config.sign_on import GROUP
from list_sync.config.web import WebSettings
from list_sync.errors import AuthenticationFailed, ServiceError, ServiceUnavailable, UnexpectedResponse
from list_sync.web.entrance.paths import LOGIN
from list_sync.web.sign_on.attempts import Attempt
from list_sync.web.sign_on.metadata import PLACE, SERVICE, Metadata, parse_metadata
from list_sync.web.sign_on.people import Claims, Person, build_person, is_more_needed
from list_sync.web.sign_on.refusals import Reason, SignOnRefused
from list_sync.web.sign_on.tokens import Key, KeyUnknown, read_claims, select_keys

logger = logging.getLogger(__name__)

SILENCE_SECONDS = 5.0
MOST_BYTES = 256 * 1024
# What the issuer says of itself and its keys are read again after that time.
KEPT = timedelta(minutes=10)
# A token of an unknown key makes us read the keys again, but not at each of many.
KEYS_AGAIN = timedelta(minutes=1)
# While the issuer is down, not every browser waits for it.
PAUSE = timedelta(seconds=5)
_MOST_USED = 4096
_LONGEST = 4096
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class _Known:
    metadata: Metadata
    keys: tuple[Key, ...]
    at: datetime


class Issuer:
    """Asks one issuer; every method may be called from any thread, and waits for the network."""

    def __init__(
        self, web: WebSettings, *, timeout_seconds: float, stop: threading.Event, now: Callable[[], datetime]
    ) -> None:
        self._web = web
        self._issuer, self._client_id = web.oidc_issuer or "", web.oidc_client_id or ""
        secret = web.oidc_client_secret
        self._secret = "" if secret is None else secret.get_secret_value()
        self._timeout_seconds = min(SILENCE_SECONDS, timeout_seconds)
        self._stop = stop
        self._now = now
        self._lock = threading.Lock()
        self._known: _Known | None = None
        self._failed: tuple[datetime, ServiceError] | None = None
        self._used = OrderedDict[str, None]()

    def begin(self, attempt: Attempt) -> str:
        """Return the address at which the person logs in; raise ServiceError."""
        metadata = self._find_known().metadata
        entries = (*self._web.oidc_allowed, *self._web.oidc_readers)
        address: str = prepare_grant_uri(
            metadata.authorization,
            client_id=self._client_id,
            response_type="code",
            redirect_uri=self._web.sign_on_return,
            scope=metadata.find_scopes(with_groups=any(one.startswith(GROUP) for one in entries)),
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return address

    def finish(self, attempt: Attempt, answer: Mapping[str, str]) -> Person:
        """Return who came back with an answer of the issuer; raise SignOnRefused or ServiceError."""
        self._use(attempt)
        known = self._find_known()
        stated = answer.get("iss")
        if stated != self._issuer and (stated is not None or known.metadata.states_issuer):
            raise SignOnRefused(Reason.TOKEN, "the answer is of another issuer")
        if "error" in answer:
            raise SignOnRefused(Reason.DENIED, "the issuer did not log the person in")
        code = answer.get("code", "")
        if not code or len(code) > _LONGEST or not code.isascii() or not code.isprintable():
            raise SignOnRefused(Reason.CODE, "the issuer sent no code")
        with self._open() as http:
            tokens = self._fetch_tokens(http, known.metadata, attempt, code)
            access_token = tokens.get("access_token")
            access = access_token if isinstance(access_token, str) else ""
            claims = self._read_claims(http, str(tokens.get("id_token") or ""), attempt, access)
            subject = str(claims["sub"])
            documents = [claims]
            if known.metadata.user_info and access and is_more_needed(claims, self._web):
                documents.append(self._fetch_user_info(http, known.metadata.user_info, access, subject))
        return build_person(subject, documents)

    def find_end(self) -> str:
        """Return the address at which people log out at the issuer, "" for none; raise ServiceError."""
        address = self._find_known().metadata.end_session
        back = f"{self._web.web_base_url}{LOGIN}"
        if not address:
            return ""
        ending: str = add_params_to_uri(address, [("client_id", self._client_id), ("post_logout_redirect_uri", back)])
        return ending

    def _use(self, attempt: Attempt) -> None:
        """Refuse an attempt that was used already."""
        with self._lock:
            if attempt.state in self._used:
                raise SignOnRefused(Reason.BROWSER, "the log-in was used already")
            self._used[attempt.state] = None
            if len(self._used) > _MOST_USED:
                self._used.popitem(last=False)

    @contextmanager
    def _open(self) -> Iterator[HttpClient]:
        """Give a client without cookies or connections of another log-in.

        What the issuer names leads to public addresses, or to the issuer itself.
        """
        parts = urlsplit(self._issuer)
        own = (parts.hostname or "", parts.port or _PORTS[parts.scheme.lower()])
        client = HttpClient(
            SERVICE,
            timeout_seconds=self._timeout_seconds,
            retry_attempts=1,
            stop=self._stop,
            headers={"Accept": "application/json"},
            max_bytes=MOST_BYTES,
            only_public=True,
            own_servers=frozenset({own}),
        )
        with closing(client) as http:
            yield http

    def _find_known(self) -> _Known:
        """Return what is known of the issuer, read again when it is old; raise ServiceError."""
        with self._lock:
            now = self._now()
            if self._known is not None and abs(now - self._known.at) < KEPT:
                return self._known
            if self._failed is not None and abs(now - self._failed[0]) < PAUSE:
                raise self._failed[1].with_traceback(None)
            try:
                with self._open() as http:
                    metadata = parse_metadata(_get(http, f"{self._issuer.rstrip('/')}{PLACE}"), self._issuer)
                    self._known = _Known(metadata, select_keys(_get(http, metadata.keys)), now)
            except ServiceError as error:
                self._failed = now, error
                raise
            return self._known

    def _find_newer_keys(self, http: HttpClient) -> tuple[Key, ...]:
        """Return the keys of the issuer, read again if the last time is long enough ago; raise ServiceError."""
        with self._lock:
            known, now = self._known, self._now()
            if known is None or abs(now - known.at) < KEYS_AGAIN:
                return () if known is None else known.keys
            self._known = _Known(known.metadata, select_keys(_get(http, known.metadata.keys)), now)
            return self._known.keys

    def _read_claims(self, http: HttpClient, token: str, attempt: Attempt, access_token: str) -> Claims:
        def read(keys: tuple[Key, ...]) -> Claims:
            return read_claims(
                token,
                keys,
                issuer=self._issuer,
                client_id=self._client_id,
                nonce=attempt.nonce,
                access_token=access_token,
                now=self._now(),
            )

        keys = self._find_known().keys
        try:
            return read(keys)
        except KeyUnknown:
            newer = self._find_newer_keys(http)
        try:
            return read(newer)
        except KeyUnknown as error:
            raise SignOnRefused(Reason.TOKEN, "the ID token is signed by no key of the issuer") from error

    def _fetch_tokens(self, http: HttpClient, metadata: Metadata, attempt: Attempt, code: str) -> Claims:
        """Return what the issuer gives for a code; raise SignOnRefused or ServiceError."""
        body = prepare_token_request(
            "authorization_code", code=code, redirect_uri=self._web.sign_on_return, code_verifier=attempt.verifier
        )
        auth = ClientAuth(self._client_id, self._secret, metadata.client_auth if self._secret else "none")
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        url, headers, body = auth.prepare("POST", metadata.token, headers, body)
        answer = http.send("POST", url, data=body.encode(), headers=headers, allow_redirects=False)
        if answer.status == 200:
            return _read_object(answer, "its answer to a code")
        error = _find_error(answer)
        if error == "invalid_grant":
            raise SignOnRefused(Reason.CODE, "the issuer refused the code")
        if answer.status == 401 or error in ("invalid_client", "unauthorized_client"):
            advice = "compare OIDC_CLIENT_ID and OIDC_CLIENT_SECRET with what is registered at the issuer"
            raise AuthenticationFailed(SERVICE, f"the issuer refuses ListSync: {advice}")
        raise _refused(answer, "a code")

    def _fetch_user_info(self, http: HttpClient, url: str, access_token: str, subject: str) -> Claims:
        answer = http.send("GET", url, headers={"Authorization": f"Bearer {access_token}"}, allow_redirects=False)
        if answer.status != 200:
            raise _refused(answer, "who the person is")
        info = _read_object(answer, "what it says of the person")
        if info.get("sub") != subject:
            raise SignOnRefused(Reason.TOKEN, "the issuer says something of another person")
        return info


def _get(http: HttpClient, url: str) -> Claims:
    answer = http.send("GET", url, allow_redirects=False)
    if answer.status != 200:
        raise _refused(answer, urlsplit(url).path)
    return _read_object(answer, urlsplit(url).path)


def _read_object(answer: HttpAnswer, what: str) -> Claims:
    document = answer.json()
    if not isinstance(document, dict):
        raise UnexpectedResponse(SERVICE, f"{what} is no JSON object")
    return document


def _find_error(answer: HttpAnswer) -> str:
    """Return the word for what is wrong, as OAuth has it; what else the issuer says may repeat the code."""
    try:
        return str(_read_object(answer, "its answer").get("error"))
    except UnexpectedResponse:
        return ""


def _refused(answer: HttpAnswer, what: str) -> ServiceError:
    kind = ServiceUnavailable if answer.status >= 500 or answer.status == 429 else UnexpectedResponse
    return kind(SERVICE, f"HTTP {answer.status} when asked for {what}")
