"""Parsing pages of films, in the current markup and in that of before autumn 2025 (pure)."""

import json
import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from list_sync.api.http.payloads import clean_title
from list_sync.api.saved_lists.entries import split_year
from list_sync.errors import ResourceNotFound, UnexpectedResponse
from list_sync.model.sources import NotUnderstood, Unsupported
from list_sync.providers.letterboxd.spellings import Kind, LetterboxdList, find_target

SERVICE = "letterboxd"
# The largest known page has 250 kB and 9,000 tags; the time to parse grows with the square of the nesting.
MOST_BYTES = 4 * 1024 * 1024
MOST_TAGS = 20_000
MOST_CONTAINERS = 20
_TOTAL = re.compile(r"^A list of (?P<number>[\d.,\u00a0\u202f ]*\d) films?\b", re.IGNORECASE)
_COUNT = re.compile(r"(?P<number>\d[\d.,\u00a0\u202f ]*)\s*films?\b", re.IGNORECASE)
_PAGE = re.compile(r"/page/(?P<number>\d{1,5})/?$")
# The current markup, and the former one: really-lazy-load came with `poster-container`.
_ENTRIES = "li.posteritem, li.griditem, li.poster-container, li.search-result"
_CONTAINERS = ("ul.js-list-entries", "ul.poster-list", "div.poster-grid ul", "ul.grid")
_OTHER_OUTCOMES = (".js-watchlist-content", "body.error", "body.screen-member-profile", "body.film")
# Every page has one of these, also an error page; a browser waits for them.
LISTS = ", ".join((*_CONTAINERS, *_OTHER_OUTCOMES))


@dataclass(frozen=True, slots=True)
class Poster:
    """One film of a page: its title, its year if stated, and the name of its own page."""

    title: str
    year: int | None
    slug: str


# An entry that is no film, or that cannot be parsed.
Other = Unsupported | NotUnderstood


@dataclass(frozen=True, slots=True)
class FilmsPage:
    """One page: its films, its other entries, the total of the list if stated, and the path of the next page."""

    posters: tuple[Poster, ...]
    others: tuple[Other, ...]
    total: int | None
    next_path: str | None


def parse_page(html: bytes, target: LetterboxdList, *, path: str) -> FilmsPage:
    """Return the films of the page at `path`.

    Raise ResourceNotFound for a page of another kind than `target`, UnexpectedResponse for one without its list.
    """
    tree = parse_html(html)
    _require_kind(tree, target, path)
    total = _find_total(tree, target.kind)
    container = _find_container(tree)
    if container is None:
        if total == 0:
            return FilmsPage((), (), 0, None)
        raise UnexpectedResponse(SERVICE, _without_list(tree, html))
    found = enumerate(container.css(_ENTRIES), start=1)
    entries = [_parse_entry(entry, f"entry {number}") for number, entry in found]
    posters = tuple(entry for entry in entries if isinstance(entry, Poster))
    others = tuple(entry for entry in entries if not isinstance(entry, Poster))
    if not posters and any(isinstance(entry, NotUnderstood) for entry in others):
        raise UnexpectedResponse(SERVICE, f"{len(entries)} entries and not one film that can be read: the page changed")
    return FilmsPage(posters, others, total, _find_next(tree, path))


def parse_html(html: bytes) -> LexborHTMLParser:
    """Return the tree of a page; raise UnexpectedResponse if the page is incomplete or too large.

    The parser would close open tags, and an incomplete page would look like a shorter list.
    """
    if len(html) > MOST_BYTES or html.count(b"<") > MOST_TAGS:
        raise UnexpectedResponse(SERVICE, f"a web page of {len(html)} bytes, too large to be one of Letterboxd's")
    if b"<html" in html[:2_000].lower() and b"</html" not in html[-2_000:].lower():
        raise UnexpectedResponse(SERVICE, f"a web page that breaks off after {len(html)} bytes")
    return LexborHTMLParser(html)


def _require_kind(tree: LexborHTMLParser, target: LetterboxdList, path: str) -> None:
    """Raise ResourceNotFound if a redirect led to another page: the home page, a profile, a film, another list."""
    if _attribute(tree, "body", "class").split()[:1] == ["error"]:
        raise ResourceNotFound(SERVICE, "not found: check the spelling, and that the list is public")
    if _attribute(tree, "body", "data-type") == "film" or "screen-member-profile" in _attribute(tree, "body", "class"):
        raise ResourceNotFound(
            SERVICE, f"not found: Letterboxd answered with another page in place of the {target.kind}"
        )
    place = _attribute(tree, 'meta[property="og:url"]', "content") or path
    segments = [part for part in re.sub(r"^https?://[^/]*", "", place).lower().split("/") if part]
    found = find_target(segments) if segments[1:] else None
    if found is None or found.kind is not target.kind:
        what = "a profile" if len(segments) == 1 else f'"{clean_title(place)[:100]}"' if segments else "the home page"
        raise ResourceNotFound(SERVICE, f"not found: Letterboxd answered with {what} in place of the {target.kind}")


def _without_list(tree: LexborHTMLParser, html: bytes) -> str:
    title = tree.css_first("title")
    name = clean_title(title.text()) if title else ""
    what = f'the web page "{name[:100]}"' if name else f"{len(html)} bytes"
    return f"{what} without a list of films: blocked, or the page changed"


def _find_container(tree: LexborHTMLParser) -> LexborNode | None:
    for selector in _CONTAINERS:
        for node in tree.css(selector)[:MOST_CONTAINERS]:
            if node.css_first(_ENTRIES) is not None or "js-list-entries" in _value(node, "class"):
                return node
    return None


def _find_total(tree: LexborHTMLParser, kind: Kind) -> int | None:
    """Return the total that the page states; only lists and watchlists state it."""
    if kind is Kind.LIST:
        found = _TOTAL.match(clean_title(_attribute(tree, 'meta[name="description"]', "content")))
        return _number(found["number"]) if found else None
    if kind is not Kind.WATCHLIST:
        return None
    stated = _attribute(tree, ".js-watchlist-content[data-num-entries]", "data-num-entries")
    if stated:
        return _number(stated)
    node = tree.css_first(".js-watchlist-count, .watchlist-count")
    count = _COUNT.search(node.text()) if node else None
    return _number(count["number"]) if count else None


def _number(text: str) -> int | None:
    digits = re.sub(r"\D", "", text)[:9]
    return int(digits) if digits.isascii() and digits else None


def _find_next(tree: LexborHTMLParser, path: str) -> str | None:
    """Return the path of the next page; raise UnexpectedResponse if there is a next page without a link."""
    current = tree.css_first(".paginate-pages .paginate-current")
    here = (_number(current.text()) if current is not None else None) or _page_number(path)
    link = tree.css_first(".pagination a.next, .paginate-nextprev a.next")
    if link is not None:
        following = re.split(r"[?#]", link.attributes.get("href") or "")[0]
        if not following.startswith("/") or following.startswith("//") or _page_number(following) <= here:
            raise UnexpectedResponse(SERVICE, "the link to the next page leads nowhere: the page changed")
        return following
    numbers = [_page_number(node.attributes.get("href") or "") for node in tree.css(".paginate-pages a")]
    if numbers and max(numbers) > here:
        raise UnexpectedResponse(SERVICE, f"page {here} of {max(numbers)} without a link to the next: the page changed")
    return None


def _page_number(path: str) -> int:
    found = _PAGE.search(path)
    return int(found["number"]) if found else 1


def _parse_entry(entry: LexborNode, place: str) -> Poster | Other:
    """Return the film of an entry, or the kind of another entry, or that it cannot be parsed."""
    new = entry.css_first("[data-item-slug], [data-item-link], [data-item-name]")
    old = entry.css_first("[data-film-slug]") if new is None else None
    found = _parse_new(new) if new is not None else _parse_old(old) if old is not None else None
    return found or NotUnderstood(place, "a poster without the name of its film")


def _parse_new(node: LexborNode) -> Poster | Unsupported | None:
    link = _value(node, "data-item-link") or _value(node, "data-target-link")
    named = re.match(r"/([a-z]+)/", link)
    kind = _stated_kind(_value(node, "data-postered-identifier")) or (named[1] if named else "film")
    if kind != "film" or (named and named[1] != "film"):
        return Unsupported(named[1] if kind == "film" and named else kind[:30])
    if link and not named:
        return None
    title, year = split_year(_value(node, "data-item-name"))
    if year is None:
        year = split_year(_value(node, "data-item-full-display-name"))[1]
    slug = _value(node, "data-item-slug") or film_slug(link)
    return Poster(title, year, film_slug(slug)) if title else None


def _stated_kind(identifier: str) -> str:
    try:
        document: object = json.loads(identifier)
    except (ValueError, RecursionError):
        return ""
    kind = document.get("type") if isinstance(document, dict) else None
    return kind.lower() if isinstance(kind, str) else ""


def _parse_old(node: LexborNode) -> Poster | Unsupported | None:
    kind = _value(node, "data-type") or "film"
    if kind != "film":
        return Unsupported(kind[:30])
    image = node.css_first("img")
    title = clean_title(_value(image, "alt")) if image is not None else ""
    return Poster(title, None, film_slug(_value(node, "data-film-slug"))) if title else None


def film_slug(place: str) -> str:
    """Return the name of a film's page, from its path or from the name itself, or ''."""
    slug = place.strip().strip("/").removeprefix("film/")
    return slug if re.fullmatch(r"[A-Za-z0-9:_-]{1,200}", slug) else ""


def _attribute(tree: LexborHTMLParser, selector: str, name: str) -> str:
    node = tree.css_first(selector)
    return _value(node, name) if node is not None else ""


def _value(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""
