"""The HTTP client of all services: what it is asked for, and answers that are known already."""

import threading
from collections.abc import Mapping, Set
from functools import partial
from typing import TYPE_CHECKING, Any

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.classifier import Explanation, expect_success
from list_sync.api.http.limits import HostLimits
from list_sync.errors import SyncCancelled
from list_sync.version import __version__

if TYPE_CHECKING:
    from list_sync.api.http.conditional import KnownAnswers
    from list_sync.api.http.peers import Place

__all__ = ["HttpAnswer", "HttpClient"]

PROJECT_URL = "https://github.com/Woahai321/list-sync"
USER_AGENT = f"ListSync/{__version__} (+{PROJECT_URL})"
# The time limit of a whole exchange, in units of the longest silence.
TIMEOUTS_PER_EXCHANGE = 4


class HttpClient:
    """A session with one service; safe to share between threads.

    `retry_attempts` is the total number of tries of a read. When `stop` is set, waiting and reading end with
    SyncCancelled. `limits` are the rate limits of the hosts, shared with other clients. `known_answers` are kept
    answers that need no second transfer while they are unchanged. `allows_private` lets public hosts redirect to
    addresses of this machine and of private networks. With `only_public`, the first address may be no such one either,
    except one of `own_servers`; with `is_of_list`, no link-local one in any case.
    """

    def __init__(
        self,
        service: str,
        *,
        timeout_seconds: float = 30.0,
        retry_attempts: int = 3,
        stop: threading.Event | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 32 * 1024 * 1024,
        limits: HostLimits | None = None,
        known_answers: "KnownAnswers | None" = None,
        allows_private: bool = False,
        only_public: bool = False,
        own_servers: "frozenset[Place]" = frozenset(),
        is_of_list: bool = False,
    ) -> None:
        self.service = service
        self.stop = stop or threading.Event()
        self._known_answers = known_answers
        self._copy = partial(
            HttpClient,
            timeout_seconds=timeout_seconds,
            retry_attempts=retry_attempts,
            allows_private=allows_private,
            only_public=only_public,
            own_servers=own_servers,
            is_of_list=is_of_list,
        )
        # Imported here, because many commands name clients and make none.
        from list_sync.api.http.exchanging import Exchanges
        from list_sync.api.http.peers import Reach

        self._exchanges = Exchanges(
            service,
            stop=self.stop,
            pause=self.pause,
            headers={"User-Agent": USER_AGENT, "Accept": "application/json, */*;q=0.5", **(headers or {})},
            silence_seconds=timeout_seconds,
            seconds=TIMEOUTS_PER_EXCHANGE * timeout_seconds,
            attempts=max(1, retry_attempts),
            max_bytes=max_bytes,
            limits=limits,
            reach=Reach(allows_private, only_public, own_servers, is_of_list),
        )

    def __repr__(self) -> str:
        return f"HttpClient({self.service!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what makes a client for the same service in another process; it shares no limits and no answers."""
        return self._copy, (self.service,)

    def send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        data: Mapping[str, str] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        retry: bool = False,
        allow_redirects: bool = True,
        fields: Set[str] | None = None,
    ) -> HttpAnswer:
        """Return the answer to one exchange without judging its status.

        A large JSON document is read on its way if `fields` are given, and only these fields of its objects are kept.
        Raise ServiceUnavailable if the server was not reached, AnswerLost if it was reached but the answer is missing
        or cut short, UnexpectedResponse for an answer over the size limit, SyncCancelled when the stop event is set.
        """
        parts = {"params": params, "json": json, "data": data, "headers": headers, "allow_redirects": allow_redirects}
        if retry:
            return self._exchanges.read(method, url, parts, fields=fields)
        return self._exchanges.make(method, url, parts, is_write=method != "GET", fields=fields)

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        explain: Explanation | None = None,
    ) -> HttpAnswer:
        """Return the answer to a read, with retries; raise the matching error for any answer that is not a success."""
        return expect_success(self._read_once(url, params, headers), explain, is_json_due=False)

    def get_json(
        self,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        explain: Explanation | None = None,
        fields: Set[str] | None = None,
    ) -> object:
        """Return the JSON document at `url`; raise the matching error for anything else.

        `fields` are the names of all fields that the caller reads, at any depth. With them, a document may be larger.
        """
        return expect_success(self._read_once(url, params, headers, fields), explain).json()

    def post_json(
        self, url: str, body: object, *, headers: Mapping[str, str] | None = None, explain: Explanation | None = None
    ) -> HttpAnswer:
        """Return the answer to a read by POST (GraphQL), with retries and errors as in get."""
        return expect_success(self.send("POST", url, json=body, headers=headers, retry=True), explain)

    def pause(self, seconds: float) -> None:
        """Wait; raise SyncCancelled when the stop event is set."""
        if self.stop.wait(seconds):
            raise SyncCancelled(f"stopped while {self.service} was given a pause")

    def forget_cookies(self) -> None:
        """Forget the cookies of all answers so far."""
        self._exchanges.forget_cookies()

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._exchanges.close()

    def _read_once(
        self,
        url: str,
        params: Mapping[str, str | int] | None,
        headers: Mapping[str, str] | None,
        fields: Set[str] | None = None,
    ) -> HttpAnswer:
        """Return the answer to a read, or the kept answer if the service says that it is unchanged."""
        if self._known_answers is None:
            return self.send("GET", url, params=params, headers=headers, retry=True, fields=fields)
        from list_sync.api.http.conditional import answer_key, unchanged

        key = answer_key(self.service, url, params, headers)
        known = self._known_answers.find(key)
        asking = {**(headers or {}), **known[1]} if known else headers
        answer = self.send("GET", url, params=params, headers=asking, retry=True, fields=fields)
        if known and answer.status == 304:
            return unchanged(known[0], answer)
        self._known_answers.keep(key, answer)
        return answer
