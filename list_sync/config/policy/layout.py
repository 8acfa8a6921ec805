"""Where each value of a YAML text begins and ends, so that one of them can be replaced and the rest stays as it is."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.tokens import BlockEntryToken

from list_sync.config.policy.documents import Plain, parse_events


@dataclass(slots=True, eq=False)
class Piece:
    """A value of a text from `start` to `end`, with its anchor (&name).

    `parts` are the values of a list, or the keys and values of a map in turn. A piece that repeats another (*name) has
    that one as its `target`. `dash` is the place of the - before an entry of a list that is written in lines.
    """

    start: int
    end: int
    text: str = ""
    is_map: bool = False
    is_list: bool = False
    is_flow: bool = True
    anchor: str = ""
    target: "Piece | None" = None
    dash: int = -1
    parts: "list[Piece]" = field(default_factory=list)

    @property
    def is_block(self) -> bool:
        """Return whether it is a list or map that is written in lines, without brackets."""
        return (self.is_map or self.is_list) and not self.is_flow

    @property
    def pairs(self) -> "list[tuple[Piece, Piece]]":
        """Return the keys of a map with their values."""
        return list(zip(self.parts[::2], self.parts[1::2], strict=True))

    def plain(self) -> Plain:
        """Return the value, as documents.Node has it."""
        if self.target is not None:
            return self.target.plain()
        if self.is_map:
            return {str(key.plain()): value.plain() for key, value in self.pairs}
        return [part.plain() for part in self.parts] if self.is_list else self.text

    def walk(self) -> "Iterator[Piece]":
        """Yield the piece and all pieces inside it, in the order of the text."""
        yield self
        for part in self.parts:
            yield from part.walk()


def lay_out(text: str) -> Piece:
    """Return the value of a text that has one and no fault."""
    anchors: dict[str, Piece] = {}
    open_pieces: list[Piece] = []
    root = Piece(0, 0)
    for event in parse_events(text):
        if isinstance(event, SequenceEndEvent | MappingEndEvent):
            done = open_pieces.pop()
            # What is written in lines ends with its last value: comments below it are not part of it.
            done.end = event.end_mark.index if done.is_flow else done.parts[-1].end
        elif isinstance(event, NodeEvent):
            piece = _build(event, text, anchors)
            if open_pieces:
                open_pieces[-1].parts.append(piece)
            else:
                root = piece
            if piece.is_map or piece.is_list:
                open_pieces.append(piece)
    _note_dashes(root, text)
    return root


def _build(event: Any, text: str, anchors: dict[str, Piece]) -> Piece:
    start, end = event.start_mark.index, event.end_mark.index
    if isinstance(event, AliasEvent):
        return Piece(start, end, target=anchors[event.anchor])
    # The text of a scalar in lines goes on to the next value.
    piece = Piece(start, start + len(text[start:end].rstrip()), anchor=event.anchor or "")
    if isinstance(event, ScalarEvent):
        piece.text = event.value
    else:
        piece.is_map, piece.is_list = isinstance(event, MappingStartEvent), isinstance(event, SequenceStartEvent)
        piece.is_flow = bool(event.flow_style)
    if event.anchor:
        anchors[event.anchor] = piece
    return piece


def _note_dashes(root: Piece, text: str) -> None:
    tokens = YAML(typ="safe", pure=True).scan(text)
    dashes = [token.start_mark.index for token in tokens if isinstance(token, BlockEntryToken)]
    for piece in root.walk():
        for part in piece.parts if piece.is_list and not piece.is_flow else ():
            part.dash = dashes[bisect_left(dashes, part.start) - 1]
