"""Reading of foreign XML: broken documents, those that declare a document type, and very large ones are refused."""

from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml import DTDForbidden
from defusedxml.expatreader import DefusedExpatParser

from list_sync.errors import TooLarge, UnexpectedResponse

# The limits of what is in memory at once: a whole document, or one entry of a feed.
MOST_ELEMENTS = 100_000
MOST_CHARACTERS = 8 * 1024 * 1024
MOST_PARTS = 300_000
# The characters of all different names of elements and attributes, which the parser keeps until its end.
MOST_IN_NAMES = 64 * 1024
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


def plain_tag(tag: str) -> str:
    """Return the name of an element without its prefix."""
    return tag.rpartition(":")[2]


def _feed(pieces: Iterable[bytes | str], target: "_Tree | _Parts", *, service: str) -> Iterator[None]:
    """Give the pieces of a document to a parser, and pause after each."""
    # The parser sees a document type in every encoding, which a search in the bytes does not. It leaves the prefixes of
    # namespaces alone: in place of each it would put an address, of any length, into each name.
    parser = _Parser(forbid_dtd=True)
    parser.setContentHandler(_Listener(target))
    fed = 0
    try:
        for piece in pieces:
            fed += len(piece.encode("utf-8", "replace")) if isinstance(piece, str) else len(piece)
            parser.feed(piece)
            # A tag is given away when it is complete. Until then, the parser keeps all of it.
            if fed - parser.place > _LONGEST_TAG:
                raise TooLarge("XML with a tag or a comment of more than 1 MB")
            yield
        parser.close()
    except DTDForbidden as error:
        is_page = str(error.name).lower() == "html"
        what = "it is a web page" if is_page else "XML with a document type (<!DOCTYPE), which is refused"
        raise UnexpectedResponse(service, what) from error
    except SAXParseException as error:
        place = f"{error.getMessage()}: line {error.getLineNumber()}, column {error.getColumnNumber()}"
        raise UnexpectedResponse(service, f"a web page, or XML that cannot be read: {place}") from error
    # An unknown encoding raises LookupError or ValueError, endless nesting raises RecursionError.
    except (LookupError, ValueError, RecursionError) as error:
        raise UnexpectedResponse(service, "a web page, or XML that cannot be read") from error
    yield


class _Parser(DefusedExpatParser):
    """A parser that tells its place, and gives text in pieces of some length."""

    def reset(self) -> None:
        """Begin a document."""
        super().reset()
        self._expat: Any = self._parser  # type: ignore[attr-defined]
        self._expat.buffer_text = True

    @property
    def place(self) -> int:
        """Return how many bytes were given away."""
        return int(self._expat.CurrentByteIndex)


class _Listener(ContentHandler):
    """Limits the names in a document, and gives what the parser finds to a target."""

    def __init__(self, target: "_Tree | _Parts") -> None:
        super().__init__()
        self._names: set[str] = set()
        self._in_names = 0
        self._target = target

    def startElement(self, name: str, attrs: Any) -> None:
        """Begin an element, if there is room for new names."""
        attributes = dict(attrs.items())
        for new in {name, *attributes} - self._names:
            self._names.add(new)
            self._in_names += len(new)
        if self._in_names > MOST_IN_NAMES:
            raise TooLarge("XML with too many, or too long, names of elements and attributes")
        self._target.start(name, attributes)

    def characters(self, content: str) -> None:
        """Add a text to the open element."""
        self._target.data(content)

    def endElement(self, name: str) -> None:
        """End the open element."""
        self._target.end(name)


class _Tree:
    """Builds one tree of limited size."""

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

    def finish(self) -> Element:
        """Return the tree."""
        return self._builder.close()

    def _count(self, *, elements: int, characters: int) -> None:
        self._elements += elements
        self._characters += characters
        if self._elements > MOST_ELEMENTS or self._characters > MOST_CHARACTERS:
            raise TooLarge("XML with too many elements, or too much text, in one part")


class _Parts:
    """Builds the trees at the top of a document one after another."""

    def __init__(self, inside: str) -> None:
        self.found: list[tuple[str, Element | None]] = []
        self._inside = inside
        self._holders: list[str] = []
        self._tree: _Tree | None = None
        self._depth = self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin a holder, or an element of a tree."""
        if self._tree is None:
            if not self._holders or (len(self._holders) == 1 and plain_tag(tag) == self._inside):
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
