"""The picture of README, docs/demo.svg: a real `make demo` on a terminal, shortened. `make picture` writes it."""

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).parents[2] / "docs" / "demo.svg"
COLUMNS, HEAD_LINES, TAIL_LINES = 118, 23, 13
BEGIN = "\x1b[1mLists"


def run_on_a_terminal(*arguments: str, data_dir: Path) -> str:
    """Return what a command prints on a terminal, with its colours."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "DATA_DIR": str(data_dir)}
    command = [sys.executable, "-m", "list_sync", *arguments]
    with subprocess.Popen(command, env=environment, cwd=data_dir, stdin=theirs, stdout=theirs, stderr=theirs):
        os.close(theirs)
        with closing(os.fdopen(ours, "rb", buffering=0)) as terminal:
            return b"".join(iter(lambda: read_some(terminal), b"")).decode().replace("\r\n", "\n")


def read_some(terminal: io.RawIOBase) -> bytes:
    try:
        return terminal.read(65536)
    except OSError:  # The other end is closed.
        return b""


def build_picture(output: str) -> str:
    """Return the picture of an output: its first and last lines after the progress bars, without the log."""
    report = BEGIN + output.partition(BEGIN)[2]
    lines = [line for line in report.splitlines() if not re.match(r"\d{4}-", line)]
    shown = ["$ make demo", "…", *lines[:HEAD_LINES], "…", *lines[-TAIL_LINES:]]
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi("\n".join(shown)))
    # A reader of the page fetches no font from elsewhere.
    return re.sub(
        r" *@font-face \{.*?\}\n", "", console.export_svg(title="ListSync", unique_id="demo"), flags=re.DOTALL
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        PICTURE.write_text(build_picture(run_on_a_terminal("demo", "--once", data_dir=Path(folder))), encoding="utf-8")
