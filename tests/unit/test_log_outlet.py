"""A log whose reader pauses, whose disk is full, or which nobody reads any more: it keeps nobody waiting."""

import logging
import os
import re
import resource
import select
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from list_sync import outlet
from list_sync.log import close_run, configure_logging, find_logs, running
from tests.fakes.patience import PATIENCE_SECONDS

NUMBERED = re.compile(r"^\S+ \S+ \S+ (?:Running: )?(.*)$")
logger = logging.getLogger("list_sync.somewhere")


@pytest.fixture(autouse=True)
def _restored_logging(monkeypatch):
    monkeypatch.setattr(outlet, "PATIENCE_SECONDS", 0.05)
    root = logging.getLogger()
    level = root.level
    yield
    for handler in find_logs():
        root.removeHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(False)


class Pipe:
    """A pipe into which the log goes, and a reader who reads when he is told to."""

    def __init__(self):
        self.reader, writer = os.pipe()
        os.set_blocking(self.reader, False)
        self.stream = os.fdopen(writer, "w")

    def fill(self):
        descriptor = self.stream.fileno()
        os.set_blocking(descriptor, False)
        with suppress(BlockingIOError):
            while os.write(descriptor, b"." * 1000 + b"\n"):
                continue
        os.set_blocking(descriptor, True)

    def read(self):
        content = b""
        try:
            while part := os.read(self.reader, 65536):
                content += part
        except BlockingIOError:
            pass
        return content

    def messages(self):
        lines = [line for line in self.read().decode().splitlines() if not line.startswith(".")]
        return [NUMBERED.match(line)[1] for line in lines]

    def close(self):
        os.close(self.reader)
        self.stream.close()


@pytest.fixture
def pipe():
    pipe = Pipe()
    configure_logging("INFO", "text", pipe.stream)
    yield pipe
    pipe.close()


class RecordingPoll:
    """A poll that writes down how long it was asked to wait."""

    def __init__(self, waits, poll=select.poll):
        self.waits = waits
        self.poll_ours = poll()
        self.register = self.poll_ours.register

    def poll(self, milliseconds):
        self.waits.append(milliseconds)
        return self.poll_ours.poll(milliseconds)


def test_a_reader_that_stopped_does_not_block_the_log_and_sees_how_many_lines_it_missed(pipe, monkeypatch):
    pipe.fill()
    waits = []
    monkeypatch.setattr(outlet.select, "poll", lambda: RecordingPoll(waits))

    for number in range(40):
        logger.info("line %d", number)
    pipe.read()
    logger.info("line 40")
    logger.info("line 41")

    assert [wait for wait in waits[:40] if wait] == [outlet.PATIENCE_SECONDS * 1000], "it waits only once"
    assert pipe.messages() == ["40 lines of the log could not be written", "line 40", "line 41"]


def test_a_line_that_was_taken_in_part_is_taken_to_its_end_later(pipe):
    text = "𝄞" * 2_500
    for number in range(9):
        logger.info("line %d %s", number, text)
    begun = pipe.read()
    logger.info("the end")

    assert not begun.endswith(b"\n")
    lines = (begun + pipe.read()).decode().splitlines()
    assert all(line.endswith((text, "could not be written", "the end")) for line in lines)
    assert lines[-1].endswith("Running: the end")


def test_lines_that_were_lost_between_runs_are_told_before_the_closing_line(pipe):
    with running():
        close_run("Sync completed: 1 requested")
    pipe.fill()
    logger.info("between")
    pipe.read()

    logger.info("after")

    assert pipe.messages() == [
        "2 lines of the log could not be written",
        "after",
        "Sync completed: 1 requested",
    ]


def test_a_reader_who_is_gone_stops_nothing(pipe):
    os.close(pipe.reader)
    pipe.reader = os.open(os.devnull, os.O_RDONLY)

    logger.info("into the void")
    with running():
        close_run("Sync completed: 1 requested")

    assert find_logs()[0].outlet.lost > 0


def test_a_full_disk_stops_nothing():
    with Path("/dev/full").open("w") as full:
        configure_logging("INFO", "text", full)

        logger.info("nowhere to go")

        assert find_logs()[0].outlet.lost == 1


def test_a_file_that_could_not_grow_has_whole_lines_all_the_same(tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    path = tmp_path / "log"
    with path.open("w") as file:
        configure_logging("INFO", "text", file)
        logger.info("line 1")
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20, before[1]))
        try:
            logger.info("line 2")
            logger.info("line 3")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert not path.read_text().endswith("\n")
        logger.info("line 4")

    messages = [NUMBERED.match(line)[1] for line in path.read_text().splitlines()]
    assert messages == ["line 1", "line 2", "2 lines of the log could not be written", "line 4"]


def test_output_that_was_closed_before_the_start_stops_nothing(monkeypatch):
    monkeypatch.setattr("sys.stdout", None)
    configure_logging("INFO", "text")

    logger.info("into the void")


def test_many_threads_share_a_stuck_output_without_waiting_one_after_the_other(pipe):
    pipe.fill()
    threads = [threading.Thread(target=logger.info, args=("line %d", number)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert not any(thread.is_alive() for thread in threads)
