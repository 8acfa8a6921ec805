"""A plan as Markdown, for a comment on a change of lists.yaml in git."""

import re
from collections.abc import Iterable, Iterator, Sequence

from list_sync.commands.printing import one_line
from list_sync.model.plans import SavedPlan
from list_sync.model.titles import counted

# GitHub takes 65,536 characters, GitLab and Forgejo more; a text never has more characters than bytes.
MOST_BYTES = 65_000
LONGEST_LINE = 400
SHOWN_AT_ONCE = 50


def build_markdown(
    plan: SavedPlan, *, notes: Sequence[str], groups: Iterable[tuple[str, Sequence[Sequence[str]]]], until: str | None
) -> list[str]:
    """Return the lines of a comment; the first one is a mark to find it again. `until` is when a saved plan ends.

    What lists and servers wrote stands in a block in which nothing is a link, a mention or Markdown.
    """
    lines = [_fit(line) for line in _list_lines(notes, groups)]
    fence = "`" * (1 + max([2, *map(len, re.findall("`+", "\n".join(lines)))]))
    end = f"It can be applied until {until}." if until else ""
    head = [f"<!-- list-sync plan of {plan.household} -->", "### What ListSync would do", "", plan.summary]
    tail = ["", " ".join(filter(None, ["Nothing was requested.", end]))]
    if lines:
        is_short = len(lines) <= SHOWN_AT_ONCE
        head += ["", f"<details{' open' if is_short else ''}><summary>Line by line</summary>", "", f"{fence}diff"]
        tail = [fence, "", "</details>", *tail]
    room = MOST_BYTES - len("\n".join([*head, *tail]).encode(errors="backslashreplace"))
    return [*head, *_cut(lines, room), *tail]


def _list_lines(notes: Sequence[str], groups: Iterable[tuple[str, Sequence[Sequence[str]]]]) -> Iterator[str]:
    for note in notes:
        yield f"! {note}"
    for head, rows in groups:
        yield f"@@ {head} @@"
        for row in rows:
            yield "  ".join(filter(None, row))


def _fit(line: str) -> str:
    text = one_line(line)
    return text if len(text) <= LONGEST_LINE else f"{text[: LONGEST_LINE - 1]}…"


def _cut(lines: Sequence[str], room: int) -> Iterator[str]:
    """Yield the lines for which there is room, and how many there are besides."""
    left = room - 100
    for number, line in enumerate(lines):
        left -= 1 + len(line.encode(errors="backslashreplace"))
        if left < 0:
            yield f"… and {counted(len(lines) - number, 'more line')}"
            return
        yield line
