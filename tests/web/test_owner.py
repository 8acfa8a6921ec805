"""The token of the owner: API_TOKEN in any of its places, or a file that only we can have written."""

import os
import socket
from contextlib import closing

import pytest

from list_sync.config import load_settings
from list_sync.config.web import WebSettings
from list_sync.web.entrance.owner import find_owner_token

TOKEN = "ls_0123456789abcdefghijklmnopqrstuv"


def find(folder, **settings):
    return find_owner_token(WebSettings(**settings), folder)


def write(path, content=TOKEN, mode=0o600):
    path.write_text(content)
    path.chmod(mode)


def link(path):
    write(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def listen(path):
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(path))


def test_a_token_is_made_once_and_only_we_may_read_it(tmp_path, caplog):
    caplog.set_level("INFO")
    before = os.umask(0)
    try:
        token = find(tmp_path)
    finally:
        os.umask(before)

    assert (tmp_path / "api_token").stat().st_mode & 0o777 == 0o600
    assert find(tmp_path) == token
    assert len(token) > 40
    assert caplog.messages == []


def test_a_token_of_the_file_may_be_our_own_text(tmp_path):
    write(tmp_path / "api_token", f"  {TOKEN}\n")

    assert find(tmp_path) == TOKEN


@pytest.mark.parametrize(
    "break_it",
    [
        link,
        listen,
        os.mkfifo,
        lambda path: path.mkdir(),
        lambda path: path.symlink_to("/nowhere"),
        lambda path: write(path, ""),
        lambda path: write(path, " \n\n"),
        lambda path: write(path, "tökén-of-the-house-that-is-no-ascii"),
        lambda path: write(path, mode=0o620),
        lambda path: write(path, mode=0o602),
        pytest.param(
            lambda path: (write(path), os.chown(path, 4711, 4711)),
            marks=pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
        ),
        pytest.param(
            lambda path: write(path, mode=0),
            marks=pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything"),
        ),
    ],
)
def test_a_file_that_is_not_surely_ours_opens_nothing_and_is_one_warning(tmp_path, caplog, break_it):
    break_it(tmp_path / "api_token")
    before = sorted(path.name for path in tmp_path.iterdir())

    assert find(tmp_path) is None
    (warning,) = caplog.messages
    assert str(tmp_path / "api_token") in warning
    assert TOKEN not in warning
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_folder_that_cannot_be_written_opens_nothing(tmp_path, caplog):
    assert find(tmp_path / "missing") is None
    assert len(caplog.messages) == 1


def test_without_a_token_every_request_is_refused(start_service):
    running = start_service(token=None)

    for token in ("None", "null", "x", TOKEN):
        assert running.get("/api/summary", token=token).status_code == 401
    assert running.get("/api/summary", headers={"Authorization": "Bearer "}, token="").status_code == 401


def test_a_token_of_the_settings_wins_and_no_file_is_made(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(f"{TOKEN}\n")

    for given in ({"API_TOKEN": TOKEN}, {"API_TOKEN_FILE": str(secret)}):
        settings = load_settings(given, providers={}, dotenv=None)
        assert find_owner_token(settings.web, tmp_path) == TOKEN
    assert not (tmp_path / "api_token").exists()


def test_a_short_token_of_the_settings_is_a_warning():
    settings = load_settings({"API_TOKEN": "short"}, providers={}, dotenv=None)

    assert any("API_TOKEN: fewer than 16 characters can be guessed" in warning for warning in settings.warnings)
    assert "short" not in "".join(settings.warnings).replace("API_TOKEN", "")
