import io
import json
import logging
import re
import shutil
import subprocess
import sys
import threading
import warnings
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.errors import SyncCancelled
from list_sync.log import (
    LONGEST_LINE,
    about,
    close_run,
    configure_logging,
    fail,
    find_logs,
    fold,
    hide_keys,
    name_run,
    repeat_closing_line,
    running,
)

WORDS = re.compile("Sync completed|Error|Running")
logger = logging.getLogger("list_sync.somewhere")


@pytest.fixture(autouse=True)
def _restored_logging():
    root = logging.getLogger()
    level = root.level
    yield
    for log in find_logs():
        root.removeHandler(log)
    root.setLevel(level)
    logging.captureWarnings(False)


@pytest.fixture
def output():
    stream = io.StringIO()
    configure_logging("INFO", "text", stream)
    return stream


def words_of_every_last_line(output):
    return [WORDS.findall(line) for line in output.getvalue().splitlines()]


def test_a_line_has_a_time_in_the_asked_zone_a_level_and_a_message():
    stream = io.StringIO()
    configure_logging("INFO", "text", stream, zone=ZoneInfo("Asia/Tokyo"))
    record = logging.LogRecord("list_sync.x", logging.INFO, "x.py", 1, "%s read", ("imdb:top",), None)
    record.created = 1_000_000_000.0

    logging.getLogger().handle(record)

    assert stream.getvalue() == "2001-09-09 10:46:40 INFO Running: imdb:top read\n"


def test_json_lines_are_objects_with_the_same_message():
    stream = io.StringIO()
    configure_logging("INFO", "json", stream, zone=ZoneInfo("Asia/Tokyo"))

    logger.warning('"Ünïted"\n%s', "x")

    entry = json.loads(stream.getvalue())
    assert entry["message"] == 'Running: "Ünïted" | x'
    assert (entry["level"], entry["logger"]) == ("WARNING", "list_sync.somewhere")
    assert entry["time"].endswith("+09:00")


def test_json_lines_hold_the_run_and_what_the_line_is_about():
    stream = io.StringIO()
    configure_logging("INFO", "json", stream)

    with running():
        name_run(7)
        with about(list="imdb:top", route="csv"), about(title="Heat\n(1995)"):
            logger.info("read")
        with about(title="The Running Man"):
            logger.info("read too")
        logger.info("on")
        close_run("Sync completed: 1 list")
    logger.info("next sync")

    _, read, _, state, on, closing, after, _ = map(json.loads, stream.getvalue().splitlines())
    assert (read["run"], read["list"], read["route"], read["title"]) == (7, "imdb:top", "csv", "Heat | (1995)")
    assert (on["run"], closing["run"]) == (7, 7)
    assert state["message"] == "Running"
    assert not {"list", "route", "title"} & {*state, *on, *closing}
    assert "run" not in after


def run_that_says(number, *lines):
    with running():
        name_run(number)
        for level, text, news in lines:
            logger.log(level, "%s", text, extra={"news": news} if news else None)
        close_run("Sync completed")


def test_what_the_last_run_said_too_is_no_news_but_errors_are(output):
    lines = [(logging.INFO, "imdb:top: read 1 hour ago", "top"), (logging.WARNING, "no list", None)]
    run_that_says(1, *lines, (logging.ERROR, "that failed", None))
    output.truncate(0)

    run_that_says(
        2, (logging.INFO, "imdb:top: read 2 hours ago", "top"), *lines[1:], (logging.ERROR, "that failed", None)
    )
    second = output.getvalue()
    run_that_says(3, (logging.INFO, "imdb:top: 3 titles", "other"), *lines[1:])

    assert "imdb:top" not in second
    assert "no list" not in output.getvalue()
    assert "that failed" in second
    assert "imdb:top: 3 titles" in output.getvalue()


def test_before_the_first_run_every_line_says_running(output):
    logger.info("waiting for the server")

    assert words_of_every_last_line(output) == [["Running"]]


def test_names_in_messages_are_left_as_they_are_and_a_line_that_only_says_running_follows(output):
    with running():
        logger.info('requested "Running Man" and "Trial & Error"; Sync completed is no title')
        logger.error("ValueError: that")
        logger.info("Running: already said")
        close_run("Sync completed: 2 requested")

    lines = output.getvalue().splitlines()
    assert 'Running: requested "Running Man" and "Trial & Error"; Sync completed is no title' in lines[1]
    assert [line.split(maxsplit=3)[3] for line in (lines[2], lines[4])] == ["Running"] * 2
    assert words_of_every_last_line(output)[-2:] == [["Running"], ["Sync completed"]]
    assert " Running: already said\n" in output.getvalue()


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("Sync completed: 3 requested, 1 list failed (Error, Running)", "Sync completed"),
        ("Error: the server is down, nothing of Sync completed, Error again", "Error"),
        ("Errors, Errors", "Error"),
    ],
)
def test_a_closing_line_holds_one_of_the_words_once(output, line, word):
    with running():
        close_run(line)

    *before, last = output.getvalue().splitlines()[1:]
    assert WORDS.findall(last) == [word]
    assert [text.split(maxsplit=3)[3] for text in before] == [line]


def test_a_closing_line_stays_as_it_is_where_it_holds_no_other_word(output):
    close_run("Sync completed (dry run): 1 list")

    assert output.getvalue().endswith(" INFO Sync completed (dry run): 1 list\n")


def test_a_line_that_does_not_begin_with_a_closing_word_closes_nothing(output):
    with pytest.raises(ValueError, match="closed by a line"):
        close_run("All good")


def test_whatever_is_logged_between_runs_is_followed_by_the_same_closing_line(output):
    with running():
        close_run("Sync completed: 3 requested")
    closing = output.getvalue().splitlines()[-1]
    logger.warning("the port is taken: Error 98, Running elsewhere")

    *_, before, last = output.getvalue().splitlines()
    assert last == closing
    assert before.endswith(" WARNING the port is taken: Error 98, Running elsewhere")


def test_the_closing_line_can_be_made_the_last_again(output):
    repeat_closing_line()
    assert output.getvalue() == ""
    with running():
        close_run("Error: down")
    output.write("a table\n")
    repeat_closing_line()

    assert words_of_every_last_line(output)[-1] == ["Error"]


def test_the_next_run_ends_the_repetition(output):
    with running():
        close_run("Error: down")
    with running():
        logger.info("again")

    assert words_of_every_last_line(output)[-1] == ["Running"]


def test_a_run_that_breaks_off_is_closed_with_the_reason(output):
    with pytest.raises(RuntimeError), running():
        raise RuntimeError("no Running disk")

    *_, full, last = output.getvalue().splitlines()
    assert full.endswith("ERROR Error: the sync broke off: no Running disk")
    assert last.endswith("ERROR Error: the sync broke off: no … (the line before says more)")


def test_a_run_that_was_stopped_is_no_error(output):
    with pytest.raises(SyncCancelled), running():
        raise SyncCancelled("stopped while an Error was written")

    assert output.getvalue().splitlines()[-2].endswith("INFO Running stopped: while an Error was written")
    assert words_of_every_last_line(output)[-1] == ["Running"]


def test_a_run_that_was_closed_is_not_closed_again_when_it_breaks_off(output):
    def run():
        with running():
            close_run("Error: down")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        run()

    assert output.getvalue().splitlines()[-1].endswith("ERROR Error: down")


def test_a_run_that_is_cut_off_from_outside_is_closed_once(output):
    with running():
        fail("told to stop")
        fail("told again")

    assert words_of_every_last_line(output) == [["Running"], ["Error"]]


@pytest.mark.parametrize("level", ["WARNING", "ERROR"])
def test_the_state_is_shown_at_every_log_level(level):
    stream = io.StringIO()
    configure_logging(level, "text", stream)

    with running():
        logger.info("unseen")
        close_run("Sync completed: 0 requested")

    assert words_of_every_last_line(stream) == [["Running"], ["Sync completed"]]


def test_a_traceback_is_one_line_whose_end_says_what_happened(output):
    try:
        raise ConnectionError("refused\nby peer")
    except ConnectionError:
        logger.exception("cannot go on")

    line, state = output.getvalue().splitlines()
    assert "cannot go on | Traceback" in line
    assert line.endswith("ConnectionError: refused | by peer")
    assert state.endswith(" INFO Running")


def test_libraries_are_heard_from_warning_on_and_python_warnings_are_log_lines(output):
    logging.getLogger("urllib3.connectionpool").info("GET /?apikey=secret")
    logging.getLogger("alembic").warning("slow")
    logging.info("from a custom provider")  # noqa: LOG015 (what it may do)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", UserWarning, stacklevel=1)

    text = output.getvalue()
    assert "secret" not in text
    assert "slow" in text
    assert "from a custom provider" in text
    assert "UserWarning: old" in text


def test_configuring_again_replaces_the_output(output):
    second = io.StringIO()
    configure_logging("INFO", "text", second)
    logger.info("here")

    assert output.getvalue() == ""
    assert second.getvalue().count("here") == 1
    assert find_logs()


def test_a_message_with_wrong_arguments_is_still_a_line(output):
    record = logging.LogRecord("list_sync.x", logging.INFO, "x.py", 1, "%d titles", ("many",), None)

    find_logs()[0].handle(record)

    assert "%d titles ('many',)" in output.getvalue()


def test_output_that_nobody_reads_any_more_stops_nothing(output):
    output.close()

    logger.info("into the void")


def test_characters_that_the_output_cannot_carry_are_spelled():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    configure_logging("INFO", "text", stream)

    # Not through the logger: pytest keeps what it sees there, and pytest-xdist cannot carry half characters either.
    find_logs()[0].handle(logging.LogRecord("list_sync", logging.INFO, "x.py", 1, "Amélie \udcff", None, None))

    assert stream.buffer.getvalue().endswith(b"Am\\xe9lie \\udcff\n")


def test_lines_from_many_threads_stay_whole(output):
    with running():
        close_run("Sync completed: 0 requested")

    def work(number):
        for turn in range(50):
            logger.info("thread %d turn %d", number, turn)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    lines = output.getvalue().splitlines()[1:]
    assert len(lines) == 1 + 2 * 400
    assert all(line.endswith("Sync completed: 0 requested") for line in lines[::2])


@given(st.text())
def test_folding_gives_one_printable_line_and_changes_nothing_twice(text):
    line = fold(text)

    assert len(line.splitlines()) <= 1
    assert len(line) <= LONGEST_LINE + 1
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in line)


@pytest.mark.parametrize("fmt", ["text", "json"])
def test_marks_of_direction_and_invisible_characters_are_shown_and_not_obeyed(fmt):
    hidden = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
    hidden += "\u200b\u200c\u200d\u2060\ufeff\u00ad\u3164\U000e0041"
    output = io.StringIO()
    configure_logging("INFO", fmt, output)

    logging.getLogger("list_sync").info("requested %s.", hidden)

    assert not set(hidden) & set(output.getvalue())
    assert all(f"{ord(letter):x}" in output.getvalue() for letter in hidden)


@given(st.lists(st.tuples(st.sampled_from(["log", "begin", "complete", "fail"]), st.text()), max_size=12))
def test_after_any_sequence_of_events_the_last_line_holds_exactly_one_word(events):
    stream = io.StringIO()
    configure_logging("INFO", "text", stream)
    for event, text in events:
        if event == "log":
            logger.info("%s", f"{text} Running Error {text}")
        elif event == "begin":
            with running():
                pass
        else:
            close_run(f"{'Sync completed' if event == 'complete' else 'Error'}: {text} Error, Running")
        assert len(WORDS.findall(stream.getvalue().splitlines()[-1])) == 1


PROGRAM = """
import logging, sys
from list_sync.log import close_run, configure_logging, running
configure_logging("INFO", sys.argv[1])
log = logging.getLogger("list_sync")
steps = int(sys.argv[2])
if steps > 0: log.info("starting")
if steps > 1:
    with running():
        log.info("requested Running Man (2025) and Error\\nSync completed")
        if steps > 2: close_run("Sync completed: 1 requested, 1 list failed")
if steps > 3: log.warning("Error between runs")
if steps > 4:
    with running():
        close_run("Error: overseerr is down")
"""


@pytest.mark.skipif(not shutil.which("grep"), reason="needs grep")
@pytest.mark.parametrize("fmt", ["text", "json"])
@pytest.mark.parametrize(
    ("steps", "word"), [(1, "Running"), (2, "Running"), (3, "Sync completed"), (4, "Sync completed"), (5, "Error")]
)
def test_the_home_assistant_sensor_of_the_guide_sees_one_word(fmt, steps, word):
    command = r'"$0" -c "$1" "$2" "$3" 2>&1 | tail -n 1 | grep -o "Sync completed\|Error\|Running"'

    done = subprocess.run(
        ["sh", "-c", command, sys.executable, PROGRAM, fmt, str(steps)], capture_output=True, text=True, check=True
    )

    assert done.stdout == f"{word}\n"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("for url 'https://h/y?apikey=SEC(RE'T'", "for url 'https://h/y?***'"),
        ("at http://joe:SEC@RET@h:80/x, again", "at http://***@h:80/x, again"),
        ("at https://h/#access_token=SECRET.", "at https://h/#***."),
        ('with url: /l?apikey=SE"CRET (Caused by it)', "with url: /l?*** (Caused by it)"),
    ],
)
def test_a_key_with_odd_signs_is_hidden_as_a_whole(said, shown):
    assert hide_keys(said) == shown


def test_the_words_of_a_foreign_error_are_logged_without_keys(output):
    try:
        raise ValueError("no answer of http://joe:SECRET@host/list?apikey=SECRET")
    except ValueError:
        logger.exception("the list could not be read")

    assert "SECRET" not in output.getvalue()
    assert "no answer of http://***@host/list?***" in output.getvalue()


def test_what_libraries_warn_of_holds_no_key_of_an_address(output):
    address = "http://joe:SECRET@host:80/lists?limit=1&apikey=SECRET"
    warning = "Failed to parse headers (url=%s): %s", address, "defects"
    logging.getLogger("urllib3.connection").warning(*warning, exc_info=ValueError(f"no answer of {address}"))
    logging.getLogger("urllib3.util").warning("Retrying after 'broken': /lists?apikey=SECRET")
    logger.warning("file:http://host/list.json?a=b cannot be read")

    text = output.getvalue()
    assert "SECRET" not in text
    assert "(url=http://***@host:80/lists?***): defects" in text
    assert "http://host/list.json?a=b" in text
