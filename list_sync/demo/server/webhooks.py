"""The webhook agent of the server: it tells another program of requests and titles, in the default template."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from list_sync.demo.server.database.rows import MediaRow, MediaStatus, RequestRow
from list_sync.demo.server.faults import ServerSettings

TIMEOUT_SECONDS = 10.0

Tell = Callable[[str, MediaRow, "RequestRow | None"], None]


class Webhooks:
    """Sends notifications one after the other from a thread of its own, if the settings have an address."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._waiting: queue.SimpleQueue[tuple[str, str, bytes]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def tell(self, kind: str, media: MediaRow, request: RequestRow | None = None) -> None:
        """Send a notification soon; an answer that is an error is not looked at, as the real servers do."""
        if not self._settings.webhook_url:
            return
        body = json.dumps(build_notification(kind, media, request)).encode()
        self._waiting.put((self._settings.webhook_url, self._settings.webhook_authorization, body))
        if self._thread is None:
            self._thread = threading.Thread(target=self._send_all, name="webhooks", daemon=True)
            self._thread.start()

    def _send_all(self) -> None:
        while True:
            with suppress(OSError, HTTPException):
                _send(*self._waiting.get())


def _send(url: str, authorization: str, body: bytes) -> None:
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT_SECONDS)
    try:
        headers = {"Content-Type": "application/json", "Authorization": authorization}
        connection.request("POST", address.path or "/", body, headers)
        connection.getresponse().read()
    finally:
        connection.close()


def build_notification(kind: str, media: MediaRow, request: RequestRow | None) -> dict[str, Any]:
    """Return the body of a notification: every number is a text (measured)."""
    return {
        "notification_type": kind,
        "event": kind.replace("_", " ").title(),
        "subject": "",
        "message": "",
        "image": "",
        "media": {
            "media_type": media.kind,
            "tmdbId": str(media.tmdb),
            "tvdbId": "" if media.tvdb is None else str(media.tvdb),
            "status": MediaStatus(media.status).name,
            "status4k": MediaStatus(media.status4k).name,
        },
        "request": None if request is None else {"request_id": str(request.id)},
        "issue": None,
        "comment": None,
        "extra": [],
    }
