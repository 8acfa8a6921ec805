"""Our own small answers in the shapes of the sources: read from fixtures/, served, or as an answer that came in."""

import json
from pathlib import Path
from typing import Any

from requests.structures import CaseInsensitiveDict

from list_sync.api.http.client import HttpAnswer, HttpClient
from list_sync.providers import FetchContext
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.scripted_server import Asked, ScriptedServer, Served

FIXTURES = Path(__file__).parent / "fixtures"


def content(path: str) -> bytes:
    return (FIXTURES / path).read_bytes()


def document(path: str) -> Any:
    return json.loads(content(path))


def served(path: str, status: int = 200, **headers: str) -> Served:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Served(content(path), status, named)


def answer(path_or_body: str | bytes, service: str, *, status: int = 200, **headers: str) -> HttpAnswer:
    body = path_or_body if isinstance(path_or_body, bytes) else content(path_or_body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpAnswer(status, CaseInsensitiveDict(named), body, "https://example.org/", service)


def asked_for(provider: str, fetch, list_id: str, answers, **credentials: str) -> tuple[list, list[Asked]]:
    """Return the pages of a list and what the source was asked."""
    with ScriptedServer(answers) as server:
        http = HttpClient(provider, timeout_seconds=PATIENCE_SECONDS, retry_attempts=1)
        context = FetchContext(http=http, base_url=server.url, overridden=True, credentials=credentials)
        pages = list(fetch(list_id, context=context))
        http.close()
    return pages, server.asked


class Remembering:
    """A provider's memory in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def find(self, key: str) -> str | None:
        return self.kept.get(key)

    def keep(self, key: str, value: str) -> None:
        self.kept[key] = value

    def is_undecided(self, item) -> bool:
        return False


def items_of(pages) -> list:
    return [item for page in pages for item in page.items]
