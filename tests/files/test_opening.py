"""A pipe, a socket or a device is refused in every place where a file is expected, and is never waited for."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from list_sync.api.saved_lists.files import load_list
from list_sync.backups.unpacking import Wanted, unpack
from list_sync.config.encrypted import open_encrypted
from list_sync.config.environment import Environment
from list_sync.config.secrets import read_secret_file
from list_sync.daemon.heartbeat import find_trouble
from list_sync.daemon.restarts import load_record
from list_sync.errors import InvalidListId, SecretsUnreadable, StorageError
from list_sync.files.opening import NotAFile, open_file
from list_sync.providers.custom import load_custom_providers


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def bound_socket(path: Path) -> None:
    here = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as listener:
        # The whole path may be longer than a name of a socket can be.
        listener.bind(f"/proc/self/fd/{here}/{path.name}")
    os.close(here)


KINDS = pytest.mark.parametrize("make", [pipe, device, bound_socket])


@contextmanager
def what_is_no_file(folder: Path, make: Callable[[Path], None], name: str) -> Iterator[Path]:
    make(folder / name)
    yield folder / name


@KINDS
def test_what_is_no_file_is_refused_wherever_a_file_is_expected(tmp_path: Path, make: Callable[[Path], None]):
    with what_is_no_file(tmp_path, make, "odd") as path:
        with pytest.raises(NotAFile, match="a pipe, a socket or a device"):
            open_file(path)
        with pytest.raises(ValueError, match=r"KEY_FILE: .*odd cannot be read \(it is a pipe"):
            read_secret_file("KEY_FILE", str(path))
        with pytest.raises(SecretsUnreadable, match="it is a pipe"):
            open_encrypted(path, "passphrase")
        with pytest.raises(InvalidListId, match="is not a file"):
            load_list(path)
        with pytest.raises(StorageError, match="it is a pipe"):
            unpack(path, tmp_path, Wanted("list_sync.db", {}))
        assert "it is a pipe" in Environment.open({}, path).problems[0]
        assert (find_trouble(path), load_record(path)) == ("", None)


@KINDS
def test_a_custom_provider_that_is_no_file_is_a_problem_of_its_own(tmp_path: Path, make: Callable[[Path], None]):
    with what_is_no_file(tmp_path, make, "odd.py"):
        assert "it is a pipe" in load_custom_providers(tmp_path)[0]


def test_a_folder_is_told_apart_from_other_things_that_are_no_files(tmp_path: Path):
    with pytest.raises(IsADirectoryError):
        open_file(tmp_path)
