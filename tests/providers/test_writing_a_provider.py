"""docs/writing-a-provider.md: its code runs as it stands there."""

import json
import re
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.errors import InvalidListId
from list_sync.fetching.pool import fetch_lists
from list_sync.model.sources import FetchResult, FetchState, ListRef
from list_sync.providers import FetchContext, get_provider
from list_sync.providers.custom import load_custom_providers
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.scripted_server import Asked, ScriptedServer, Served

PAGE = (Path(__file__).parents[2] / "docs" / "writing-a-provider.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```python\n# providers/(\S+)\n(.*?)```", PAGE, re.DOTALL))
ANSWER = json.loads(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1])
REST = {"total": 3, "films": [{"title": "The Second Film", "year": 1932}]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("providers")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    assert load_custom_providers(folder) == ()
    return folder


def read(provider: str, list_id: str, answers, **credentials: str) -> tuple[FetchResult, list[Asked]]:
    with ScriptedServer(answers) as server:
        http = HttpClient(provider, timeout_seconds=PATIENCE_SECONDS, retry_attempts=1)
        context = FetchContext(http=http, base_url=server.url, overridden=True, credentials=credentials)
        (result,) = fetch_lists(
            [ListRef(provider, list_id)],
            make_context=lambda _: context,
            workers=1,
            stop=threading.Event(),
            now=lambda: datetime(2026, 11, 1, tzinfo=UTC),
        )
        http.close()
    return result, server.asked


def test_the_page_has_the_files_that_it_builds():
    assert set(FILES) == {"clubshort.py", "clubpages.py", "filmclub.py", "test_filmclub.py"}


def test_the_whole_form_reads_a_list_to_its_end(folder):
    result, asked = read("filmclub", "classics", [Served(ANSWER), Served(REST)], FILMCLUB_KEY="key-of-the-test")

    assert (result.state, result.unsupported) == (FetchState.COMPLETE, 1)
    assert [item.label for item in result.items] == ["The First Film (1931)", "The Second Film (1932)"]
    assert [(request.path, request.query["page"]) for request in asked] == [
        ("/lists/classics", "1"),
        ("/lists/classics", "2"),
    ]
    assert {request.headers["X-Key"] for request in asked} == {"key-of-the-test"}


def test_the_whole_form_is_partial_where_the_source_stops_early(folder):
    result, _ = read("filmclub", "classics", [Served(ANSWER), Served({"total": 3, "films": []})])

    assert (result.state, len(result.items)) == (FetchState.PARTIAL, 1)


def test_the_whole_form_names_a_failure(folder):
    result, _ = read("filmclub", "classics", [Served({"message": "unknown"}, 404)])

    assert result.state is FetchState.FAILED
    assert "FILMCLUB_LISTS" in result.reason
    with pytest.raises(InvalidListId):
        get_provider("filmclub").check("two words")


def test_the_settings_are_those_of_the_page(folder):
    info = get_provider("filmclub").info

    assert (info.lists_setting, info.credentials) == ("FILMCLUB_LISTS", ("FILMCLUB_KEY",))
    assert get_provider("clubshort").info.lists_setting == "CLUBSHORT_LISTS"


def test_the_short_form_reads_the_first_page_and_proves_nothing(folder):
    with ScriptedServer([Served(ANSWER)]) as server:
        text = FILES["clubshort.py"].replace("https://filmclub.example", server.url)
        moved = folder / "moved"
        moved.mkdir()
        (moved / "clubmoved.py").write_text(text.replace('"clubshort"', '"clubmoved"'), encoding="utf-8")
        assert load_custom_providers(moved) == ()
        result, _ = read("clubmoved", "classics", [])

    assert result.state is FetchState.PARTIAL
    assert [item.label for item in result.items] == ["The First Film (1931)"]


class PagesOfTheClub:
    """Stands for the browser, which needs Chromium; tests/browser reads real pages."""

    def read_pages(self, url, *, service, wait_for, then_click):
        assert (url, service) == ("https://club.invalid/pages/classics", "clubpages")
        assert (wait_for, then_click) == (".media-item", ".pagination-next")
        for title in ("One", "Two"):
            yield f"<p class='media-item'><b class='title'> {title} </b><i class='year'>(1931)</i></p>"


def test_the_form_with_a_browser_reads_every_page(folder):
    context = FetchContext(HttpClient("clubpages"), "https://club.invalid", browser=PagesOfTheClub())

    pages = list(get_provider("clubpages").pages("classics", context))

    assert [item.label for page in pages for item in page.items] == ["One (1931)", "Two (1931)"]
    assert pages[-1].total == 2


def test_the_test_of_the_page_passes(folder):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_filmclub.py"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)

    assert "3 passed" in run.stdout, run.stdout + run.stderr
