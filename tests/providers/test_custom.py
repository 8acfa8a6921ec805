"""Providers that are not ours: the guide's template as it stands, and other files of the folder."""

import os
import re
import subprocess
import sys
import threading
import traceback
from pathlib import Path

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.errors import InvalidListId, ListSyncError, ResourceNotFound, ServiceUnavailable, UnexpectedResponse
from list_sync.fetching.pool import fetch_lists
from list_sync.model.sources import FetchState, ListRef
from list_sync.model.titles import MediaType
from list_sync.providers import FetchContext, available_providers, get_provider, register_provider
from list_sync.providers.custom import find_untold, load_custom_providers
from tests.fakes.scripted_server import ScriptedServer, Served

REPOSITORY = Path(__file__).parents[2]
GUIDE = REPOSITORY.parent / "shared" / "guide" / "advanced-usage.md"
KEY = "a-key-that-nobody-sees"
TEMPLATE = """
import logging
from typing import Any, Dict, List

from list_sync.providers import register_provider


@register_provider("smallservice")
def fetch_small_list(list_id: str) -> List[Dict[str, Any]]:
    if not list_id.startswith("good"):
        raise ValueError("Invalid list ID provided")
    return [_standardise(item) for item in _fetch_from_id(list_id)]


def _fetch_from_id(list_id):
    if list_id == "good-offline":
        raise ConnectionError("Network error")
    if list_id == "good-broken":
        return [{}["missing"]]
    return [
        {"name": "Sample One", "type": "movie", "year": 2001, "external_ids": {"imdb": "tt9000001"}},
        {"name": "Sample Two", "type": "tv", "year": None},
        {"name": "", "type": "movie"},
    ]


def _standardise(item):
    return {
        "title": item.get("name"),
        "media_type": item.get("type"),
        "year": item.get("year"),
        "imdb_id": item.get("external_ids", {}).get("imdb"),
        "description": "not needed",
    }
"""
TEMPLATE_TESTS = """
from unittest.mock import patch

import pytest
from small_provider import fetch_small_list


def test_fetch_valid_list():
    with patch("small_provider._fetch_from_id") as fetch:
        fetch.return_value = [{"name": "Other", "type": "movie", "year": 1999}]
        assert fetch_small_list("good")[0]["title"] == "Other"


def test_invalid_list_id():
    with pytest.raises(ValueError):
        fetch_small_list("")


def test_network_error_handling():
    with patch("small_provider._fetch_from_id", side_effect=ConnectionError("Network error")):
        with pytest.raises(ConnectionError):
            fetch_small_list("good")
"""


def a_context() -> FetchContext:
    return FetchContext(http=HttpClient("smallservice"))


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def run_their_tests(folder: Path, *more_paths: Path) -> subprocess.CompletedProcess[str]:
    # SeleniumBase brings a pytest plugin that imports the real one before the stand-in is found.
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, (REPOSITORY, *more_paths))),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def small_provider(tmp_path: Path):
    write(tmp_path, "small_provider.py", TEMPLATE)
    assert load_custom_providers(tmp_path) == ()
    return get_provider("smallservice")


def test_a_template_and_its_tests_run_unchanged(tmp_path: Path):
    write(tmp_path, "small_provider.py", TEMPLATE)
    write(tmp_path, "test_small_provider.py", TEMPLATE_TESTS)

    run = run_their_tests(tmp_path)

    assert "3 passed" in run.stdout, run.stdout + run.stderr


@pytest.mark.skipif(not GUIDE.exists(), reason="the users' guide is not beside the repository")
def test_the_guides_template_and_its_three_tests_run_unchanged(tmp_path: Path):
    blocks = re.findall(r"```python\n(# (?:test_)?custom_provider\.py\n.*?)```", GUIDE.read_text(), re.DOTALL)
    assert len(blocks) == 2
    folder, browser = tmp_path / "providers", tmp_path / "browser"
    folder.mkdir()
    browser.mkdir()
    write(folder, "custom_provider.py", blocks[0])
    write(folder, "test_custom_provider.py", blocks[1])
    write(browser, "seleniumbase.py", "class SB: ...\n")

    run = run_their_tests(folder, browser)

    assert "3 passed" in run.stdout, run.stdout + run.stderr


@pytest.mark.skipif(not GUIDE.exists(), reason="the users' guide is not beside the repository")
def test_the_guides_template_without_a_browser_says_where_there_is_one(tmp_path: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, "seleniumbase", None)
    block = re.search(r"```python\n(# custom_provider\.py\n.*?)```", GUIDE.read_text(), re.DOTALL)
    assert block
    write(tmp_path, "custom_provider.py", block.group(1))

    (problem,) = load_custom_providers(tmp_path)

    assert problem.startswith("custom_provider.py line 5: ")
    assert "full image" in problem
    assert "make browser" in problem


def test_a_template_becomes_a_provider_with_its_own_setting(small_provider):
    assert available_providers()["smallservice"].lists_setting == "SMALLSERVICE_LISTS"

    (page,) = small_provider.pages("good", a_context())

    assert [(item.title, item.media_type, item.year, item.ids.imdb) for item in page.items] == [
        ("Sample One", MediaType.MOVIE, 2001, "tt9000001"),
        ("Sample Two", MediaType.TV, None, None),
    ]
    assert (page.total, page.unsupported) == (None, 0)
    assert [str(entry) for entry in page.first_not_understood] == ["entry 3 (an entry without title and id)"]


def test_a_plain_list_is_partial_because_nothing_proves_its_end(small_provider):
    (result,) = fetch_lists(
        [ListRef("smallservice", "good")], make_context=lambda _: a_context(), workers=1, stop=threading.Event()
    )

    assert (result.state, len(result.items), result.expected) == (FetchState.PARTIAL, 2, 3)
    assert "does not say how many entries" in result.reason


@pytest.mark.parametrize(
    ("list_id", "error", "words"),
    [
        ("bad", InvalidListId, "Invalid list ID provided"),
        ("good-offline", ServiceUnavailable, "Network error"),
        ("good-broken", UnexpectedResponse, "KeyError in small_provider.py line "),
    ],
)
def test_what_a_template_raises_is_told_as_our_error(small_provider, list_id: str, error: type, words: str):
    with pytest.raises(error, match=re.escape(words)):
        list(small_provider.pages(list_id, a_context()))


def test_what_requests_raises_in_a_template_is_told_without_its_address(tmp_path: Path):
    write(
        tmp_path,
        "asking.py",
        "import requests\n"
        "from list_sync.providers import register_provider\n"
        "@register_provider('asking')\n"
        "def fetch(list_id):\n"
        "    response = requests.get(list_id, timeout=5)\n"
        "    response.raise_for_status()\n"
        "    return response.json()\n",
    )
    assert load_custom_providers(tmp_path) == ()
    with ScriptedServer([Served({}, 404)]) as server, pytest.raises(ResourceNotFound, match="not found") as caught:
        list(get_provider("asking").pages(f"{server.url}/?key={KEY}", a_context()))

    assert KEY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("kind", ["ValueError", "ConnectionError", "RuntimeError"])
def test_what_other_clients_raise_in_a_template_is_told_without_keys(tmp_path: Path, kind: str):
    raising = f"raise {kind}(\"404 for url 'https://joe:{KEY}@host/list?apikey={KEY}'\")\n"
    start = (
        "from list_sync.providers import register_provider\n@register_provider('raising')\ndef fetch(list_id):\n    "
    )
    write(tmp_path, "raising.py", f"{start}{raising}")
    assert load_custom_providers(tmp_path) == ()

    with pytest.raises(ListSyncError, match="404 for url 'https://\\*\\*\\*@host/list") as caught:
        list(get_provider("raising").pages("a", a_context()))
    assert KEY not in str(caught.value)
    write(tmp_path, "broken.py", raising)
    assert KEY not in "".join(load_custom_providers(tmp_path))


@pytest.mark.parametrize("result", ["None", "5", "'text'", "{}"])
def test_a_template_that_returns_no_list_is_named_by_its_file(tmp_path: Path, result: str):
    write(
        tmp_path,
        "odd.py",
        "from list_sync.providers import register_provider\n"
        "@register_provider('oddservice')\n"
        f"def fetch(list_id):\n    return {result}\n",
    )
    load_custom_providers(tmp_path)

    with pytest.raises(UnexpectedResponse, match=r"odd\.py returned no list"):
        list(get_provider("oddservice").pages("x", a_context()))


def test_loading_a_file_again_replaces_it(small_provider, tmp_path: Path):
    write(tmp_path, "small_provider.py", TEMPLATE.replace("Sample One", "Sample New"))

    assert load_custom_providers(tmp_path) == ()

    (page,) = get_provider("smallservice").pages("good", a_context())
    assert page.items[0].title == "Sample New"
    assert not list(tmp_path.glob("__pycache__"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x = 1\ny = (\n", "bad.py line 2: "),
        ("x = 1\n\nraise RuntimeError('no\\nway')\n", "bad.py line 3: RuntimeError: no way"),
        ("import sys\nsys.exit(3)\n", "bad.py line 2: SystemExit: 3"),
        ("import no_such_package_at_all\n", "bad.py line 1: it needs the Python package no_such_package_at_all"),
        ("x = 1\n", "bad.py registers no provider"),
        ("from list_sync.providers import register_provider\nregister_provider('a b')\n", "bad.py line 2: ValueError"),
        ("\0", "bad.py"),
    ],
)
def test_a_bad_file_is_one_line_and_the_others_are_loaded(tmp_path: Path, text: str, problem: str):
    write(tmp_path, "bad.py", text)
    write(tmp_path, "small_provider.py", TEMPLATE.replace("smallservice", "afterbad"))

    problems = load_custom_providers(tmp_path)

    assert len(problems) == 1
    assert problems[0].startswith(problem)
    assert "\n" not in problems[0]
    assert "afterbad" in available_providers()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import no_such_package\n@register_provider('unloaded')\ndef fetch(list_id): ...\n", "unloaded"),
        ('def fetch(:\n@register_provider(\n  "halfwritten", limited=True)\n', "halfwritten"),
        ("x = 1\n", "nameless"),
    ],
)
def test_the_lists_of_a_file_that_is_not_loaded_cannot_be_read_until_it_is_mended(tmp_path: Path, text, name):
    write(tmp_path, "nameless.py", text)
    problems = load_custom_providers(tmp_path)
    source = ListRef(name, "best")

    (result,) = fetch_lists([source], make_context=lambda _: a_context(), workers=1, stop=threading.Event())

    assert (result.state, len(problems)) == (FetchState.FAILED, 1)
    assert result.reason == f"{problems[0]} ({name.upper()}_LISTS)"
    assert find_untold(problems, [source]) == ()
    assert find_untold(problems, [ListRef("imdb", "top")]) == problems

    write(tmp_path, "nameless.py", TEMPLATE.replace("smallservice", name))
    assert load_custom_providers(tmp_path) == ()
    assert len(list(get_provider(name).pages("good", a_context()))) == 1


def test_a_bundled_provider_is_read_as_before_if_its_replacement_is_not_loaded(tmp_path: Path):
    before = get_provider("stevenlu")
    write(tmp_path, "mine.py", "import no_such_package\n@register_provider('stevenlu')\ndef fetch(list_id): ...\n")

    assert len(load_custom_providers(tmp_path)) == 1
    assert get_provider("stevenlu") is before


def test_the_lists_of_providers_in_a_folder_that_cannot_be_read_cannot_be_read(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FARAWAY_LISTS", "best")
    monkeypatch.setenv("ALL_IMDB_LISTS", "top")
    folder = tmp_path / "providers"
    folder.symlink_to(folder)

    (problem,) = load_custom_providers(folder)

    with pytest.raises(InvalidListId, match=re.escape(problem)):
        get_provider("faraway").check("best")
    assert "all_imdb" not in available_providers()


def test_tests_and_private_files_are_left_alone(tmp_path: Path):
    write(tmp_path, "test_something.py", "raise RuntimeError")
    write(tmp_path, "_draft.py", "raise RuntimeError")

    assert load_custom_providers(tmp_path) == ()


def test_a_folder_that_is_not_there_has_no_providers(tmp_path: Path):
    assert load_custom_providers(tmp_path / "none") == ()
    assert load_custom_providers(None) == ()


def test_our_own_form_may_be_used_in_the_folder_too(tmp_path: Path):
    write(
        tmp_path,
        "paged.py",
        "from list_sync.model.sources import Page\n"
        "from list_sync.providers import register_provider\n"
        "@register_provider('pagedservice', credentials=['PAGED_KEY'])\n"
        "def fetch(list_id, *, context):\n"
        "    yield Page((), total=0)\n",
    )

    assert load_custom_providers(tmp_path) == ()
    assert get_provider("PagedService").required_credentials == ("PAGED_KEY",)
    assert [page.total for page in get_provider("pagedservice").pages("x", a_context())] == [0]


def test_registering_returns_the_function_unchanged():
    def fetch(list_id: str) -> list[dict[str, object]]:
        return []

    assert register_provider("unchanged-service")(fetch) is fetch
    assert available_providers()["unchanged-service"].lists_setting == "UNCHANGED_SERVICE_LISTS"


def test_a_name_that_is_not_registered_is_answered_with_those_that_are():
    with pytest.raises(InvalidListId, match="mdblist"):
        get_provider("nobody")
    with pytest.raises(InvalidListId, match=r'no provider "imbd": is it imdb\?'):
        get_provider("imbd")
