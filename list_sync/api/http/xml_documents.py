"""Reading of foreign XML: broken documents, those that declare a document type, and very large ones are refused."""

from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DTDForbidden
from defusedxml.ElementTree import DefusedXMLParser

from list_sync.errors import TooLarge, UnexpectedResponse

# The limits of what is in memory at once: a whole document, or one entry of a feed.
MOST_ELEMENTS = 100_000
MOST_CHARACTERS = 8 * 1024 * 1024
MOST_PARTS = 300_000
_LONGEST_TAG = 1024 * 1024
_PIECE = 64 * 1024


def parse_xml(document: bytes | str, *, service: str) -> Element:
    """Return the root of a document; raise UnexpectedResponse if it cannot be read or is too large.

    A document type can hold entities and attributes that grow without limit when they are read, and no list needs one.
    """
    tree = _Tree()
    pieces = (document[start : start + _PIECE] for start in range(0, len(document) or 1, _PIECE))
    for _ in _feed(pieces, tree, service=service):
        pass
    return tree.finish()


def read_parts(text: Iterable[str], *, inside: str, service: str) -> Iterator[tuple[str, Element | None]]:
    """Yield each element below the root, or below an element there that is named `inside`, with the tag of its holder.

    The beginning of a holder is yielded without an element. Raise UnexpectedResponse like parse_xml, but only one of
    the elements is in memory at a time.
    """
    parts = _Parts(inside)
    for _ in _feed(text, parts, service=service):
        yield from parts.found
        parts.found.clear()


def _feed(pieces: Iterable[bytes | str], target: "_Tree | _Parts", *, service: str) -> Iterator[None]:
    """Give the pieces of a document to a parser, and pause after each."""
    # The parser sees a declaration in every encoding, which a search in the bytes does not.
    parser: Any = DefusedXMLParser(target=target, forbid_dtd=True)
    fed = 0
    try:
        for piece in pieces:
            fed += len(piece.encode("utf-8", "replace")) if isinstance(piece, str) else len(piece)
            parser.feed(piece)
            # A tag is given away when it is complete. Until then, the parser keeps all of it.
            if fed - parser.parser.CurrentByteIndex > _LONGEST_TAG:
                raise TooLarge("XML with a tag or a comment of more than 1 MB")
            yield
        parser.close()
    except DTDForbidden as error:
        is_page = str(error.name).lower() == "html"
        what = "it is a web page" if is_page else "XML with a document type (<!DOCTYPE), which is refused"
        raise UnexpectedResponse(service, what) from error
    # An unknown encoding raises LookupError or ValueError, endless nesting raises RecursionError.
    except (ParseError, LookupError, ValueError, RecursionError) as error:
        place = f": {error}" if isinstance(error, ParseError) else ""
        raise UnexpectedResponse(service, f"a web page, or XML that cannot be read{place}") from error
    yield


class _Tree:
    """Builds one tree of limited size; a target of the parser."""

    def __init__(self) -> None:
        self._builder = TreeBuilder()
        self._elements = self._characters = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin an element."""
        self._count(elements=1 + len(attributes), characters=sum(map(len, attributes.values())))
        self._builder.start(tag, attributes)

    def data(self, text: str) -> None:
        """Add a text to the open element."""
        self._count(elements=0, characters=len(text))
        self._builder.data(text)

    def end(self, tag: str) -> None:
        """End the open element."""
        self._builder.end(tag)

    def close(self) -> None:
        """Do nothing at the end of the document."""

    def finish(self) -> Element:
        """Return the tree."""
        return self._builder.close()

    def _count(self, *, elements: int, characters: int) -> None:
        self._elements += elements
        self._characters += characters
        if self._elements > MOST_ELEMENTS or self._characters > MOST_CHARACTERS:
            raise TooLarge("XML with too many elements, or too much text, in one part")


class _Parts:
    """Builds the trees at the top of a document one after another; a target of the parser."""

    def __init__(self, inside: str) -> None:
        self.found: list[tuple[str, Element | None]] = []
        self._inside = inside
        self._holders: list[str] = []
        self._tree: _Tree | None = None
        self._depth = self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin a holder, or an element of a tree."""
        if self._tree is None:
            if not self._holders or (len(self._holders) == 1 and tag.rpartition("}")[2] == self._inside):
                self._holders.append(tag)
                self.found.append((tag, None))
                return
            self._tree = _Tree()
            self._count += 1
            if self._count > MOST_PARTS:
                raise TooLarge(f"XML of more than {MOST_PARTS:,} parts: split it into several lists")
        self._depth += 1
        self._tree.start(tag, attributes)

    def data(self, text: str) -> None:
        """Add a text to the open tree."""
        if self._tree is not None:
            self._tree.data(text)

    def end(self, tag: str) -> None:
        """End a holder, or an element; a complete tree is found."""
        if self._tree is None:
            self._holders.pop()
            return
        self._tree.end(tag)
        self._depth -= 1
        if not self._depth:
            self.found.append((self._holders[-1], self._tree.finish()))
            self._tree = None

    def close(self) -> None:
        """Do nothing at the end of the document."""
