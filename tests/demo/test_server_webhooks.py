"""The webhook agent of the demo server tells what becomes of requests, in the servers' default template."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests

from list_sync.demo.server.demo_server import DemoServer, Dialect
from tests.demo.server_facts.world import MATRIX, WORLD
from tests.fakes.patience import PATIENCE_SECONDS

Heard = queue.Queue[tuple[str, dict[str, object]]]


@pytest.fixture
def heard() -> Iterator[tuple[str, Heard]]:
    """Listen on an address; return it, and what arrives."""
    arrived: Heard = queue.Queue()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arrived.put((self.headers["Authorization"], json.loads(body)))
            self.send_response(500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook", arrived
        server.shutdown()
        thread.join()


def test_every_change_of_a_request_is_told_whatever_the_listener_answers(heard: tuple[str, Heard]) -> None:
    address, arrived = heard
    with DemoServer(Dialect.SEERR, WORLD, post_seconds=0.0) as server:
        server.settings.webhook_url, server.settings.webhook_authorization = address, "the secret"
        body = {"mediaType": "movie", "mediaId": MATRIX, "is4k": False}
        headers = {"X-Api-Key": server.api_key}
        requests.post(f"{server.url}/api/v1/request", json=body, headers=headers, timeout=PATIENCE_SECONDS)
        server.fail_request(1)
        server.decline(1)
        server.approve(1)
        server.make_available("movie", MATRIX)
        told = [arrived.get(timeout=PATIENCE_SECONDS) for _ in range(5)]

    assert {authorization for authorization, _ in told} == {"the secret"}
    kinds = [message["notification_type"] for _, message in told]
    assert kinds == ["MEDIA_AUTO_APPROVED", "MEDIA_FAILED", "MEDIA_DECLINED", "MEDIA_APPROVED", "MEDIA_AVAILABLE"]
    assert told[0][1]["media"] == {
        "media_type": "movie",
        "tmdbId": str(MATRIX),
        "tvdbId": "",
        "status": "PENDING",
        "status4k": "UNKNOWN",
    }
