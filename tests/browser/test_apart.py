"""Providers that start browsers by themselves: each list is read in a process that counts as a browser."""

import logging
import os
import re
import tempfile
import threading
from inspect import signature
from pathlib import Path

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.browser.processes import find_descendants
from list_sync.errors import (
    InvalidListId,
    NotOffered,
    ResourceNotFound,
    ServiceUnavailable,
    SyncCancelled,
    UnexpectedResponse,
)
from list_sync.providers import FetchContext, get_provider
from list_sync.providers.custom import load_custom_providers
from tests.fakes.patience import wait_until

GUIDE = Path(__file__).parents[3] / "shared" / "guide" / "advanced-usage.md"
EARLIER: set[int] = set()
# In the form of the users' guide.
BROWSING = """
import logging
from seleniumbase import SB
from list_sync.providers import register_provider

@register_provider("browsing")
def fetch(list_id):
    items = []
    with SB(uc=True, headless=True) as sb:
        sb.open(list_id)
        sb.wait_for_element(".media-item", timeout=60)
        while True:
            for element in sb.find_elements(".media-item"):
                title = element.find_element("css selector", ".title").text
                items.append({"title": title, "media_type": element.get_attribute("data-type")})
            if not sb.find_element(".pagination-next").is_enabled():
                break
            sb.click(".pagination-next")
    logging.info("read %d items", len(items))
    return items
"""
# It starts no browser, so that the tests of the process alone are quick.
ALONE = """
import logging, os, pathlib, sys, time
import selenium
from list_sync.errors import ResourceNotFound
from list_sync.providers import register_provider

class OwnError(ResourceNotFound):
    pass

@register_provider("alone")
def fetch(list_id):
    word, _, path = list_id.partition(" ")
    print("printed"); print("printed", file=sys.stderr); os.system("echo printed; echo printed >&2")
    pathlib.Path("left").write_text("here"); pathlib.Path("~/left").expanduser().write_text("here")
    logging.getLogger("urllib3").warning("a library speaks")
    logging.warning("%s is read by %s", "a list", os.getpid())
    if word == "wrong":
        raise ValueError("no such list")
    if word == "broken":
        return [{}["missing"]]
    if word == "own":
        raise OwnError("alone", "the list is gone")
    if word == "killed":
        os._exit(1)
    if word == "wait":
        pathlib.Path(path).touch()
        os.system("sleep 1000 &")
        time.sleep(1000)
    if word == "alone":
        place = pathlib.Path(path)
        place.mkdir()
        time.sleep(0.2)
        place.rmdir()
    return [{"title": "One", "media_type": "movie"}]
"""
WITH_CONTEXT = """
from selenium.webdriver.common.by import By
from list_sync.model.sources import Page
from list_sync.model.titles import MediaItem
from list_sync.providers import register_provider

@register_provider("withcontext", credentials=["WITHCONTEXT_KEY"])
def fetch(list_id, *, context):
    if list_id == "broken":
        raise KeyError(context.credentials["WITHCONTEXT_KEY"])
    if list_id == "lazy":
        yield Page(MediaItem(title) for title in ["One"])
    yield Page([MediaItem(f"{context.http.service} {context.browser} {By.ID}")])
    yield Page((), total=1)
"""


@pytest.fixture(autouse=True)
def earlier_processes():
    """Other tests leave the server from which they start the program."""
    EARLIER.clear()
    EARLIER.update(find_descendants(os.getpid()))


@pytest.fixture(autouse=True)
def levels_of_loggers():
    """Importing SeleniumBase changes them."""
    loggers = [logging.getLogger(name) for name in ("requests", "urllib3", "websocket")]
    before = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "providers"
    folder.mkdir()
    return folder


def load(folder, text, name="custom_provider.py"):
    (folder / name).write_text(text)
    assert load_custom_providers(folder) == ()


def read(provider, list_id, pool, **more):
    context = FetchContext(http=HttpClient(provider), browser=pool, **more)
    return list(get_provider(provider).pages(list_id, context))


def assert_nothing_is_left():
    assert list(Path(tempfile.gettempdir()).iterdir()) == []
    assert EARLIER.issuperset(find_descendants(os.getpid()))


@pytest.fixture
def quiet(tmp_path, monkeypatch):
    """The providers run beside the folder that we are in, and write nothing there."""
    place = tmp_path / "working"
    place.mkdir()
    monkeypatch.chdir(place)
    yield
    assert list(place.iterdir()) == []
    assert_nothing_is_left()


def test_a_template_with_a_browser_in_undetected_mode_reads_all_titles_of_a_scripted_list(
    folder, pool, site, quiet, capfd
):
    # The guide's own where it is beside the repository, else ours in its form.
    guide = GUIDE.read_text() if GUIDE.exists() else ""
    block = re.search(r"```python\n(# custom_provider\.py\n.*?)```", guide, re.DOTALL)
    load(folder, block[1] if block else BROWSING)

    (page,) = read("myservice" if block else "browsing", f"{site.url}/catalogue", pool)

    assert [item.title for item in page.items] == [f"Film {number}" for number in range(1, 11)]
    assert capfd.readouterr() == ("", "")


def test_what_it_logs_is_logged_and_what_it_prints_is_not(folder, pool, quiet, capfd, caplog):
    # CONFIG_DIR may be a relative path, as it is by default.
    load(Path(os.path.relpath(folder)), ALONE)
    caplog.clear()

    (page,) = read("alone", "x", pool)

    assert [item.title for item in page.items] == ["One"]
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("root", logging.WARNING)
    assert re.fullmatch(r"a list is read by \d+", record.getMessage())
    assert str(os.getpid()) not in record.getMessage()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("list_id", "error", "words"),
    [
        ("wrong", InvalidListId, "no such list"),
        ("broken", UnexpectedResponse, r"KeyError in custom_provider\.py line "),
        ("own", ResourceNotFound, "alone: the list is gone"),
        ("killed", ServiceUnavailable, "ended by itself"),
    ],
)
def test_its_errors_are_those_that_it_has_without_a_process(list_id, error, words, folder, pool, quiet):
    load(folder, ALONE)

    with pytest.raises(error, match=words):
        read("alone", list_id, pool)


def test_as_many_lists_are_read_at_once_as_browsers_are_allowed(folder, make_pool, tmp_path, quiet):
    load(folder, ALONE)
    pool, place, results = make_pool(1), tmp_path / "taken", []

    def read_one():
        # The folder can be made only while no other list is being read.
        results.extend(read("alone", f"alone {place}", pool))

    threads = [threading.Thread(target=read_one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(results) == 3


def test_without_browsers_it_is_not_read(folder, make_pool):
    load(folder, ALONE)

    with pytest.raises(NotOffered, match="SELENIUM_POOL_SIZE=0"):
        read("alone", "x", make_pool(0))


def test_a_sync_gets_on_while_it_works_and_a_stop_ends_it_with_all_its_processes(folder, make_pool, tmp_path, quiet):
    load(folder, ALONE)
    stop, begun, ends = threading.Event(), tmp_path / "begun", []
    pool = make_pool(1, stop=stop)

    def read_until_stopped():
        try:
            read("alone", f"wait {begun}", pool)
        except SyncCancelled as error:
            ends.append(error)

    thread = threading.Thread(target=read_until_stopped)
    thread.start()
    wait_until(begun.exists)
    before = pool.time_at_work
    assert 0.0 < before < pool.time_at_work
    stop.set()
    thread.join()

    assert len(ends) == 1
    assert pool.time_at_work == 0.0


def test_a_provider_with_a_context_is_read_in_a_process_too_without_the_pool(folder, pool, quiet):
    load(folder, WITH_CONTEXT)

    pages = read("withcontext", "x", pool, credentials={"WITHCONTEXT_KEY": "hidden"})

    assert [(item.title) for page in pages for item in page.items] == ["withcontext None id"]
    assert pages[-1].total == 1
    with pytest.raises(UnexpectedResponse, match=r"KeyError in custom_provider\.py line 10") as caught:
        read("withcontext", "broken", pool, credentials={"WITHCONTEXT_KEY": "hidden"})
    assert "hidden" not in str(caught.value)
    with pytest.raises(ServiceUnavailable, match="its process failed: TypeError"):
        read("withcontext", "lazy", pool)


@pytest.mark.usefixtures("browser_installed")
@pytest.mark.parametrize(
    ("text", "starts_browsers"),
    [
        ("import selenium", True),
        ("    from seleniumbase import Driver", True),
        ("from _helper import read", True),
        ("import requests  # no seleniumbase", False),
    ],
)
def test_a_provider_is_read_in_a_process_if_it_or_its_neighbour_imports_such_a_library(text, starts_browsers, folder):
    (folder / "_helper.py").write_text("from seleniumbase import SB\nread = 1\n")
    register = (
        "from list_sync.providers import register_provider\n@register_provider('some')\ndef fetch(list_id): ...\n"
    )
    load(folder, f"if True:\n  {text.strip()}\n{register}" if text.startswith(" ") else f"{text}\n{register}")

    assert ("context" in signature(get_provider("some").routes[0].fetch).parameters) is starts_browsers
