"""Splitting the text of a setting into lists: at commas, but not inside quotes, addresses and file names."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from list_sync.model.sources import ProviderInfo

_QUOTED = re.compile(r"""\s*(?P<quote>["'])(?P<text>.+?)(?P=quote)(?=\s*(?:,|$))""")
_QUOTED_IN_FILE = re.compile(r"""\s*(?P<quote>["'])(?P<text>.+?)(?P=quote)(?=\s*(?:,|$)|\s+#)""")
_COMMENT = re.compile(r"(?<!\S)#")
# No address and no file name has more commas; each further one would have to be tried with all the others.
_MOST_JOINED = 50
_FILE_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")


@dataclass(frozen=True, slots=True)
class Part:
    """The text between two commas, and whether it was in quotes."""

    text: str
    is_quoted: bool = False

    @property
    def spelling(self) -> str:
        """Return the spelling of the list in this part, without a quote that is on one side only."""
        return self.text if self.is_quoted else self.text.strip().strip("\"'").strip()


def _split_lines(text: str, *, has_comments: bool = False) -> list[list[Part]]:
    """Return the parts of each line; in files, `#` begins a comment at the start of a line or after a blank."""
    return [_split_line(line, has_comments=has_comments) for line in re.split(r"[\r\n]+", text)]


def _split_line(line: str, *, has_comments: bool) -> list[Part]:
    parts: list[Part] = []
    place, end = 0, len(line)
    while place <= end:
        quoted = (_QUOTED_IN_FILE if has_comments else _QUOTED).match(line, place)
        after = quoted.end() if quoted else place
        comment = _COMMENT.search(line, after, _next_comma(line, after, end)) if has_comments else None
        end = comment.start() if comment else end
        comma = _next_comma(line, after, end)
        parts.append(Part(quoted["text"].strip(), is_quoted=True) if quoted else Part(line[place:comma]))
        place = comma + 1
    return parts


def _next_comma(line: str, place: int, end: int) -> int:
    comma = line.find(",", place, end)
    return end if comma < 0 else comma


def find_spellings(text: str, provider: ProviderInfo, folder: Path, *, has_comments: bool = False) -> list[str]:
    """Return the lists of a setting as the user spelled them; commas in addresses and file names are kept."""

    def is_one(joined: str, parts: Sequence[Part]) -> bool:
        if provider.is_there is not None and provider.is_there(joined, folder):
            return True
        return _is_address(joined, parts[0]) and provider.accepts(joined) and not any(map(is_list, parts[1:]))

    def is_list(part: Part) -> bool:
        if provider.is_there is None:
            return provider.accepts(part.text)
        is_named = "://" in part.text or _FILE_ENDING.search(part.text.strip()) is not None
        return is_named or provider.is_there(part.text, folder)

    lines = _split_lines(text, has_comments=has_comments)
    return [spelling for parts in lines for spelling in _join(parts, is_one) if spelling]


def find_stray_quotes(text: str, spellings: Collection[str], *, has_comments: bool = False) -> list[str]:
    """Return the spellings of a setting that had a quote on one side only."""
    parts = [part for line in _split_lines(text, has_comments=has_comments) for part in line if not part.is_quoted]
    return [part.spelling for part in parts if part.text.strip() != part.spelling and part.spelling in spellings]


def _is_address(joined: str, first: Part) -> bool:
    """Return whether a text with commas may be one address: no blanks, and no slash before the first comma."""
    is_whole = not re.search(r"\s", joined) and not first.text.endswith("/")
    return is_whole and ("://" in first.text or "?" in first.text)


def _join(parts: Sequence[Part], is_one: Callable[[str, Sequence[Part]], bool]) -> list[str]:
    """Return the lists of a line; join neighbouring parts that are one list, the longest join first."""
    found: list[str] = []
    place = 0
    while place < len(parts):
        end = _find_end(parts, place, is_one)
        run = parts[place:end]
        found.append(run[0].spelling if len(run) == 1 else ",".join(part.text for part in run).strip())
        place = end
    return found


def _find_end(parts: Sequence[Part], start: int, is_one: Callable[[str, Sequence[Part]], bool]) -> int:
    for end in range(min(len(parts), start + _MOST_JOINED), start + 1, -1):
        run = parts[start:end]
        if not any(part.is_quoted for part in run) and is_one(",".join(part.text for part in run).strip(), run):
            return end
    return start + 1
