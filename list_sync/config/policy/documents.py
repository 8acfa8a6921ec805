"""YAML texts as trees: each value with its line and column, and every fault of the text.

The text is YAML 1.2 in one document. Values stay the texts that people wrote: `NO`, `12:30` and `007` mean themselves,
and quotes make no difference. Tags, merge keys and keys that are not texts are faults.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

# Aliases are counted as what they repeat: a few lines of them can state billions of values.
MOST_VALUES = 200_000
DEEPEST = 20
_NULLS = ("", "~", "null", "Null", "NULL")
_UNFIT = (
    "this line fits neither the lines above nor their indentation: write it below them, at the column of its neighbours"
)
# What parts of the messages of the parser mean, for people.
_PLAIN_WORDS = {
    "scanning a directive": 'a line that begins with "%" needs quotes',
    "scanning a block scalar": 'a value that begins with ">" or "|" needs quotes, as in ">=1990"',
    "scanning a tag": 'a value that begins with "!" needs quotes',
    "parsing an tag": 'a value that begins with "!" needs quotes',
    "cannot start any token": "this character may not begin a value: put the value in quotes",
    "mapping values are not allowed": 'there are two ":" in one line, or the line is indented wrongly: write one key a '
    "line below the others, and put a value that holds a colon and a blank in quotes",
    "mapping keys are not allowed": 'a value that begins with "?" needs quotes',
    "sequence entries are not allowed": 'an entry that begins with "-" needs a line of its own, and a value quotes',
    "unexpected end of stream": "a quote is not closed: write the same quote at the end of the value",
    "unknown escape character": "an unknown escape in double quotes: write \\\\ for a backslash, or use single quotes",
    "expected the node content": "a value is missing before this character, or a bracket or comma is too much",
    "expected ',' or": "the brackets{begin} are not closed, or lack a comma",
    "expected alphabetic or numeric": 'a text that begins with "*" or "&" needs quotes, as in "* * * * *"',
    "expected <block end>": _UNFIT,
    "expected '<document start>'": _UNFIT,
    "could not find expected ':'": 'a key without a colon: write "key: value"',
}


class Place(NamedTuple):
    """Where something is in a text: its line and column, from 1."""

    line: int
    column: int


class Fault(NamedTuple):
    """Something wrong in a text, where it is, and what to do."""

    place: Place
    text: str


Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the text: a text, a list of values, or a map with the place of each key; None if it is missing."""

    place: Place
    content: "str | tuple[Node, ...] | Mapping[str, tuple[Place, Node]] | None"
    size: int = 1
    depth: int = 1

    def plain(self) -> Plain:
        """Return the value without places, and without what is missing."""
        if isinstance(self.content, Mapping):
            return {key: node.plain() for key, (_, node) in self.content.items() if node.content is not None}
        if isinstance(self.content, tuple):
            return [node.plain() for node in self.content]
        return self.content or ""

    def find(self, path: Sequence[int | str]) -> "Found":
        """Return what is at a path, or at the longest part of it that exists."""
        place, node = self.place, self
        there: list[int | str] = []
        for step in path:
            if isinstance(step, str) and isinstance(node.content, Mapping) and step in node.content:
                place, node = node.content[step]
            elif isinstance(step, int) and isinstance(node.content, tuple) and step < len(node.content):
                node = node.content[step]
                place = node.place
            elif isinstance(step, int) or isinstance(node.content, Mapping):
                break
            else:
                # The main key of a map that is written as the value of this key alone.
                continue
            there.append(step)
        return Found(place, node, tuple(there))


# What is repeated by a name that no value has. That is a fault of its own.
_UNKNOWN = Node(Place(0, 0), None)


class Found(NamedTuple):
    """A value at a path: the place of its key, or of itself in a list; itself; and the part of the path that exists."""

    place: Place
    node: Node
    path: tuple[int | str, ...]


class Unreadable(Exception):
    """The text cannot be read to its end; its one fault says why."""

    def __init__(self, place: Place, text: str) -> None:
        self.fault = Fault(place, text)
        super().__init__(text)


def parse_document(text: str) -> tuple[Node | None, list[Fault]]:
    """Return the value of a text (None if there is none) and its faults; raise Unreadable."""
    builder = _Builder()
    for event in parse_events(text):
        builder.take(event)
    return builder.root, builder.faults


def parse_events(text: str) -> Iterator[Any]:
    """Yield the events of the parser; raise Unreadable."""
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = f"{error.context or ''} {error.problem or ''}"
        if "found unexpected end of stream" in problem and error.context_mark:
            mark = error.context_mark
        begin = f" that begin in line {error.context_mark.line + 1}" if error.context_mark else ""
        raise Unreadable(_place_of(mark), _say_plainly(problem).replace("{begin}", begin)) from error
    except YAMLError as error:
        before = text[: getattr(error, "position", 0)]
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise Unreadable(place, "a character that no text may hold: remove it") from error


def _say_plainly(problem: str) -> str:
    if "'\\t'" in problem:
        return "a tab: write blanks instead, two for each level"
    words = (plain for part, plain in _PLAIN_WORDS.items() if part in problem)
    return next(words, f"this is no YAML ({' '.join(problem.split())})")


def _place_of(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _miss_value(word: str) -> str:
    is_half = word.isascii() and word.isdigit()
    advice = "a number is written with a point, as in 7.5" if is_half else "write one, or remove the line"
    return f"{word} has no value: {advice}"


class _Open:
    """A list or map whose end has not come yet."""

    def __init__(self, place: Place, anchor: str | None, *, is_map: bool) -> None:
        self.place, self.anchor, self.is_map = place, anchor, is_map
        self.nodes: list[Node] = []


class _Builder:
    """Builds the tree from the events of the parser, without recursion."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.faults: list[Fault] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._values = 0

    def take(self, event: Any) -> None:
        """Add what one event states."""
        place = _place_of(event.start_mark)
        if isinstance(event, DocumentStartEvent):
            self._begin(event, place)
        elif isinstance(event, AliasEvent):
            self._repeat(str(event.anchor), place)
        elif isinstance(event, NodeEvent):
            self._check_tag(event, place)
            if isinstance(event, ScalarEvent):
                is_null = event.style is None and event.value in _NULLS
                self._add(Node(place, None if is_null else event.value), event.anchor)
            elif isinstance(event, SequenceStartEvent | MappingStartEvent):
                self._open.append(_Open(place, event.anchor, is_map=isinstance(event, MappingStartEvent)))
                self._check_depth(len(self._open), place)
        elif isinstance(event, SequenceEndEvent | MappingEndEvent):
            done = self._open.pop()
            self._add(self._close(done), done.anchor)

    def _begin(self, event: Any, place: Place) -> None:
        if self.root is not None:
            raise Unreadable(place, "a second document: keep one, and remove the line ---")
        if event.version not in (None, (1, 2)):
            self.faults.append(Fault(Place(1, 1), "this file is read as YAML 1.2: remove the line that begins %YAML"))

    def _check_tag(self, event: Any, place: Place) -> None:
        if event.tag is not None:
            self.faults.append(Fault(place, "a tag (a word that begins with !): write the value without it"))

    def _check_depth(self, depth: int, place: Place) -> None:
        if depth > DEEPEST:
            raise Unreadable(place, f"lists and maps inside each other, more than {DEEPEST} levels deep")

    def _repeat(self, anchor: str, place: Place) -> None:
        known = self._anchors.get(anchor)
        if known is None:
            advice = f"write &{anchor} before that value"
            self.faults.append(Fault(place, f"*{anchor} repeats a value that has no name above this line: {advice}"))
            known = _UNKNOWN
        self._check_depth(len(self._open) + known.depth, place)
        self._add(known, None, weight=known.size)

    def _add(self, node: Node, anchor: str | None, *, weight: int = 1) -> None:
        self._values += weight
        if self._values > MOST_VALUES:
            raise Unreadable(node.place, f"more than {MOST_VALUES:,} values, repeated ones (*name) included")
        if anchor is not None:
            self._anchors[anchor] = node
        if self._open:
            self._open[-1].nodes.append(node)
        else:
            self.root = node

    def _close(self, done: _Open) -> Node:
        size = 1 + sum(node.size for node in done.nodes)
        depth = 1 + max((node.depth for node in done.nodes), default=0)
        if not done.is_map:
            missing = [node for node in done.nodes if node.content is None and node is not _UNKNOWN]
            self.faults += [Fault(node.place, "an empty entry: write a value, or remove the line") for node in missing]
            return Node(done.place, tuple(node for node in done.nodes if node.content is not None), size, depth)
        return Node(done.place, self._pair(done.nodes), size, depth)

    def _pair(self, nodes: Sequence[Node]) -> Mapping[str, tuple[Place, Node]]:
        found: dict[str, tuple[Place, Node]] = {}
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            word = key.content
            if not isinstance(word, str):
                self.faults.append(Fault(key.place, "a key must be one word, as in lists:"))
            elif word == "<<":
                advice = "repeat the keys, or put them under defaults"
                self.faults.append(Fault(key.place, f"merge keys (<<) are not part of YAML 1.2: {advice}"))
            elif word in found:
                first = found[word][0].line
                self.faults.append(Fault(key.place, f"{word} is there twice: it is also in line {first}; keep one"))
            else:
                found[word] = (key.place, value)
                if value.content is None and value is not _UNKNOWN:
                    self.faults.append(Fault(key.place, _miss_value(word)))
        return found
