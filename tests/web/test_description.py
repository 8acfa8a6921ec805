"""The description of the API: true for every route, and readable as a page."""

import base64
import hashlib
import re

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from list_sync.web.entrance.paths import SIGNED
from list_sync.web.openapi import operations_of
from tests.fakes.patience import PATIENCE_SECONDS
from tests.storage.recording import asked, run
from tests.web.test_reading import fill

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture
def service(start_service):
    return start_service(is_whole=True)


@pytest.mark.parametrize("webhooks", [{}, {"WEBHOOK_SECRET": "the-secret-of-the-webhooks"}])
def test_whatever_is_asked_nothing_fails_and_nothing_is_undocumented(start_service, store, webhooks):
    service = start_service(is_whole=True, **webhooks)
    fill(store)
    run(store, asked(), hour=24 * 5)
    # The server's webhook agent sends the secret as it is.
    headers = {"Authorization": webhooks.get("WEBHOOK_SECRET", f"Bearer {service.token}"), "Host": "127.0.0.1"}
    # A stream of events has no end.
    description = service.get("/openapi.json").json()
    document = schemathesis.openapi.from_dict(description).exclude(path="/api/events")
    operations = [found.ok() for found in document.get_all_operations()]

    # With the secret, only what it opens is another.
    for operation in [one for one in operations if not webhooks or one.path in SIGNED]:

        @given(case=operation.as_strategy())
        @settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        def ask(case):
            case.call_and_validate(base_url=service.address, headers=headers, checks=CHECKS, timeout=PATIENCE_SECONDS)

        ask()

    assert len(operations) >= 20


def test_every_route_has_an_example_its_errors_and_says_what_it_needs(service):
    document = service.get("/openapi.json").json()

    for path, operation in operations_of(document):
        assert operation["description"], path
        assert "429" in operation["responses"], path
        if path.startswith("/api/"):
            assert {"401", "403"} <= operation["responses"].keys(), path
            assert operation["security"], path
    for path in ("/health", "/health/ready"):
        unwell = document["paths"][path]["get"]["responses"]["503"]["content"]["application/json"]
        assert (unwell["example"]["status"], "$ref" in unwell["schema"]) == ("unhealthy", True)
    text = service.get("/openapi.json").text
    assert "HTTPValidationError" not in text
    assert set(re.findall(r'"#/components/schemas/(\w+)"', text)) <= document["components"]["schemas"].keys()


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
def test_the_description_needs_a_token(service, path):
    assert service.get(path, token="").status_code == 401


def test_the_page_shows_every_route_and_needs_nothing_from_outside(service):
    document = service.get("/openapi.json").json()

    answer = service.get("/docs")

    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for path in document["paths"]:
        assert path in answer.text
    assert not re.search(r"<script|\bsrc=|\bon\w+=|style=|<link|@import|url\(", answer.text)
    assert "http" not in re.sub(r"<pre.*?</pre>|<dd>.*?</dd>|<p>.*?</p>", "", answer.text, flags=re.DOTALL)
