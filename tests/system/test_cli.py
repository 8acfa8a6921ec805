"""The command line as real processes against the demo server."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys

import pytest

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.house import House
from tests.fakes.patience import PATIENCE_SECONDS

PROGRAM = [sys.executable, "-m", "list_sync"]
# The mode of a folder holds root back only without this capability.
WITHOUT_ROOTS_RIGHTS = ["setpriv", "--bounding-set=-dac_override"] if os.getuid() == 0 else []
FILMS = [
    {"title": "The Matrix", "year": 1999, "media_type": "movie", "tmdb_id": 603},
    {"title": "Fight Club", "year": 1999, "media_type": "movie"},
    {"title": "Dune", "media_type": "movie"},
    {"title": "[REC] Running of no such film", "year": 1990, "media_type": "movie"},
]


@pytest.fixture(scope="module")
def server():
    with DemoServer() as demo:
        yield demo


@pytest.fixture
def house(tmp_path, server):
    server.reset()
    house = House(
        tmp_path,
        OVERSEERR_URL=server.url,
        OVERSEERR_API_KEY=server.api_key,
        FILE_LISTS="films.json",
        RETRY_ATTEMPTS="0",
    )
    house.write_list(*FILMS)
    yield house
    house.end()


def test_json_is_the_only_thing_on_stdout_and_the_second_sync_requests_nothing(house, server):
    first, second = house.run("sync", "--json"), house.run("sync", "--json")

    report = json.loads(first.stdout)
    assert (first.returncode, second.returncode) == (0, 0)
    assert report["counts"] == {"needs_review": 1, "not_found": 1, "requested": 2}
    (read,) = report["lists"]
    assert (read["provider"], read["list_id"], read["route"]) == ("file", "films.json", "drop folder")
    assert (read["state"], read["items"], read["error"]) == ("complete", 4, None)
    assert json.loads(second.stdout)["server_calls"]["writes"] == 0
    assert json.loads(second.stdout)["counts"]["already_requested"] == 2
    assert len(server.requests()) == 2
    assert "Sync completed" in first.stderr.splitlines()[-1]


def test_a_dry_run_shows_what_it_would_request_and_sends_nothing(house, server):
    done = house.run("sync", "--dry-run")

    assert done.returncode == 0
    assert re.search(r"^The Matrix \(1999\) +movie +603 +would_request", done.stdout, re.MULTILINE)
    assert server.requests() == []
    assert house.run("sync", "--json", DRY_RUN="true").returncode == 0
    assert server.requests() == []


def test_one_list_leaves_the_others_alone(house, server):
    house.write_list({"title": "Heat", "year": 1995, "media_type": "movie", "tmdb_id": 550}, name="other.json")
    house.run("sync", "--json", FILE_LISTS="films.json,other.json")
    house.write_list()

    report = json.loads(
        house.run("sync", "--json", "--list", "file:other.json", FILE_LISTS="films.json,other.json").stdout
    )

    assert [entry["list_id"] for entry in report["lists"]] == ["other.json"]
    lines = house.run("lists", FILE_LISTS="films.json,other.json").stdout.splitlines()
    assert re.search(r"films.json +complete +4 ", lines[1])


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ({"OVERSEERR_URL": "http://127.0.0.1:9"}, 3, "OVERSEERR_URL"),
        ({"OVERSEERR_API_KEY": "wrong"}, 4, "OVERSEERR_API_KEY"),
        ({"OVERSEERR_API_KEY": ""}, 2, "OVERSEERR_API_KEY"),
        ({"OVERSEERR_USER_ID": "abc"}, 2, "OVERSEERR_USER_ID"),
        ({"FILE_LISTS": "films.json,missing.json"}, 1, "missing.json"),
    ],
)
@pytest.mark.parametrize("command", [("sync",), ("check",), ("run",)])
def test_each_way_to_fail_has_its_exit_code_and_names_the_setting(house, settings, code, words, command):
    done = house.run(*command, **settings, AUTOMATED_MODE="false")

    assert done.returncode == code
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "wrong" not in done.stdout + done.stderr


def test_problems_of_providers_and_of_everything_else_are_told_together(house):
    done = house.run("sync", SYNC_INTERVAL="1,5", TRAKT_CLIENT_ID="two words", TRAKT_LISTS_FILE="/no/such/file")

    assert done.returncode == 2
    assert {line.removeprefix("Error: ").split(":")[0] for line in done.stderr.splitlines()} == {
        "SYNC_INTERVAL",
        "TRAKT_CLIENT_ID",
        "TRAKT_LISTS_FILE",
    }


@pytest.mark.skipif(os.getuid() == 0 and not shutil.which("setpriv"), reason="root can write everywhere, needs setpriv")
def test_where_only_the_logs_folder_can_be_written_the_state_goes_there_and_the_log_says_so(house, tmp_path):
    data = tmp_path / "data"
    (data / "logs").mkdir()
    (data / "logs").chmod(0o777)
    house.write_list()
    data.chmod(0o555)

    command, env = [*WITHOUT_ROOTS_RIGHTS, *PROGRAM, "sync"], house.environment({"FILE_LISTS": "films.json"})
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    data.chmod(0o755)

    assert "Running: file:films.json: 0 titles, complete" in done.stdout
    assert "database and state are kept in data/logs" in done.stdout
    assert (data / "logs" / "list_sync.db").exists()
    assert not (data / "list_sync.db").exists()


def test_check_names_the_entry_that_a_sync_would_not_understand(house, server):
    house.write_list({"title": "The Matrix", "year": 1999, "tmdb_id": 603}, None)

    done = house.run("check")

    assert "fix  file:films.json: 1 of 2 entries not understood: " in done.stdout
    assert done.returncode == 1


def test_check_names_the_setting_of_a_file_that_is_not_there(house):
    done = house.run("check", FILE_LISTS="gone.csv")

    assert "fix  file:gone.csv: not found in DATA_DIR/drop" in done.stdout
    assert "(FILE_LISTS)" in done.stdout
    assert done.returncode == 1


def test_check_of_a_sound_set_up_is_all_ok(house, server):
    done = house.run("check")

    assert done.returncode == 0
    assert all(line.startswith("ok ") for line in done.stdout.splitlines())
    assert "file:films.json can be read: 4 entries" in done.stdout
    assert server.requests() == []


def test_check_names_the_export_that_serves_a_list_in_the_place_of_a_key(house):
    entries = [{"type": "movie", "movie": {"title": "The Matrix", "year": 1999, "ids": {"trakt": 481, "tmdb": 603}}}]
    house.write_list(*entries, name="alice-watchlist.json")
    done = house.run("check", "--offline", TRAKT_LISTS="alice/watchlist")
    without = house.run("check", "--offline", TRAKT_LISTS="bob/watchlist")

    assert "trakt:alice/watchlist is read from the export alice-watchlist.json" in done.stdout
    assert (done.returncode, without.returncode) == (0, 2)
    assert "trakt:bob/watchlist needs TRAKT_CLIENT_ID" in without.stdout


def test_lists_test_shows_the_season_of_an_entry(house):
    season = {"title": "Breaking Bad", "tmdb_id": 1396, "type": "season", "season_number": 2}
    house.write_list(season, name="seasons.json")

    assert "Breaking Bad, tv, season 2, tmdb:1396" in house.run("lists", "test", "file:seasons.json").stdout


@pytest.mark.skipif(not shutil.which("grep"), reason="needs grep")
@pytest.mark.parametrize(
    ("settings", "word"), [({}, "Sync completed"), ({"OVERSEERR_URL": "http://127.0.0.1:9"}, "Error")]
)
@pytest.mark.parametrize("command", ["sync", "run"])
def test_the_last_line_holds_exactly_one_of_the_words_that_people_look_for(house, settings, word, command):
    env = house.environment({**settings, "AUTOMATED_MODE": "false"})
    pipe = rf'"$0" -m list_sync {command} 2>&1 | tail -n 1 | grep -o "Sync completed\|Error\|Running"'

    done = subprocess.run(["sh", "-c", pipe, sys.executable], cwd=house.folder, env=env, capture_output=True, text=True)

    assert done.stdout == f"{word}\n"


def test_a_single_run_prints_nothing_but_the_log(house):
    done = house.run("run", AUTOMATED_MODE="false", LOG_FORMAT="json")

    assert done.returncode == 0
    assert done.stderr == ""
    assert all({"time", "level", "logger", "message"} <= set(json.loads(line)) for line in done.stdout.splitlines())


def test_the_daemon_is_healthy_syncs_when_asked_and_ends_on_sigterm(house, server):
    daemon = house.start_daemon()
    assert house.run("health").returncode == 0
    assert "daemon    alive" in house.run("status").stdout

    pinned = house.run("pin", "Dune", "tmdb:movie:438631")
    asked = house.run("--sync-now")

    assert daemon.stop(signal.SIGTERM) == 0
    assert pinned.returncode == 0
    assert asked.returncode == 0
    assert "1 title requested" in asked.stdout
    assert house.run("health").returncode == 1
    assert len(server.requests()) == 3
    assert house.leftovers() == []


def test_without_a_daemon_sync_now_syncs_here(house, server):
    done = house.run("--sync-now")

    assert done.returncode == 0
    assert len(server.requests()) == 2


def test_to_stop_waiting_does_not_stop_the_daemons_sync(house, server):
    daemon = house.start_daemon()
    server.faults.slow_seconds = 0.3
    waiter = house.start("--sync-now")
    daemon.wait_for("sync started", times=2)
    assert waiter.stop(signal.SIGINT) == 130
    server.faults.slow_seconds = 0.0
    daemon.wait_for("Sync completed:", times=3)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_sync_that_is_interrupted_ends_quickly_with_the_shells_code(house, server, number, code):
    server.faults.slow_seconds = 1.0
    process = house.start("sync")
    process.wait_for("sync started")
    assert process.stop(number) == code
    assert "Traceback" not in process.output


def test_ctrl_c_does_not_wait_for_a_server_that_does_not_answer(house, server):
    server.faults.slow_seconds = 10.0 * PATIENCE_SECONDS
    process = house.start("sync")
    process.wait_for("sync started")
    process.signal(signal.SIGINT)
    assert process.stop(signal.SIGINT) == 130
    process = house.start("run", AUTOMATED_MODE="false")
    process.wait_for("sync started")
    assert process.stop(signal.SIGTERM) == 143
    assert "INFO Running stopped: " in process.output.splitlines()[-1]
    server.faults.slow_seconds = 0.0


def test_an_unexpected_error_is_one_line_and_its_traceback_is_for_debugging(house):
    code = "import sys; from list_sync import cli; cli.app.command('boom')(lambda: 1 / 0); sys.exit(cli.main(['boom']))"
    command = [sys.executable, "-c", code]

    done = subprocess.run(command, cwd=house.folder, env=house.environment({}), capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.startswith("Error: unexpected ZeroDivision: division by zero; ")
    assert len(done.stderr.splitlines()) == 1


def test_a_reader_that_leaves_early_causes_no_complaint(house):
    house.run("sync", "--json")

    pipe = '"$0" -m list_sync history 2>err | true; cat err'
    env = house.environment({})
    done = subprocess.run(["sh", "-c", pipe, sys.executable], cwd=house.folder, env=env, capture_output=True, text=True)

    assert done.stdout == ""


def test_the_demo_needs_no_settings_and_its_second_run_requests_nothing(tmp_path):
    unrelated = {
        "OVERSEERR_URL": "nonsense",
        "IMDB_LISTS": "nonsense",
        "OVERSEERR_USER_ID": "abc",
        "SYNC_INTERVAL": "x",
    }
    house = House(tmp_path, **unrelated)

    shown = house.run("demo", "--once")
    second = json.loads(house.run("demo", "--once", "--json").stdout)

    assert re.search(r"^The Matrix \(1999\) +movie +603 +requested", shown.stdout, re.MULTILINE)
    assert re.search(r"needs_review +\S", shown.stdout)
    assert "Sync completed" in shown.stdout.splitlines()[-1]
    assert second["server_calls"]["writes"] == 0
    assert second["counts"]["already_requested"] > 100
    assert "requested" not in second["counts"]
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["demo"]


def test_the_demo_stays_until_it_is_ended(tmp_path):
    house = House(tmp_path)
    process = house.start("demo")
    try:
        process.wait_for("Sync completed")
        assert "daemon    alive" in house.run("status", DATA_DIR="data/demo").stdout
        assert process.stop(signal.SIGINT) == 0
    finally:
        house.end()


def test_on_a_terminal_bars_come_first_and_tables_after(house):
    code, text = on_terminal(house, "sync")

    assert code == 0
    assert "fetching" in text
    assert "requesting" in text
    assert "[REC]" in text
    assert text.index("fetching") < text.index("Titles") < text.index("calls to the server")


def on_terminal(house, *arguments):
    process_id, terminal = pty.fork()
    if process_id == 0:
        os.chdir(house.folder)
        os.execve(sys.executable, [*PROGRAM, *arguments], house.environment({"TERM": "xterm", "COLUMNS": "140"}))
    printed = b""
    while chunk := read_terminal(terminal):
        printed += chunk
    os.close(terminal)
    _, status = os.waitpid(process_id, 0)
    return os.waitstatus_to_exitcode(status), printed.decode()


def read_terminal(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:
        # Linux reports the end of a terminal as an I/O error.
        return b""
