"""The page of a single film: its ids in other catalogues, and the text that stores them (pure)."""

import json
import re
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser

from list_sync.api.http.json_documents import SHORT_BYTES
from list_sync.api.http.payloads import find_imdb_id, find_positive_int, find_year
from list_sync.api.saved_lists.entries import split_year
from list_sync.errors import ResourceNotFound, UnexpectedResponse
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers.letterboxd.pages import SERVICE, Poster, parse_html

_TMDB_LINK = re.compile(r"https?://(?:www\.)?themoviedb\.org/(?P<kind>movie|tv)/(?P<id>\d{1,10})(?:[-/?#]|$)")
_IMDB_LINK = re.compile(r"https?://(?:www\.|m\.)?imdb\.com/title/tt\d")


def parse_film(html: bytes) -> MediaItem:
    """Return kind, year and ids of a page's film; raise ResourceNotFound for the page about one that does not exist."""
    tree = parse_html(html)
    body = tree.css_first("body")
    attributes = body.attributes if body is not None else {}
    if attributes.get("data-type") != "film":
        title = tree.css_first("title")
        name = title.text() if title else ""
        # An unknown TMDB number is answered with HTTP 200 and this page (seen in May 2026).
        if "Import Result" in name or "error" in (attributes.get("class") or "").split():
            raise ResourceNotFound(SERVICE, "not found: no film is kept at this address")
        raise UnexpectedResponse(SERVICE, "a web page that is not a film's: blocked, or the page changed")
    media_type, tmdb = _find_tmdb(tree, attributes)
    imdb = next((find_imdb_id(link) for link in _links(tree) if _IMDB_LINK.match(link)), None)
    heading = tree.css_first('meta[property="og:title"]')
    year = split_year(heading.attributes.get("content") or "")[1] if heading is not None else None
    return MediaItem("", media_type, year or _year_of_data(tree), MediaIds(tmdb, imdb))


def _find_tmdb(tree: LexborHTMLParser, body: dict[str, str | None]) -> tuple[MediaType | None, int | None]:
    """Return kind and number at TMDB from the link; the attribute of the body says "movie" for a mini-series too."""
    found = next(filter(None, map(_TMDB_LINK.match, _links(tree))), None)
    kind, number = (found["kind"], found["id"]) if found else (body.get("data-tmdb-type"), body.get("data-tmdb-id"))
    tmdb = find_positive_int(number)
    if tmdb is None or kind not in ("movie", "tv"):
        return None, None
    return MediaType(kind), tmdb


def _links(tree: LexborHTMLParser) -> list[str]:
    return [node.attributes.get("href") or "" for node in tree.css("a[href]")]


def _year_of_data(tree: LexborHTMLParser) -> int | None:
    """Return the year in the page's JSON-LD, which stands inside a /* <![CDATA[ */ comment."""
    node = tree.css_first('script[type="application/ld+json"]')
    text = node.text() if node is not None else ""
    start, end = text.find("{"), text.rfind("}")
    if end - start > SHORT_BYTES:
        return None
    try:
        document: object = json.loads(text[start : end + 1])
    except (ValueError, RecursionError):
        return None
    events = document.get("releasedEvent") if isinstance(document, dict) else None
    first = events[0] if isinstance(events, list) and events else None
    return find_year(first.get("startDate")) if isinstance(first, dict) else None


def to_text(film: MediaItem) -> str:
    """Return the text that stores a film."""
    kind = film.media_type.value if film.media_type else None
    return json.dumps([kind, film.ids.tmdb, film.ids.imdb, film.year])


def from_text(text: str) -> MediaItem | None:
    """Return the film stored in a text, or None if the text is not valid."""
    try:
        document: object = json.loads(text)
    except ValueError:
        return None
    if not isinstance(document, list) or len(document) != 4:
        return None
    kind, tmdb, imdb, year = document
    media_type = MediaType(kind) if kind in ("movie", "tv") else None
    return MediaItem("", media_type, find_year(year), MediaIds(find_positive_int(tmdb), find_imdb_id(imdb)))


def to_item(poster: Poster, film: MediaItem | None = None) -> MediaItem:
    """Return the entry of a list, with the data of the film's page if it was read.

    Without that page the kind is unknown, because Letterboxd lists mini-series as films.
    """
    known = film or MediaItem("")
    return replace(known, title=poster.title, year=poster.year or known.year)
