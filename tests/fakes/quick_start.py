"""Starts commands as processes of their own without paying for the imports each time: it forks itself.

Reads one JSON object a line: folder, environment, arguments, and perhaps another function to call than the program's,
and the number of the change to the file system before which the process is killed. Answers with the process id, and
with `PID CODE` at its end.
"""

import importlib
import json
import os
import signal
import sys
import traceback

import list_sync.api.overseerr
import list_sync.commands.backup
import list_sync.commands.restore
import list_sync.commands.status
import list_sync.commands.sync
import list_sync.database.migrating  # noqa: F401 (imported here so that the children need not)

CHANGES = {"os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.chmod"}


def start(line):
    order = json.loads(line)
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.chdir(order["folder"])
        os.environ.update(order["environment"])
        output = os.open("output.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for descriptor in (1, 2):
            os.dup2(output, descriptor)
        module, _, name = order.get("call", "list_sync.cli:main").partition(":")
        function = getattr(importlib.import_module(module), name)
        if order.get("kill_at"):
            die_before_change(order["kill_at"])
        code = function(order["arguments"]) or 0
    finally:
        if sys.exc_info()[0]:
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(code)


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


def announce(pid):
    _, status = os.waitpid(pid, 0)
    tell(f"{pid} {os.waitstatus_to_exitcode(status)}")


def tell(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


for order in sys.stdin:
    child = start(order)
    tell(child)
    announce(child)
