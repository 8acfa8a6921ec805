"""`list-sync config`: the encrypted store as people use it, by real processes."""

import base64
import json
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from list_sync.config.encrypted import open_encrypted
from list_sync.files.lock import FileLock
from tests.fakes.house import House
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.terminal import on_terminal

PASSPHRASE, SECRET = "passphrase of the test", "s3cr3t-of-the-test"


@pytest.fixture
def house(tmp_path):
    return House(tmp_path, CONFIG_PASSPHRASE=PASSPHRASE)


def store_of(house, passphrase=PASSPHRASE):
    return open_encrypted(house.data / "config.enc", passphrase)


def send(house, text, *arguments, **settings):
    """Run a command with a text on its stdin."""
    return house.run(*arguments, text=text, **settings)


def without_rights(house, *arguments, text="", **settings):
    """Run a command as root whom files of others are closed to, or as whoever we are that is not root."""
    if os.getuid() == 0:
        for path in house.folder.rglob("*"):
            os.chown(path, 4242, 4242)
        closed = "-dac_override,-dac_read_search"
        command = ["setpriv", "--bounding-set", closed, "--inh-caps", closed, sys.executable, "-m", "list_sync"]
    else:
        command = [sys.executable, "-m", "list_sync"]
    options = {"capture_output": True, "text": True, "timeout": PATIENCE_SECONDS, "check": False, "input": text}
    return subprocess.run([*command, *arguments], cwd=house.folder, env=house.environment(settings), **options)


def test_a_change_that_the_running_daemon_does_not_follow_is_said(house):
    house.data.mkdir()
    server = {"OVERSEERR_URL": "http://127.0.0.1:1", "OVERSEERR_API_KEY": "key"}
    with FileLock(house.data / "daemon.lock"):
        waiting = send(house, "true", "config", "set", "DRY_RUN")
        running = send(house, "true", "config", "set", "DRY_RUN", **server)
    ended = house.run("config", "set", "DRY_RUN", "--remove", **server)

    assert (waiting.stdout, ended.stdout) == (
        "DRY_RUN is stored in data/config.enc\n",
        "DRY_RUN is removed from data/config.enc\n",
    )
    assert running.stdout == f"{waiting.stdout}the running ListSync goes by this after a restart\n"


def test_a_value_from_stdin_is_kept_and_used_and_never_shown(house):
    done = send(house, f"{SECRET}\n", "config", "set", "overseerr_api_key")
    shown = house.run("config", "show", OVERSEERR_URL="http://127.0.0.1:1")
    checked = house.run("check", "--offline", OVERSEERR_URL="http://127.0.0.1:1", IMDB_LISTS="top")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "OVERSEERR_API_KEY is stored in data/config.enc\n"
    rows = dict(line.split("  ", 1) for line in shown.stdout.splitlines())
    assert rows["OVERSEERR_API_KEY"].strip() == "config.enc"
    assert "environment" in shown.stdout
    assert checked.returncode == 0, checked.stdout
    assert SECRET not in done.stdout + shown.stdout + shown.stderr + checked.stdout + checked.stderr
    assert PASSPHRASE not in shown.stdout


def test_show_names_where_each_setting_comes_from(house):
    (house.folder / ".env").write_text("TMDB_KEY=abc\nDATA_DIR=data\nTRAKT_CLIENT_ID=from-dotenv\n")
    (house.folder / "key").write_text("k\n")
    store_of(house).set({"TMDB_KEY": "stored", "MDBLIST_API_KEY": "stored", "TRAKT_LOGIN": "[]"})

    shown = house.run("config", "show", OVERSEERR_API_KEY_FILE="key", TRAKT_CLIENT_ID="from-environment").stdout

    rows = {line.split()[0]: line.split(maxsplit=1)[1] for line in shown.splitlines()}
    assert rows["TMDB_KEY"] == ".env"
    assert rows["TRAKT_CLIENT_ID"] == "environment"
    assert rows["OVERSEERR_API_KEY"] == "OVERSEERR_API_KEY_FILE (environment)"
    assert rows["MDBLIST_API_KEY"] == rows["TRAKT_LOGIN"] == "config.enc"
    for value in ("abc", "stored", "from-dotenv", "from-environment"):
        assert value not in shown.replace("TRAKT", "")


def test_show_names_a_setting_that_is_set_by_its_former_name(house):
    shown = house.run("config", "show", AUTO_SYNC="false").stdout
    both = house.run("config", "show", AUTO_SYNC="false", AUTOMATED_MODE="true").stdout

    assert "AUTOMATED_MODE     AUTO_SYNC (environment)" in shown
    assert "AUTOMATED_MODE     environment" in both


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("OVERSEER_API_KEY", "x", "do you mean OVERSEERR_API_KEY"),
        ("NOTHING_LIKE_IT", "x", "there is no setting NOTHING_LIKE_IT"),
        ("CONFIG_PASSPHRASE", "x", "cannot be in config.enc"),
        ("DATA_DIR", "x", "cannot be in config.enc"),
        ("OVERSEERR_API_KEY", "two words", "OVERSEERR_API_KEY: the value holds a blank"),
        ("OVERSEERR_API_KEY", "\n", "no value was given"),
        ("MAX_WORKERS", "many", "MAX_WORKERS"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_one_line(house, name, text, words):
    done = send(house, text, "config", "set", name)

    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (house.data / "config.enc").exists()


def test_a_value_can_be_removed_and_another_place_that_wins_is_named(house):
    done = send(house, SECRET, "config", "set", "TMDB_KEY", TMDB_KEY="other")
    removed, again = (house.run("config", "set", "TMDB_KEY", "--remove") for _ in range(2))

    assert "TMDB_KEY is also set in environment, and that value is used" in done.stdout
    assert "is removed from" in removed.stdout
    assert "is not in" in again.stdout
    assert store_of(house).names() == ()


def test_a_wrong_passphrase_ends_every_command_with_a_sentence(house):
    store_of(house).set({"TMDB_KEY": SECRET})
    before = (house.data / "config.enc").read_bytes()

    for arguments in (("config", "show"), ("config", "set", "TMDB_KEY"), ("check", "--offline"), ("login", "plex")):
        done = send(house, "value", *arguments, CONFIG_PASSPHRASE="mistaken")
        assert done.returncode == 2, arguments
        assert "CONFIG_PASSPHRASE is not the passphrase" in done.stderr
        assert "mistaken" not in done.stderr
    assert (house.data / "config.enc").read_bytes() == before


def test_without_a_passphrase_the_key_beside_it_is_told_of_once(house):
    first = send(house, SECRET, "config", "set", "TMDB_KEY", CONFIG_PASSPHRASE="")
    second = send(house, SECRET, "config", "set", "MDBLIST_API_KEY", CONFIG_PASSPHRASE="")

    assert "keep both files together in backups" in first.stderr
    assert first.stderr.count("\n") == 1
    assert second.stderr == ""
    assert store_of(house, None).names() == ("MDBLIST_API_KEY", "TMDB_KEY")


def test_on_a_terminal_value_and_passphrase_are_asked_for_and_not_echoed(house):
    store_of(house).set({"TMDB_KEY": "old"})
    answers = {"Passphrase of": PASSPHRASE, "TMDB_KEY: ": SECRET}

    code, printed = on_terminal(house, "config", "set", "TMDB_KEY", answers=answers, CONFIG_PASSPHRASE="")

    assert code == 0, printed
    assert SECRET not in printed
    assert PASSPHRASE not in printed
    assert store_of(house).load().get("TMDB_KEY") == SECRET


DOTENV = f"""\
# my settings
OVERSEERR_URL=http://127.0.0.1:1
OVERSEERR_API_KEY="{SECRET}"  # from the page

export TMDB_KEY={SECRET}-2
IMDB_LISTS=top
JELLYFIN_USER=joe
TRAKT_CLIENT_ID=part
FILE_LISTS=https://example.org/${{TRAKT_CLIENT_ID}}.json
"""


@pytest.mark.parametrize("asked", [True, False])
def test_the_secrets_of_dotenv_are_moved_after_asking_and_the_rest_stays_as_it_is(house, asked):
    dotenv = house.folder / ".env"
    dotenv.write_text(DOTENV)
    dotenv.chmod(0o640)
    if asked:
        code, printed = on_terminal(house, "config", "encrypt", answers={"[y/N]": "y"})
    else:
        done = house.run("config", "encrypt", "--yes")
        code, printed = done.returncode, done.stdout

    assert code == 0, printed
    assert "2 secrets moved from .env to data/config.enc" in printed
    assert "TRAKT_CLIENT_ID stays in .env" in printed
    assert SECRET not in printed
    kept = [line for line in DOTENV.splitlines() if SECRET not in line]
    assert dotenv.read_text().split() == "\n".join(kept).split()
    assert stat.S_IMODE(dotenv.stat().st_mode) == 0o640
    store = store_of(house)
    assert store.load() == {
        "OVERSEERR_API_KEY": SECRET,
        "TMDB_KEY": f"{SECRET}-2",
    }
    assert house.run("check", "--offline").returncode == 0
    assert "there are no secrets in .env" in house.run("config", "encrypt", "--yes").stdout


def test_whoever_says_no_or_cannot_be_asked_keeps_everything_as_it_is(house):
    (house.folder / ".env").write_text(DOTENV)

    code, printed = on_terminal(house, "config", "encrypt", answers={"[y/N]": "n"})
    unasked = send(house, "", "config", "encrypt")

    assert (code, unasked.returncode) == (2, 2)
    assert "nothing was changed" in printed
    assert "--yes" in unasked.stderr
    assert (house.folder / ".env").read_text() == DOTENV
    assert not (house.data / "config.enc").exists()


def test_a_dotenv_that_cannot_be_replaced_keeps_its_secrets_and_says_which_to_remove(house):
    # No new file fits beside one with so long a name, as none can take the place of a mounted file.
    dotenv = house.folder / ("d" * 250)
    dotenv.write_text(DOTENV)
    (house.folder / ".env").symlink_to(dotenv)

    done = house.run("config", "encrypt", "--yes")

    assert done.returncode == 1
    assert "remove from it OVERSEERR_API_KEY, TMDB_KEY" in done.stderr
    assert dotenv.read_text() == DOTENV
    assert [path.name for path in house.folder.glob(".env*")] == [".env"]
    assert store_of(house).names() == ("OVERSEERR_API_KEY", "TMDB_KEY")


def test_a_dotenv_that_is_a_link_to_another_disk_is_replaced_there(house):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as disk:
        dotenv = Path(disk) / "dotenv"
        dotenv.write_text(DOTENV)
        (house.folder / ".env").symlink_to(dotenv)

        done = house.run("config", "encrypt", "--yes")

        assert done.returncode == 0
        assert (house.folder / ".env").is_symlink()
        assert SECRET not in dotenv.read_text()
        assert list(Path(disk).iterdir()) == [dotenv]
    assert store_of(house).names() == ("OVERSEERR_API_KEY", "TMDB_KEY")


OLD_PASSWORD = "old password"


def put_store_of_0_6(house):
    """Make the config.enc that ListSync 0.6.x would have made, and return its path and its bytes."""
    house.data.mkdir(exist_ok=True)
    path = house.data / "config.enc"
    values = {"overseerr_url": "http://127.0.0.1:1", "api_key": SECRET, "requester_user_id": "2"}
    path.write_bytes(
        Fernet(base64.urlsafe_b64encode(OLD_PASSWORD.encode().ljust(32))).encrypt(json.dumps(values).encode())
    )
    return path, path.read_bytes()


def test_a_store_of_0_6_is_taken_over_with_its_password_and_kept_beside(house):
    path, before = put_store_of_0_6(house)

    refused = house.run("check", "--offline")
    mistaken = send(house, "another password", "config", "encrypt", "--yes")
    unchanged = path.read_bytes()
    done = send(house, OLD_PASSWORD, "config", "encrypt", "--yes")

    assert (refused.returncode, mistaken.returncode, done.returncode) == (2, 2, 0), done.stderr
    assert "list-sync config encrypt" in refused.stderr
    assert unchanged == before == path.with_name("config.enc.0.6").read_bytes()
    assert store_of(house).load().get("OVERSEERR_API_KEY") == SECRET
    assert SECRET not in done.stdout + done.stderr
    assert house.run("check", "--offline", IMDB_LISTS="top").returncode == 0


def test_a_store_of_0_6_never_takes_the_place_of_another_that_is_kept(house):
    path, before = put_store_of_0_6(house)
    kept = path.with_name("config.enc.0.6")
    kept.write_text("of another year")

    done = send(house, OLD_PASSWORD, "config", "encrypt", "--yes")

    assert done.returncode == 0, done.stderr
    assert kept.read_text() == "of another year"
    assert path.with_name("config.enc.0.6.2").read_bytes() == before


def test_a_store_of_0_6_that_cannot_be_replaced_is_left_as_it_is(house):
    path, before = put_store_of_0_6(house)
    house.data.chmod(0o555)

    done = without_rights(house, "config", "encrypt", "--yes", text=OLD_PASSWORD)

    assert done.returncode == 1
    assert done.stderr.startswith("Error: data/config.enc cannot be written")
    assert done.stderr.count("\n") == 1
    assert path.read_bytes() == before
    assert not path.with_name("config.enc.0.6").exists()


def test_a_store_that_may_not_be_read_is_named_with_its_owner(house):
    path, _ = put_store_of_0_6(house)
    path.chmod(0)

    done = without_rights(house, "config", "encrypt", "--yes")

    assert done.returncode == 2
    assert "config.enc may not be read; it belongs to user" in done.stderr
    assert done.stderr.count("\n") == 1


def test_folders_that_are_closed_to_us_are_named(house):
    providers = house.folder / "config" / "providers"
    providers.mkdir(parents=True)
    (providers / "mine.py").write_text("")
    (providers.parent).chmod(0)
    house.data.mkdir()
    house.data.chmod(0o600)

    done = without_rights(house, "check", "--offline", OVERSEERR_URL="http://127.0.0.1:1", IMDB_LISTS="top")

    assert done.returncode == 2
    assert "CONFIG_DIR: config/providers cannot be read (Permission denied)" in done.stdout
    assert "CONFIG_DIR: config cannot be entered: a lists.yaml in it does not count" in done.stdout
    assert "DATA_DIR: data cannot be written" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("command", ["status", "lists", "history", "review"])
def test_a_data_folder_in_a_closed_one_is_named(house, command):
    (house.folder / "closed" / "data").mkdir(parents=True)
    (house.folder / "closed").chmod(0)

    done = without_rights(house, command, DATA_DIR="closed/data")

    assert done.returncode == 2
    assert "DATA_DIR: closed/data cannot be opened (Permission denied)" in done.stderr
    assert done.stderr.count("\n") == 1


def test_what_root_keeps_can_be_read_by_whom_the_folder_belongs_to(house):
    if os.getuid() != 0:
        pytest.skip("only root can give files away")
    house.data.mkdir()
    os.chown(house.data, 4242, 4242)

    send(house, SECRET, "config", "set", "TMDB_KEY", CONFIG_PASSPHRASE="")

    for name in ("config.enc", ".config_key", ".config.enc.lock"):
        assert (house.data / name).stat().st_uid == 4242
