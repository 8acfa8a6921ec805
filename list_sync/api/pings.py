"""Pings of a monitor, such as healthchecks.io or Uptime Kuma: a sync began, went through, or failed."""

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import SecretStr

from list_sync.api.http.client import HttpClient
from list_sync.errors import ServiceError, SyncCancelled, reason_of
from list_sync.model.exit_codes import FailureKind
from list_sync.model.report import SyncReport

logger = logging.getLogger(__name__)

SETTING = "HEALTHCHECKS_URL"
SILENCE_SECONDS = 2.5
# How long a process that ends waits for its last ping.
LAST_PING_SECONDS = 15.0
LONGEST_BODY = 10_000
_KUMA_PATH = "/api/push/"
# healthchecks.io answers so, with the status 200, if it has no such check.
_NO_SUCH_CHECK = b"not found"


@dataclass(frozen=True, slots=True)
class Ping:
    """One message to the monitor: `/start` began, `/fail` failed, and nothing went through."""

    ending: str = ""
    line: str = ""


class Monitor:
    """Sends the pings of all syncs of a process in their order, from a thread of its own.

    Without an address it sends none. A monitor that does not answer holds no sync; its failure is logged once, until a
    ping arrives again.
    """

    def __init__(self, address: SecretStr | None, *, stop: threading.Event) -> None:
        self._address = address
        self._stop = stop
        self._pings: queue.SimpleQueue[Ping | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._send_all, name="pings", daemon=True)
        self._is_reached = True

    @contextmanager
    def told(self, *, dry_run: bool) -> Iterator[Callable[[SyncReport], None]]:
        """Ping that a sync begins, and how it ended: by its report, or by the error that broke it off."""
        if self._address is None or dry_run:
            yield lambda _report: None
            return
        self._put(Ping("/start"))
        try:
            yield self._tell_end
        except SyncCancelled:
            raise
        except BaseException as error:
            self._put(Ping("/fail", f"Error: {reason_of(error)}"))
            raise

    def close(self) -> None:
        """Wait a short time for the last ping, unless the process was told to stop."""
        self._pings.put(None)
        if self._thread.is_alive() and not self._stop.is_set():
            self._thread.join(LAST_PING_SECONDS)

    def _tell_end(self, report: SyncReport) -> None:
        # A sync that was stopped neither went through nor failed: the next one tells.
        if report.failure is not FailureKind.STOPPED:
            self._put(Ping("/fail" if report.error is not None else "", report.closing_line))

    def _put(self, ping: Ping) -> None:
        self._pings.put(ping)
        if self._thread.ident is None:
            self._thread.start()

    def _send_all(self) -> None:
        http = HttpClient(SETTING, timeout_seconds=SILENCE_SECONDS, stop=self._stop, max_bytes=100_000)
        with closing(http), suppress(SyncCancelled):
            for ping in iter(self._pings.get, None):
                address = build_address(self._address.get_secret_value() if self._address else "", ping)
                failure = _send(http, address, ping) if address else ""
                if failure and self._is_reached:
                    logger.warning("%s; syncs go on without these pings", failure)
                self._is_reached = not failure


def _send(http: HttpClient, address: str, ping: Ping) -> str:
    """Send one ping; return why it did not arrive, "" if it did."""
    try:
        if is_kuma(address):
            answer = http.send("GET", address, retry=True)
        else:
            answer = http.send("POST", address, data=ping.line.encode()[:LONGEST_BODY], retry=True)
    except ServiceError as error:
        return str(error)
    if answer.status >= 300:
        return f"{SETTING}: the monitor answered HTTP {answer.status}; copy the address again"
    is_unknown = _NO_SUCH_CHECK in answer.content[:100]
    return f"{SETTING}: the monitor has no such check; copy the address again" if is_unknown else ""


def is_kuma(address: str) -> bool:
    """Return whether an address is that of a push monitor of Uptime Kuma."""
    return _KUMA_PATH in urlsplit(address).path


def build_address(address: str, ping: Ping) -> str | None:
    """Return where to send a ping, with the query of the address; None for what Uptime Kuma does not take."""
    parts = urlsplit(address)
    if not is_kuma(address):
        return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}{ping.ending}"))
    if ping.ending == "/start":
        return None
    if ping.ending == "/fail":
        query = {**dict(parse_qsl(parts.query, keep_blank_values=True)), "status": "down", "msg": ping.line[:200]}
        return urlunsplit(parts._replace(query=urlencode(query)))
    return address
