"""What spoils a daemon's day, done to real processes: full disks, closed folders, damaged files."""

import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.house import Running, wait_until
from tests.fakes.patience import PATIENCE_SECONDS

PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE = 1
# Root may write a file of any mode, so it shows nothing; without this capability it may not.
AS_ANYBODY = (
    "-c",
    (
        "import ctypes, os, sys;"
        f" os.geteuid() or ctypes.CDLL(None).prctl({PR_CAPBSET_DROP}, {CAP_DAC_OVERRIDE}, 0, 0, 0);"
        " os.execv(sys.executable, [sys.executable, '-m', 'list_sync', *sys.argv[1:]])"
    ),
)
# So that a write-ahead log can hold a run's first lines and not all of them, and no database can grow.
FULL = 4096
SMALL_DISK = "3m"


def film(number):
    return {"title": f"Synthetic Film {number:06d}", "media_type": "movie", "tmdb_id": 5_000_000 + number}


def films(count):
    return [film(number) for number in range(1, count + 1)]


def need_limits():
    """Skip where no limit can be set for another process (it takes Linux)."""
    if not hasattr(resource, "prlimit"):
        pytest.skip("needs prlimit, as Linux has it")


def fill(running, size=FULL):
    """Let no file of a process grow beyond a size, as on a disk that is full."""
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def make_room(running):
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def limit_memory(running, *, more):
    """Let a process have so many bytes more than it has; address space that is only reserved does not count."""
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    size = int(status.partition("VmData:")[2].split()[0]) * 1024 + more
    resource.prlimit(running.process.pid, resource.RLIMIT_DATA, (size, resource.RLIM_INFINITY))


def give_memory(running):
    resource.prlimit(running.process.pid, resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class SmallDisk:
    """A data folder that is a small disk of its own, which only the daemon's family sees."""

    def __init__(self, house):
        self.house = house
        self.running = None

    def start_full(self, **settings):
        """Start a daemon on the disk while nothing fits on it any more."""
        house = self.house
        if not shutil.which("unshare") or not shutil.which("nsenter"):
            pytest.skip("needs unshare and nsenter")
        if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
            pytest.skip("a file system may not be mounted here")
        lists = house.data / "drop"
        script = (
            f"mount -t tmpfs -o size={SMALL_DISK} small {house.data} || exit 77; cp -r {house.folder}/drop {lists};"
            f' cat /dev/zero > {house.data}/ballast 2>&-; exec "$0" -m list_sync'
        )
        shutil.move(lists, house.folder / "drop")
        self.running = Running(house.folder / "output-small-disk")
        self.running.start(
            ["unshare", "-m", "sh", "-c", script, sys.executable], house.folder, house.environment(settings)
        )
        house.processes.append(self.running)
        wait_until(lambda: self.running.process.poll() is not None or "sync started" in self.running.output, "a start")
        if self.running.process.poll() == 77:
            pytest.skip("a file system may not be mounted here")
        return self.running

    def make_room(self):
        self._inside("rm", str(self.house.data / "ballast"))

    def fill(self):
        self._inside("sh", "-c", f"cat /dev/zero > {self.house.data}/ballast 2>&-")

    def health(self):
        command = f"cd {self.house.folder} && exec {sys.executable} -m list_sync health"
        return self._inside("sh", "-c", command).stdout

    def query(self, statement):
        program = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall())"
        answer = self._inside(sys.executable, "-c", program, str(self.house.data / "list_sync.db"), statement)
        return answer.stdout.strip()

    def _inside(self, *command):
        enter = ["nsenter", "--mount", "--target", str(self.running.process.pid), "--", *command]
        env = self.house.environment({})
        return subprocess.run(enter, env=env, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)


def overwrite(path, start, content):
    with path.open("r+b") as file:
        file.seek(start)
        file.write(content)
