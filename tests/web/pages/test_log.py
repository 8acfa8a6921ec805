"""The log of the process: its last lines, by level, text and run, in memory only."""

import logging

import pytest

from list_sync import log
from list_sync.model.access import Scope
from list_sync.storage.tokens import add_token
from list_sync.web.watching.log_ring import Level, LogRing
from tests.web.conftest import NOW

logger = logging.getLogger("list_sync.tests")


@pytest.fixture
def logged(service, capsys):
    """Log with the lines going to the ring of the service, as in a daemon."""
    log.configure_logging("INFO", "text")
    service.parts.log.attach()
    yield service
    service.parts.log.detach()
    for handler in log.find_logs():
        logging.getLogger().removeHandler(handler)


def messages(service, query=""):
    return [one["message"] for one in service.get(f"/api/log{query}").json()["items"]]


def one_run(number):
    with log.running():
        log.name_run(number)
        logger.info("imdb:top: %d titles", number)
        logger.warning("trakt: it took %d s", number)
        log.close_run("Sync completed: nothing new")


def test_the_lines_of_the_log_are_read_newest_first_and_narrowed(logged):
    one_run(7)
    one_run(8)
    logger.error("the disk is full")

    assert messages(logged)[:3] == ["the disk is full", "Sync completed: nothing new", "trakt: it took 8 s"]
    assert messages(logged, "?level=warning") == ["the disk is full", "trakt: it took 8 s", "trakt: it took 7 s"]
    assert messages(logged, "?q=TOP&run=8") == ["imdb:top: 8 titles"]
    first = logged.get("/api/log?limit=2").json()
    assert messages(logged, f"?limit=1&cursor={first['next_cursor']}") == ["trakt: it took 8 s"]


def test_the_page_shows_lines_as_text_and_the_same_as_plain_text(logged, open_page):
    logger.info("requested <b>Heat</b>")
    logger.warning("not \u202e read")

    page = open_page("/runs/log")

    assert [" ".join(text.split()) for text in page.find("tbody .full")] == [
        r"not \u202e read",
        "requested <b>Heat</b>",
    ]
    assert page.find(".tabs [aria-current]") == ["Log"]
    assert page.tree.css_first("#log[data-poll]") is None
    assert open_page("/runs/log?follow=true").tree.css_first("#log[data-poll]") is not None
    assert open_page("/runs?tab=log&level=error").find("h3") == ["No line"]
    text = logged.get("/runs/log?format=text&level=warning")
    assert text.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert text.text.endswith("WARNING not \\u202e read\n")


def test_only_the_last_lines_are_kept():
    ring = LogRing(most_lines=3, most_characters=1000)
    for number in range(5):
        ring.add(number, "INFO", f"line {number}", None)

    def kept():
        return [line.message for line in ring.find(limit=9, before=None)]

    assert kept() == ["line 4", "line 3", "line 2"]
    ring.add(5, "CRITICAL", "x" * 750, None)
    assert kept() == ["x" * 750, "line 4"]
    assert [line.level for line in ring.find(level=Level.ERROR, limit=9, before=None)] == [Level.ERROR]


def test_a_process_without_a_service_keeps_no_lines(capsys):
    log.configure_logging("INFO", "text")

    assert [handler.listener for handler in log.find_logs()] == [None]
    for handler in log.find_logs():
        logging.getLogger().removeHandler(handler)


def test_only_an_admin_reads_the_log(service, store):
    with store.writing() as connection:
        token = add_token(connection, "reads", Scope.TRIGGER, at=NOW)

    assert service.get("/api/log", token=token).status_code == 403
    assert service.get("/runs/log", token=token).status_code == 403
