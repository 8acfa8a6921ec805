"""The session of a client: proxies, credentials, redirects, and connections that are watched."""

from typing import Any
from urllib.parse import urlsplit

import requests
import requests.adapters
import requests.auth
import requests.utils

from list_sync.api.http.connections import watch_connections
from list_sync.api.http.failures import BodySentOn
from list_sync.api.http.peers import judge_host
from list_sync.api.http.watch import current_watch

_PORTS = {"http": 80, "https": 443}
_KEPT_ON_ANOTHER_HOST = frozenset({"user-agent", "accept", "accept-encoding", "connection", "content-type"})


class Session(requests.Session):
    """A session with proxies from the environment, no passwords from .netrc, and no keys for other hosts."""

    def __init__(self) -> None:
        super().__init__()
        self.auth = _credentials_in_address
        self.max_redirects = 10
        self._environments: dict[tuple[str, str], Any] = {}
        self._latest: tuple[object, requests.PreparedRequest] | None = None
        self.hooks["response"].append(_drop_body_of_redirect)
        # As many connections as MAX_WORKERS can use at once; urllib3 would discard more, with a warning.
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(pool_maxsize=64))

    def merge_environment_settings(self, url: str | bytes | None, *options: Any) -> Any:
        """Return the proxies and certificates for a host, looked up once; requests does it for every call."""
        parts = urlsplit(str(url))
        host = (parts.scheme, parts.netloc)
        if host not in self._environments:
            self._environments[host] = super().merge_environment_settings(url, *options)
        return self._environments[host]

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Return a request as it is sent; what it has in common with the latest one is prepared once."""
        if request.method != "POST" or request.json is None or request.params or self.cookies:
            return super().prepare_request(request)
        key, latest = (request.url, dict(request.headers or {})), self._latest
        if latest is None or latest[0] != key:
            self._latest = latest = (key, super().prepare_request(request))
        prepared = latest[1].copy()
        prepared.prepare_body(None, None, request.json)
        return prepared

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Send only neutral headers to another host, because keys can be in headers of any name, and in bodies."""
        is_other_host = self.should_strip_auth(response.request.url, prepared_request.url)  # type: ignore[no-untyped-call]
        if is_other_host:
            if prepared_request.body:
                raise BodySentOn(request=prepared_request)
            for name in [name for name in prepared_request.headers if name.lower() not in _KEPT_ON_ANOTHER_HOST]:
                del prepared_request.headers[name]


class _Adapter(requests.adapters.HTTPAdapter):
    """The connections of a session, all of them watched."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        watch_connections(self.poolmanager)

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **options)
        watch_connections(manager)
        return manager

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        if requests.utils.select_proxy(request.url or "", options.get("proxies")):
            # Only the proxy resolves names, so an address can be checked and a name cannot.
            address = urlsplit(request.url or "")
            host, watch = address.hostname or "", current_watch()
            peer = judge_host(host)
            watch.require_allowed(host, address.port or _PORTS[address.scheme], peer)
            watch.arrive(peer)
        return super().send(request, *arguments, **options)


def _drop_body_of_redirect(response: requests.Response, **_: object) -> None:
    """Leave the body of a redirect unread; requests would read all of it, of any size."""
    if response.is_redirect:
        response.raw.close()
        response._content = b""


def _credentials_in_address(request: requests.PreparedRequest) -> requests.PreparedRequest:
    user, password = requests.utils.get_auth_from_url(str(request.url))
    if user and "Authorization" not in request.headers:
        requests.auth.HTTPBasicAuth(user, password)(request)
    return request
