"""Changes values in a YAML text; all other lines, comments and quotes stay as they are, byte for byte.

A change is a list of splices: parts of the text that others replace. A splice of no length inserts.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from list_sync.config.policy.documents import Plain
from list_sync.config.policy.layout import Piece, lay_out
from list_sync.config.policy.quoting import write_text, write_value

_LINE_END = re.compile(r"\r\n|\n|\r")
_STEP = 2


class Splice(NamedTuple):
    """A part of a text, and what stands there from now on."""

    start: int
    end: int
    text: str


def rewrite(text: str, new: dict[str, Plain]) -> str:
    """Return a text that states other values; the text has a map without faults."""
    root = lay_out(text)
    found = list(_Patch(text, root).patch(root, new))
    found += _keep_repeated(root, found)
    return _splice(text, found)


def _splice(text: str, splices: Iterable[Splice]) -> str:
    parts, done = [], 0
    for start, end, new in sorted(splices, key=lambda one: one.start):
        parts += [text[done:start], new]
        done = max(done, end)
    return "".join((*parts, text[done:]))


def _keep_repeated(root: Piece, splices: Sequence[Splice]) -> Iterator[Splice]:
    """Write a value that is gone, and that the text repeats by its name, at the first place that repeats it."""
    pieces = list(root.walk())
    gone = [one for one in splices if one.end > one.start]

    def is_gone(piece: Piece) -> bool:
        return any(one.start <= piece.start and piece.end <= one.end for one in gone)

    written: set[int] = set()
    for alias in pieces:
        target = alias.target
        if target is None or is_gone(alias) or id(target) in written or not is_gone(target):
            continue
        written.add(id(target))
        yield Splice(alias.start, alias.end, f"&{target.anchor} {write_value(target.plain(), in_flow=True)}")


class _Patch:
    """The splices that turn the values of one text into others."""

    def __init__(self, text: str, root: Piece) -> None:
        self._text = text
        newline = _LINE_END.search(text)
        self._newline = newline[0] if newline else "\n"
        self._root = root
        self._repeated = {id(piece.target) for piece in root.walk() if piece.target is not None}

    def patch(self, piece: Piece, new: Plain, *, key: Piece | None = None, in_flow: bool = False) -> Iterator[Splice]:
        """Yield what gives a piece another value; `key` is what it is the value of."""
        old = piece.plain()
        if old == new:
            return
        is_shared = piece.target is not None or id(piece) in self._repeated
        has_braces = not piece.is_flow or self._text[piece.end - 1] in "}]"
        if is_shared or not has_braces or self._begins_in_line(piece):
            yield from self._replace(piece, new, key=key, in_flow=in_flow)
        elif piece.is_map and isinstance(new, dict) and any(key in new for key in old):
            yield from self._patch_map(piece, new)
        elif piece.is_list and isinstance(new, list) and (old or in_flow or not (key and new)):
            yield from self._patch_list(piece, new, key=key, in_flow=in_flow)
        elif piece.is_list and isinstance(new, list) and key:
            # An empty list: its entries get a line each.
            column = self._column(key.start) + _STEP
            yield Splice(self._after(key), piece.end, "")
            yield self._insert_lines(piece.end, self._write_entries(new, column))
        else:
            yield from self._replace(piece, new, key=key, in_flow=in_flow)

    def _begins_in_line(self, piece: Piece) -> bool:
        """Return whether a list in lines begins behind something else, as below a key with a question mark."""
        if not piece.is_block or not piece.is_list:
            return False
        dash = piece.parts[0].dash
        return bool(self._text[self._line_start(dash) : dash].strip(" \ufeff"))

    def _patch_map(self, piece: Piece, new: dict[str, Plain]) -> Iterator[Splice]:
        pairs = piece.pairs
        names = [str(key.plain()) for key, _ in pairs]
        kept = [name in new for name in names]
        for name, (key, value) in zip(names, pairs, strict=True):
            if name in new:
                yield from self.patch(value, new[name], key=key, in_flow=piece.is_flow)
        added = {name: value for name, value in new.items() if name not in names}
        if piece.is_flow:
            yield from _drop_between([(key.start, value.end) for key, value in pairs], kept)
            last = max(value.end for (_, value), is_kept in zip(pairs, kept, strict=True) if is_kept)
            texts = [
                f", {write_text(name, in_flow=True)}: {write_value(one, in_flow=True)}" for name, one in added.items()
            ]
            yield Splice(last, last, "".join(texts))
            return
        yield from self._drop_pairs(pairs, kept)
        if added:
            column = self._column(pairs[0][0].start)
            lines = [line for name, one in added.items() for line in self._write_pair(name, one, column)]
            yield self._insert_lines(piece.end, ["", *lines] if piece is self._root else lines)

    def _drop_pairs(self, pairs: Sequence[tuple[Piece, Piece]], kept: Sequence[bool]) -> Iterator[Splice]:
        """Yield what removes pairs that have lines of their own; the first may stand behind the - of an entry."""
        for number, ((key, value), is_kept) in enumerate(zip(pairs, kept, strict=True)):
            if is_kept:
                continue
            begin, end = self._line_start(key.start), self._line_end(value.end)
            if not self._text[begin : key.start].strip(" ?"):
                yield Splice(begin, end, "")
                continue
            following = pairs[number + 1][0].start
            if kept[number + 1] and not self._text[end:following].strip():
                yield Splice(key.start, following, "")
            else:
                after_dash = begin + len(self._text[begin : key.start].rstrip())
                yield Splice(after_dash, end - len(self._ending_of(end)), "")

    def _patch_list(self, piece: Piece, new: list[Plain], *, key: Piece | None, in_flow: bool) -> Iterator[Splice]:
        old = [part.plain() for part in piece.parts]
        if not new and not (piece.is_block and key):
            yield from self._replace(piece, new, key=key, in_flow=in_flow)
            return
        first = _count_equal(old, new)
        rest = _count_equal(old[first:][::-1], new[first:][::-1])
        parts, values = piece.parts[first : len(old) - rest], new[first : len(new) - rest]
        for part, value in zip(parts, values, strict=False):
            yield from self._patch_entry(part, value, in_flow=piece.is_flow)
        gone, added = set(map(id, parts[len(values) :])), values[len(parts) :]
        kept = [id(part) not in gone for part in piece.parts]
        if piece.is_flow:
            yield from _drop_between([(part.start, part.end) for part in piece.parts], kept)
            yield from self._add_between(piece, first + len(parts), added)
            return
        if not new and key:
            head = piece.start + len(piece.anchor) + 1 if piece.anchor else self._after(key)
            yield Splice(head, head, " []")
        for part in parts[len(values) :]:
            yield Splice(self._line_start(part.dash), self._line_end(part.end), "")
        if added:
            yield self._add_lines(piece, first + len(parts), added)

    def _patch_entry(self, part: Piece, value: Plain, *, in_flow: bool) -> Iterator[Splice]:
        """Yield what changes an entry; one that is a text becomes a map by the key that the text is now at."""
        old = part.plain()
        key = next((key for key, one in value.items() if one == old), "") if isinstance(value, dict) else ""
        if in_flow or not key or not isinstance(value, dict) or not isinstance(old, str):
            yield from self.patch(part, value, in_flow=in_flow)
            return
        column = self._column(part.start)
        yield Splice(part.start, part.start, f"{write_text(key)}: ")
        others = [line for name, one in value.items() if name != key for line in self._write_pair(name, one, column)]
        yield self._insert_lines(part.end, others)

    def _add_between(self, piece: Piece, index: int, added: Sequence[Plain]) -> Iterator[Splice]:
        texts = [write_value(value, in_flow=True) for value in added]
        if not piece.parts:
            yield Splice(piece.start, piece.end, f"[{', '.join(texts)}]")
        elif index:
            place = piece.parts[index - 1].end
            yield Splice(place, place, "".join(f", {text}" for text in texts))
        else:
            yield Splice(piece.parts[0].start, piece.parts[0].start, "".join(f"{text}, " for text in texts))

    def _add_lines(self, piece: Piece, index: int, added: Sequence[Plain]) -> Splice:
        lines = self._write_entries(added, self._column(piece.parts[0].dash))
        if index:
            begin = self._line_start(piece.parts[index - 1].dash)
            is_apart = index > 1 and not self._text[self._line_start(begin - 1) : begin].strip()
            return self._insert_lines(piece.parts[index - 1].end, ["", *lines] if is_apart else lines)
        begin = self._line_start(piece.parts[0].dash)
        return Splice(begin, begin, "".join(f"{line}{self._newline}" for line in lines))

    def _replace(self, piece: Piece, new: Plain, *, key: Piece | None, in_flow: bool) -> Iterator[Splice]:
        text = write_value(new, in_flow=in_flow)
        if not piece.is_block or key is None:
            yield Splice(piece.start, piece.end, text)
            return
        after = self._after(key)
        line_end = self._line_end(after)
        if piece.start < line_end:
            yield Splice(after, piece.end, f" {text}")
        else:
            yield Splice(after, after, f" {text}")
            yield Splice(line_end - len(self._ending_of(line_end)), piece.end, "")

    def _write_pair(self, name: str, value: Plain, column: int) -> list[str]:
        """Return the lines of a key; a list gets a line for each entry if it holds maps, or is at the left edge."""
        blanks = " " * column
        if isinstance(value, list) and value and (not column or any(isinstance(one, dict) for one in value)):
            return [f"{blanks}{write_text(name)}:", *self._write_entries(value, column + _STEP)]
        return [f"{blanks}{write_text(name)}: {write_value(value)}"]

    def _write_entries(self, values: Iterable[Plain], column: int) -> list[str]:
        lines = []
        for value in values:
            if isinstance(value, dict) and value:
                pairs = [line for name, one in value.items() for line in self._write_pair(name, one, column + _STEP)]
                lines += [f"{' ' * column}- {pairs[0].lstrip()}", *pairs[1:]]
            else:
                lines.append(f"{' ' * column}- {write_value(value)}")
        return lines

    def _insert_lines(self, after: int, lines: Sequence[str]) -> Splice:
        """Return what adds lines below that of a place."""
        place = self._line_end(after)
        if self._ending_of(place):
            return Splice(place, place, "".join(f"{line}{self._newline}" for line in lines))
        return Splice(place, place, "".join(f"{self._newline}{line}" for line in lines))

    def _after(self, key: Piece) -> int:
        """Return the place after the colon of a key."""
        return self._text.index(":", key.end) + 1

    def _column(self, place: int) -> int:
        """Return how many characters stand before a place in its line, without a ? that makes a key of it."""
        before = self._text[self._line_start(place) : place].replace("\ufeff", "")
        return len(re.sub(r"\? *$", "", before))

    def _line_start(self, place: int) -> int:
        return max(self._text.rfind("\n", 0, place), self._text.rfind("\r", 0, place)) + 1

    def _line_end(self, place: int) -> int:
        """Return the place after the line of another place."""
        found = _LINE_END.search(self._text, max(place, 0))
        return found.end() if found else len(self._text)

    def _ending_of(self, line_end: int) -> str:
        found = re.search(r"(\r\n|\n|\r)\Z", self._text[max(line_end - 2, 0) : line_end])
        return found[0] if found else ""


def _drop_between(places: Sequence[tuple[int, int]], kept: Sequence[bool]) -> Iterator[Splice]:
    """Yield what removes values that commas separate; at least one of them stays."""
    number = 0
    while number < len(places):
        last = number
        while last < len(places) and not kept[last]:
            last += 1
        if last > number:
            to_the_end = last == len(places)
            yield (
                Splice(places[number - 1][1], places[-1][1], "")
                if to_the_end
                else Splice(places[number][0], places[last][0], "")
            )
        number = last + 1


def _count_equal(one: Sequence[Plain], other: Sequence[Plain]) -> int:
    """Return how many values at the beginning are equal."""
    missing = object()
    equal = (a == b for a, b in zip_longest(one, other, fillvalue=missing))
    return next((number for number, is_equal in enumerate(equal) if not is_equal), len(one))
