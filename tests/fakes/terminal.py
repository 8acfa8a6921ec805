"""A terminal of its own for a command, and a person who answers its prompts."""

import os
import pty
import sys


def on_terminal(house, *arguments, answers=None, **settings):
    """Run a command to its end, typing each answer when its prompt appears; return exit code and what was printed."""
    process_id, terminal = pty.fork()
    if process_id == 0:
        os.chdir(house.folder)
        env = house.environment({"TERM": "xterm", "COLUMNS": "140", **settings})
        os.execve(sys.executable, [sys.executable, "-m", "list_sync", *arguments], env)
    waiting, printed = dict(answers or {}), b""
    while chunk := _read(terminal):
        printed += chunk
        for prompt in [prompt for prompt in waiting if prompt.encode() in printed]:
            os.write(terminal, f"{waiting.pop(prompt)}\n".encode())
    os.close(terminal)
    _, status = os.waitpid(process_id, 0)
    return os.waitstatus_to_exitcode(status), printed.decode()


def _read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:
        # Linux reports the end of a terminal as an I/O error.
        return b""
