"""Reading of foreign XML: broken documents, and all that declare a document type, are refused."""

from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DTDForbidden
from defusedxml.ElementTree import DefusedXMLParser

from list_sync.errors import UnexpectedResponse


def parse_xml(document: bytes | str, *, service: str) -> Element:
    """Return the root of a document; raise UnexpectedResponse if it cannot be read.

    A document type can hold entities and attributes that grow without limit when they are read, and no list needs one.
    """
    # The parser sees a declaration in every encoding, which a search in the bytes does not.
    parser = DefusedXMLParser(target=TreeBuilder(), forbid_dtd=True)
    try:
        parser.feed(document)
        root: Element = parser.close()
    except DTDForbidden as error:
        is_page = str(error.name).lower() == "html"
        what = "it is a web page" if is_page else "XML with a document type (<!DOCTYPE), which is refused"
        raise UnexpectedResponse(service, what) from error
    # An unknown encoding raises LookupError or ValueError, endless nesting raises RecursionError.
    except (ParseError, LookupError, ValueError, RecursionError) as error:
        place = f": {error}" if isinstance(error, ParseError) else ""
        raise UnexpectedResponse(service, f"a web page, or XML that cannot be read{place}") from error
    return root
