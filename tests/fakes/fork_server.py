"""Starts the program as processes of its own without paying for the imports each time: a server forks itself.

The server imports the program once. Each order comes with the open files of the new process, as JSON: folder,
environment, arguments, and perhaps another function to call than the program's, and the number of the change to the
file system before which the process is killed. The process's number and its exit code are written to its status pipe.
"""

import atexit
import functools
import gc
import importlib
import io
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
CHANGES = {"os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.chmod"}
PRELOADED = (
    "list_sync.api.overseerr",
    "list_sync.commands.backup",
    "list_sync.commands.check",
    "list_sync.commands.config",
    "list_sync.commands.correcting",
    "list_sync.commands.lists",
    "list_sync.commands.run",
    "list_sync.commands.status",
    "list_sync.commands.sync",
    "list_sync.commands.why",
    "list_sync.database.migrating",
    "unittest.mock",
)
LARGEST_ORDER = 1 << 20


class Forked:
    """A process of the server's, with the part of subprocess.Popen that tests use."""

    def __init__(self, status):
        self._status = status
        self._rest = b""
        self.pid = int(self._read_line(None))
        self.returncode = None

    def poll(self):
        """Return the exit code, or None while the process works."""
        return self._find_code(0)

    def wait(self, timeout=None):
        """Return the exit code; raise subprocess.TimeoutExpired."""
        code = self._find_code(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("list_sync", timeout)
        return code

    def send_signal(self, number):
        """Send a signal, unless the process ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        """End the process at once."""
        self.send_signal(signal.SIGKILL)

    def _find_code(self, timeout):
        if self.returncode is None:
            line = self._read_line(timeout)
            if line is not None:
                self.returncode = int(line)
                os.close(self._status)
        return self.returncode

    def _read_line(self, timeout):
        deadline = None if timeout is None else time.monotonic() + timeout
        while b"\n" not in self._rest:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not select.select([self._status], [], [], left)[0]:
                return None
            content = os.read(self._status, 100)
            assert content, "the server of processes is gone"
            self._rest += content
        line, _, self._rest = self._rest.partition(b"\n")
        return line


@functools.cache
def find_server():
    """Return the connection to this test process's server, which ends with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LARGEST_ORDER)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, str(Path(__file__)), str(theirs.fileno())]
    server = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=environment)
    theirs.close()
    atexit.register(server.wait)
    atexit.register(ours.close)
    return ours


def fork(arguments, *, folder, environment, stdout, stderr, stdin=None, **more):
    """Start the program with these arguments and settings; its output goes to open files, as its input may come."""
    order = {"folder": str(folder), "environment": environment, "arguments": list(map(str, arguments)), **more}
    reading, writing = os.pipe()
    with Path(os.devnull).open() as nothing:
        files = [(stdin or nothing).fileno(), stdout.fileno(), stderr.fileno(), writing]
        socket.send_fds(find_server(), [json.dumps(order).encode()], files)
    os.close(writing)
    return Forked(reading)


def serve(connection):
    """Fork a process for each order; return, in that process, the order."""
    while True:
        line, files, _, _ = socket.recv_fds(connection, LARGEST_ORDER, 4)
        if not line:
            os._exit(0)
        if os.fork() == 0:
            connection.close()
            *files, status = files
            watch(status)
            for place, file in enumerate(files):
                os.dup2(file, place)
                os.close(file)
            return json.loads(line)
        for file in files:
            os.close(file)


def watch(status):
    """Fork once more: stay to tell how the new process ends, and return in the new process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    pid = os.fork()
    if pid == 0:
        os.close(status)
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        return
    os.write(status, f"{pid}\n".encode())
    _, code = os.waitpid(pid, 0)
    os.write(status, f"{os.waitstatus_to_exitcode(code)}\n".encode())
    os._exit(0)


def become(order):
    """Give this process the folder, environment and output of a process that was started for the order."""
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = io.TextIOWrapper(os.fdopen(descriptor, "wb", buffering=0), encoding="utf-8", write_through=True)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    sys.stderr.reconfigure(errors="backslashreplace")
    folders = order["environment"].get("PYTHONPATH", "").split(os.pathsep)
    sys.path[0:0] = folders
    for folder in folders:
        if (Path(folder) / "sitecustomize.py").exists():
            runpy.run_path(str(Path(folder) / "sitecustomize.py"))
    if order.get("kill_at"):
        die_before_change(order["kill_at"])


def die_before_change(number):
    """Kill this process before it changes the file system for the nth time, as far as Python itself does that."""
    left = number

    def count(event, arguments):
        nonlocal left
        is_change = event in CHANGES or (event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        left -= bool(is_change)
        if is_change and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def main(connection):
    """Serve until the tests end; in a new process, do what the order says and return its exit code."""
    for name in PRELOADED:
        importlib.import_module(name)
    importlib.import_module("list_sync.providers").available_providers()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    order = serve(connection)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    become(order)
    module, _, name = order.get("call", "list_sync.cli:main").partition(":")
    sys.argv = ["list-sync", *order["arguments"]]
    return getattr(importlib.import_module(module), name)(order["arguments"])


if __name__ == "__main__":
    sys.path[0] = str(REPOSITORY)
    sys.exit(main(socket.socket(fileno=int(sys.argv[1]))))
