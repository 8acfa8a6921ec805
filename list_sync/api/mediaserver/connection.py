"""One server's HTTP: key and requester headers, CSRF tokens, counting, and errors that name the setting."""

import threading
import time
from collections.abc import Mapping

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.client import HttpClient
from list_sync.api.mediaserver.address import ServerAddress
from list_sync.api.mediaserver.answers import expect_api, expect_success
from list_sync.api.mediaserver.rows import KEY_REFUSED, SERVICE, find_body, find_message, has_access_error
from list_sync.errors import AnswerLost, AuthenticationFailed, Refused, ServiceUnavailable
from list_sync.model.servers import CallCounts

_CSRF_ADVICE = (
    "switch 'Enable CSRF Protection' off in the server's settings, or let its cookies pass the proxy before it"
)

# This header replaces the cookie jar in a call, so that the server sends both cookies anew.
_FRESH_COOKIES = {"Cookie": "list-sync=1"}


class OverseerrConnection:
    """The calls to one server, safe to use from several threads."""

    def __init__(self, address: ServerAddress, http: HttpClient) -> None:
        self._address = address
        self._http = http
        self.stop = http.stop
        self._lock = threading.Lock()
        self.calls = CallCounts()
        # How long answers to POST were waited for.
        self.post_seconds = 0.0
        # What servers with CSRF protection require for every write: a secret and a token from the same answer.
        self._csrf_headers: Mapping[str, str] = {}
        self._key_works = False

    def read(self, path: str, **query: int | str) -> HttpAnswer:
        """Return a 2xx answer to a GET, with retries; raise the matching error for any other answer."""
        answer = self.ask(path, **query)
        if answer.status == 403 and has_access_error(find_body(answer)):
            self._raise_access_error(path)
        expect_success(answer, path)
        return answer

    def ask(self, path: str, headers: Mapping[str, str] | None = None, /, **query: int | str) -> HttpAnswer:
        """Return the API's answer to a GET, with any status; `headers` can name another user."""
        answer = self._get(self._address.api_url(path, **query), headers)
        expect_api(answer)
        return answer

    def ask_unrepeated(self, path: str) -> HttpAnswer:
        """Return the API's answer to a GET that is sent once, even if no answer comes."""
        answer = self._exchange("GET", self._address.api_url(path))
        expect_api(answer)
        return answer

    def ask_once(self, path: str, **query: int | str) -> HttpAnswer:
        """Return the API's answer to a GET for which 500 is a valid answer; other failures are retried."""
        try:
            answer = self._exchange("GET", self._address.api_url(path, **query))
        except ServiceUnavailable:
            return self.ask(path, **query)
        if answer.status == 429 or answer.status > 500:
            return self.ask(path, **query)
        expect_api(answer)
        return answer

    def write(
        self, method: str, path: str, *, json: object = None, headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        """Return the API's answer to a call that changes something; it is carried out at most once.

        Raise AnswerLost if it was sent and may have been carried out.
        """
        answer = self._send_write(method, path, json, headers or {})
        if _is_csrf_refusal(answer):
            # The server refused it before doing anything, so it is safe to send it again.
            self._csrf_headers = {}
            self._get(self._address.api_url("settings/public"), _FRESH_COOKIES)
            answer = self._send_write(method, path, json, headers or {})
            if _is_csrf_refusal(answer):
                raise AuthenticationFailed(SERVICE, f"its CSRF protection refuses requests: {_CSRF_ADVICE}")
        expect_api(answer)
        return answer

    def is_key_accepted(self) -> bool:
        """Return whether the API key works. Only /auth/me distinguishes a wrong key from a missing permission."""
        if not self._key_works:
            self._key_works = self.ask("auth/me").status == 200
        return self._key_works

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _raise_access_error(self, path: str) -> None:
        if path == "auth/me" or not self.is_key_accepted():
            raise AuthenticationFailed(SERVICE, KEY_REFUSED)
        raise Refused(SERVICE, f"the owner of OVERSEERR_API_KEY may not read /{path}: use an administrator's key")

    def _get(self, url: str, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        answer = self._exchange("GET", url, headers=headers, retry=True)
        secret, token = answer.cookies.get("_csrf"), answer.cookies.get("XSRF-TOKEN")
        if secret and token:
            # These cookies are `Secure`, so a cookie jar does not send them over plain http.
            self._csrf_headers = {"Cookie": f"_csrf={secret}; XSRF-TOKEN={token}", "X-XSRF-TOKEN": token}
        return answer

    def _send_write(self, method: str, path: str, json: object, headers: Mapping[str, str]) -> HttpAnswer:
        started = time.perf_counter()
        try:
            return self._exchange(
                method, self._address.api_url(path), json=json, headers={**self._csrf_headers, **headers}
            )
        finally:
            if method == "POST":
                self.post_seconds += time.perf_counter() - started

    def _exchange(
        self,
        method: str,
        url: str,
        *,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        retry: bool = False,
    ) -> HttpAnswer:
        is_read = method == "GET"
        with self._lock:
            reads, writes = self.calls.reads, self.calls.writes
            self.calls = CallCounts(reads + is_read, writes + (not is_read))
        try:
            # Following a redirect would send the API key to another host.
            return self._http.send(method, url, json=json, headers=headers, retry=retry, allow_redirects=False)
        except ServiceUnavailable as error:
            kind = AnswerLost if isinstance(error, AnswerLost) and not is_read else ServiceUnavailable
            raise kind(SERVICE, f"{error.message} (OVERSEERR_URL={self._address.url})") from error


def _is_csrf_refusal(answer: HttpAnswer) -> bool:
    """Return whether a write was refused because of a missing token, before anything was done."""
    return answer.status == 403 and find_message(find_body(answer)).casefold() == "invalid csrf token"
