import errno
import fcntl
import os
import threading

import pytest

from list_sync.errors import FolderInUse, StorageError
from list_sync.files.lock import FileLock
from tests.fakes.patience import PATIENCE_SECONDS
from tests.storage.processes import hear, kill, let_go, start

HOLDER = """
from list_sync.files.lock import FileLock
with FileLock(path):
    say("held")
    wait()
"""


@pytest.fixture
def lock_path(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    return folder / "run.lock"


def test_a_free_lock_is_taken_and_given_back(lock_path):
    lock, other = FileLock(lock_path), FileLock(lock_path)

    assert not other.is_held_elsewhere()
    assert lock.acquire(timeout_seconds=0)
    assert lock.acquire(timeout_seconds=0), "taking what one holds is no wait for oneself"
    assert other.is_held_elsewhere()
    assert not lock.is_held_elsewhere()
    assert not other.acquire(timeout_seconds=0)

    lock.release()
    lock.release()
    assert not other.is_held_elsewhere()
    assert other.acquire(timeout_seconds=0)
    other.release()


def test_a_lock_is_seen_across_processes_and_waited_for(lock_path):
    holder = start(HOLDER, lock_path)
    assert hear(holder) == "held"
    lock = FileLock(lock_path)

    assert lock.is_held_elsewhere()
    with pytest.raises(FolderInUse, match=str(lock_path.parent)), lock:
        pass

    threading.Timer(0.05, let_go, [holder]).start()
    assert lock.acquire(timeout_seconds=PATIENCE_SECONDS)
    lock.release()
    holder.wait(PATIENCE_SECONDS)


def test_the_lock_of_a_killed_process_is_free(lock_path):
    holder = start(HOLDER, lock_path)
    assert hear(holder) == "held"
    kill(holder)

    with FileLock(lock_path) as lock:
        assert not lock.is_held_elsewhere()


def test_waiting_for_a_lock_ends_when_the_program_is_to_stop(lock_path):
    stop = threading.Event()
    threading.Timer(0.05, stop.set).start()

    with FileLock(lock_path):
        assert not FileLock(lock_path).acquire(timeout_seconds=None, stop=stop)
        assert not FileLock(lock_path).acquire(stop=stop), "already stopped"


def test_looking_at_a_lock_makes_no_file(lock_path):
    assert not FileLock(lock_path).is_held_elsewhere()
    assert not lock_path.exists()


def test_a_folder_that_cannot_be_written_is_one_line_with_the_remedy(tmp_path):
    (tmp_path / "data").write_text("a file")

    with pytest.raises(StorageError, match=rf"run.lock cannot be locked .*\(uid {os.geteuid()}\) write access"):
        FileLock(tmp_path / "data" / "run.lock").acquire(timeout_seconds=0)


def test_a_lock_whose_file_was_replaced_is_taken_anew(lock_path):
    lock = FileLock(lock_path)
    lock.acquire(timeout_seconds=0)
    lock.renew()
    assert FileLock(lock_path).is_held_elsewhere()

    lock_path.parent.rename(lock_path.parent.with_name("away"))
    lock_path.parent.mkdir()
    assert not FileLock(lock_path).is_held_elsewhere()
    lock.renew()

    assert FileLock(lock_path).is_held_elsewhere()
    lock.release()
    assert not FileLock(lock_path).is_held_elsewhere()


def test_a_lock_follows_a_file_that_is_replaced_while_another_process_waits_for_it(lock_path):
    former, waiting = FileLock(lock_path), FileLock(lock_path)
    former.acquire(timeout_seconds=0)
    lock_path.unlink()

    assert waiting.acquire(timeout_seconds=0)
    assert FileLock(lock_path).is_held_elsewhere()
    former.release()
    assert FileLock(lock_path).is_held_elsewhere()
    waiting.release()


@pytest.mark.parametrize("is_optional", [True, False])
def test_a_disk_without_locks_is_an_error_or_counts_as_locked(lock_path, monkeypatch, is_optional):
    def refuse(_descriptor, _how):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    lock = FileLock(lock_path, is_optional=is_optional)

    if is_optional:
        assert lock.acquire(timeout_seconds=0)
        lock.release()
    else:
        with pytest.raises(StorageError, match="on a disk that can lock files"):
            lock.acquire(timeout_seconds=0)


def test_a_lock_whose_new_file_another_process_holds_is_kept_as_it_is(lock_path):
    lock = FileLock(lock_path)
    lock.acquire(timeout_seconds=0)
    lock_path.rename(lock_path.with_name("former"))
    with FileLock(lock_path):
        lock.renew()

        assert FileLock(lock_path.with_name("former")).is_held_elsewhere()
    lock.release()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_lock_that_root_makes_belongs_to_the_owner_of_the_folder_and_a_look_writes_nothing(lock_path):
    os.chown(lock_path.parent, 4242, 4242)
    with FileLock(lock_path):
        made = lock_path.stat()
        assert FileLock(lock_path).is_held_elsewhere()

    assert (made.st_uid, lock_path.stat().st_ctime_ns) == (4242, made.st_ctime_ns)
