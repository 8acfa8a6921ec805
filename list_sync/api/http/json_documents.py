"""Reading of foreign JSON: a large document is read in pieces, and the memory that it becomes is counted."""

import codecs
import json
import re
from collections.abc import Iterable, Iterator, Set
from itertools import islice
from sys import getsizeof

from list_sync.errors import TooLarge
from list_sync.footprint import Part, alone, hold

# Shorter documents cannot become large.
SHORT_BYTES = 64 * 1024
# A value of this length is read in one step; a longer one member by member.
_AHEAD = 128 * 1024
_DEEPEST = 50
MOST_MEMBERS = 200_000
_SPACES = " \t\n\r"
# The first signs of values that show their end, as numbers do not.
_ENDS_SHOW = '"[{tfn'
_BEGUN_TEXT = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_TEXT = re.compile(_BEGUN_TEXT.pattern + '"', re.DOTALL)


def parse_bytes(content: bytes) -> object:
    """Return the value of a JSON document in UTF-8, UTF-16 or UTF-32; raise like parse_pieces."""
    hold(Part.TREE, 0)
    if len(content) <= SHORT_BYTES:
        return json.loads(content)
    with alone():
        return parse_blocks(content[at : at + SHORT_BYTES] for at in range(0, len(content), SHORT_BYTES))


def join_members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return the members of an object. Arrays with the same key are joined; an empty value replaces none."""
    found = dict(pairs)
    if len(found) < len(pairs):
        found = {}
        for key, value in pairs:
            found[key] = _join(found.get(key), value)
    return found


def _join(earlier: object, value: object) -> object:
    if isinstance(earlier, list) and isinstance(value, list):
        return [*earlier, *value]
    return earlier if value is None or value == "" else value


def parse_blocks(blocks: Iterable[bytes], fields: Set[str] | None = None) -> object:
    """Return the value of a JSON document that comes in blocks of some bytes; raise like parse_pieces."""
    hold(Part.TREE, 0)
    return parse_pieces(_decoded(iter(blocks)), fields)


def _decoded(blocks: Iterator[bytes]) -> Iterator[str]:
    first = next(blocks, b"")
    decoder = codecs.getincrementaldecoder(json.detect_encoding(first))("surrogatepass")
    yield decoder.decode(first)
    yield from map(decoder.decode, blocks)
    yield decoder.decode(b"", True)


def parse_pieces(pieces: Iterable[str], fields: Set[str] | None = None) -> object:
    """Return the value of a JSON document; if `fields` are given, only these fields of its objects.

    Raise ValueError or RecursionError if it is broken, TooLarge if it holds too much.
    """
    reader = _Reader(iter(pieces), fields)
    try:
        return reader.read()
    finally:
        reader.release()


class _Reader:
    """Reads one document; what it became so far is the part `tree` of the list that is being read."""

    def __init__(self, pieces: Iterator[str], fields: Set[str] | None) -> None:
        self._pieces = pieces
        self._fields = fields
        self._buffer = ""
        self._place = 0
        self._before = 0
        self._is_ended = False
        self._size = 0
        self._told = 0
        # Python's own decoder knows equal keys only within one call.
        self._keys: dict[str, str] = {}
        self._decoder = json.JSONDecoder(object_pairs_hook=self._with_known_keys)

    def read(self) -> object:
        """Return the value of the document."""
        value = self._value(0)
        if self._next_sign():
            raise self._broken("Extra data")
        return value

    def release(self) -> None:
        """Drop the decoder, which refers to this reader: objects that refer to each other stay in memory for long."""
        del self._decoder

    def _value(self, depth: int) -> object:
        sign = self._next_sign()
        if sign == '"' and not _TEXT.match(self._buffer, self._place + 1) and not self._is_ended:
            return self._skip_text()
        try:
            value, end = self._decoder.raw_decode(self._buffer, self._place)
        except (ValueError, RecursionError) as error:
            is_final = self._is_ended and not isinstance(error, RecursionError)
            if is_final or sign not in ("[", "{"):
                place = error.pos if isinstance(error, json.JSONDecodeError) else self._place
                raise self._broken(getattr(error, "msg", "a number that is too long"), place) from error
        else:
            if end == len(self._buffer) and not self._is_ended and sign not in _ENDS_SHOW:
                # It may go on in the next piece.
                raise self._broken("a number that is too long", end)
            self._place = end
            self._count(size_of(value))
            return value
        if depth >= _DEEPEST:
            raise RecursionError("nested too deep")
        return self._array(depth) if sign == "[" else self._object(depth)

    def _skip_text(self) -> str:
        """Move behind a text that is too long to be of use."""
        self._place += 1
        while not (found := _TEXT.match(self._buffer, self._place)):
            begun = _BEGUN_TEXT.match(self._buffer, self._place)
            self._place = begun.end() if begun else self._place
            if not self._next_piece():
                raise self._broken("Unterminated string starting", self._place)
        self._place = found.end()
        return ""

    def _array(self, depth: int) -> list[object]:
        found: list[object] = []
        self._place += 1
        while self._has_member("]", is_first=not found):
            found.append(self._value(depth + 1))
            self._require_few(found)
        return found

    def _object(self, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        is_first = True
        self._place += 1
        while self._has_member("}", is_first=is_first):
            is_first = False
            if self._next_sign() != '"':
                raise self._broken("Expecting property name enclosed in double quotes")
            key, self._place = self._decoder.raw_decode(self._buffer, self._place)
            if self._next_sign() != ":":
                raise self._broken("Expecting ':' delimiter")
            self._place += 1
            before, value = self._size, self._value(depth + 1)
            if self._fields is not None and key not in self._fields:
                self._size = before
                continue
            found[key] = _join(found.get(key), value)
            self._count(getsizeof(key))
            self._require_few(found)
        return found

    def _has_member(self, end: str, *, is_first: bool) -> bool:
        """Return whether another member follows, and move to it, or behind the end."""
        sign = self._next_sign()
        if sign == end or (sign == "," and not is_first):
            self._place += 1
            return sign == ","
        if not is_first:
            raise self._broken("Expecting ',' delimiter")
        return True

    def _require_few(self, members: list[object] | dict[str, object]) -> None:
        self._count(_SLOT)
        if len(members) > MOST_MEMBERS:
            raise TooLarge(f"JSON with more than {MOST_MEMBERS:,} values in one place: split it into several lists")

    def _next_sign(self) -> str:
        """Return the next character that is no space, with enough text after it, or nothing at the end."""
        while True:
            while len(self._buffer) - self._place < _AHEAD and not self._is_ended:
                self._next_piece()
            while self._place < len(self._buffer) and self._buffer[self._place] in _SPACES:
                self._place += 1
            if self._place < len(self._buffer):
                if len(self._buffer) - self._place >= _AHEAD or self._is_ended:
                    return self._buffer[self._place]
            elif self._is_ended:
                return ""

    def _next_piece(self) -> bool:
        """Replace what was read of the buffer by the next piece; return whether there was one."""
        piece = next(self._pieces, None)
        self._is_ended = piece is None
        self._before += self._place
        self._buffer, self._place = self._buffer[self._place :] + (piece or ""), 0
        return not self._is_ended

    def _with_known_keys(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        if self._fields is not None:
            pairs = [pair for pair in pairs if pair[0] in self._fields]
        known = self._keys
        count = len(known)
        found = join_members([(known.setdefault(key, key), value) for key, value in pairs])
        if len(known) > count:
            new = islice(reversed(known), len(known) - count)
            self._count(sum(_KEY + getsizeof(key) for key in new))
        return found

    def _count(self, size: int) -> None:
        self._size += size
        if self._size - self._told > _STEP:
            self._told = self._size
            hold(Part.TREE, self._size)

    def _broken(self, what: str, place: int | None = None) -> ValueError:
        return json.JSONDecodeError(what, self._buffer, self._place if place is None else place)


# The place of a value in its array or object, and what a key that is new takes beside its letters.
_SLOT, _KEY = 16, 100
# What the allocator takes for a value beyond its size (measured).
_ROUNDED = 24
_STEP = 256 * 1024


def size_of(value: object) -> int:
    """Return the bytes that a value takes, with all in it."""
    size, waiting = 0, [value]
    while waiting:
        one = waiting.pop()
        size += getsizeof(one) + _ROUNDED
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return size
