"""The commands that the documents show."""

import re
import shlex
from dataclasses import dataclass

from tests.architecture.test_docs import PAGES, ROOT, codes

BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SHELLS = {"", "bash", "console", "sh"}
# Settings, docker, cron or a prompt may stand before the name of the program.
COMMAND = re.compile(r"(?:^|[\s/])(?:list-sync|-m list_sync)(?= -| [a-z]|$)([^|;&>\n]*)", re.MULTILINE)
INLINE = re.compile(r"(?:list-sync|docker|kubectl)(?: |$)")


@dataclass(frozen=True, slots=True)
class Documented:
    """A command with its arguments, and where it is shown."""

    page: str
    arguments: tuple[str, ...]
    is_in_block: bool

    def __str__(self) -> str:
        return f"{self.page}: list-sync {shlex.join(self.arguments)}"


def find_commands():
    """Return every command of the documents once a page; those in blocks of code come first."""
    found = {}
    for page in PAGES:
        text, name = page.read_text(encoding="utf-8"), page.relative_to(ROOT).as_posix()
        blocks = [(block, True) for kind, block in BLOCK.findall(text) if kind in SHELLS]
        lines = [" ".join(code.split()) for code in codes(BLOCK.sub("", text))]
        for place, is_in_block in [*blocks, *((code, False) for code in lines if INLINE.match(code))]:
            for rest in COMMAND.findall(re.sub(r"\$\([^)]*\)", "X", place)):
                command = Documented(name, tuple(shlex.split(rest, comments=True)), is_in_block)
                found.setdefault(str(command), command)
    return list(found.values())
