"""Starts syncs as processes of their own without paying for the imports each time: it forks itself.

Reads one JSON object of environment settings a line, answers with the process id, and with `PID CODE` at its end.
"""

import json
import os
import sys

import list_sync.api.overseerr
import list_sync.commands.sync
import list_sync.storage.migrating  # noqa: F401 (imported here so that the children need not)
from list_sync.cli import main


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
        code = main(order["arguments"])
    finally:
        os._exit(code)


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
