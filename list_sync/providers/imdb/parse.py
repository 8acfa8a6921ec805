"""Parsing IMDb's answers into pages of titles: those of GraphQL, and the data for scripts in its web pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from selectolax.lexbor import LexborHTMLParser

from list_sync.api.http.json_documents import parse_bytes
from list_sync.api.http.payloads import (
    clean_title,
    expect_list,
    expect_object,
    find_count,
    find_imdb_id,
    find_moment,
    find_year,
)
from list_sync.api.sources.each import read_each, read_kind
from list_sync.errors import Private, ResourceNotFound, ServiceError, ServiceUnavailable, UnexpectedResponse
from list_sync.model.sources import Entry, Page, Unsupported
from list_sync.model.titles import MediaIds, MediaItem
from list_sync.providers.imdb.urls import ImdbList, Kind

SERVICE = "imdb"
WEB_URL = "https://www.imdb.com"
# Next.js (https://nextjs.org) puts the data of the page there for its scripts.
DATA = "script#__NEXT_DATA__"
# Several times the size of a page with 250 titles; each tag takes 400 bytes of memory.
MOST_CHARACTERS = 8 * 1024 * 1024
MOST_TAGS = 100_000
_INDIAN = "-indian-movies", "-tamil-movies", "-telugu-movies", "-malayalam-movies"
_IN_THE_ADDRESS = {"top-rated-english-movies": "top-english-movies"}


@dataclass(frozen=True, slots=True)
class Batch:
    """One page, and the cursor of the next one if there is one."""

    page: Page
    cursor: str | None


def parse_list(document: object, kind: Kind) -> Batch:
    """Parse one page of a list or watchlist; raise the error that the answer means."""
    connection = _connection_of(_data(document), kind, _not_found())
    return Batch(parse_connection(connection), _next_cursor(connection))


def parse_chart(document: object, kind: Kind) -> Page:
    """Parse a whole chart; raise the error that the answer means."""
    field = "boxOfficeWeekendChart" if kind is Kind.BOX_OFFICE else "chartTitles"
    chart = expect_object(_data(document).get(field), service=SERVICE, what=field)
    return parse_box_office(chart) if kind is Kind.BOX_OFFICE else parse_connection(chart)


def parse_profile(document: object) -> str:
    """Return the ur… id for a p.… id."""
    user_id = _present(_data(document), "userProfile", _not_found()).get("userId")
    if not isinstance(user_id, str) or not user_id.startswith("ur"):
        raise UnexpectedResponse(SERVICE, "the answer names no user id")
    return user_id


def parse_connection(connection: Mapping[str, object]) -> Page:
    """Parse the `edges` and `total` of a list, watchlist or chart."""
    edges = expect_list(connection.get("edges"), service=SERVICE, what="edges")
    total = find_count(connection.get("total"))
    if not edges and total is None:
        raise UnexpectedResponse(SERVICE, "the answer holds neither entries nor a total")
    return _page(edges, total)


def parse_box_office(chart: Mapping[str, object]) -> Page:
    """Parse the box office: it states no total, but is always whole and never empty."""
    entries = expect_list(chart.get("entries"), service=SERVICE, what="entries of the box office")
    if not entries:
        raise UnexpectedResponse(SERVICE, "the box office came without a single entry")
    return _page(entries, len(entries))


def _page(edges: Sequence[object], total: int | None) -> Page:
    return Page.of(read_each(edges, parse_edge), total=total)


def parse_edge(edge: object) -> Entry:
    """Return the title of an entry; for an unknown type, the look-up by IMDb id finds the kind.

    Raise UnexpectedResponse for an entry without id.
    """
    node = _title_node(edge)
    if node is None:
        raise UnexpectedResponse(SERVICE, "an entry without the id of a title")
    if find_imdb_id(node.get("id")) is None:
        return Unsupported("person")
    media_type = read_kind(_inner(node, "titleType", "id"))
    if isinstance(media_type, Unsupported):
        return media_type
    return MediaItem(
        title=clean_title(_inner(node, "titleText", "text")),
        media_type=media_type,
        year=find_year(_inner(node, "releaseYear", "year")),
        ids=MediaIds(imdb=find_imdb_id(node.get("id"))),
        added_at=_added_at(edge),
    )


def _added_at(edge: object) -> datetime | None:
    """Return when the entry was put on its list; charts state no such moment."""
    node = edge.get("node") if isinstance(edge, Mapping) else None
    return find_moment(node.get("createdDate")) if isinstance(node, Mapping) else None


def _title_node(edge: object) -> Mapping[str, object] | None:
    """Return the title in an entry: `title` in plain queries, `listItem` in those of IMDb, `node` in charts."""
    if not isinstance(edge, Mapping):
        return None
    node = edge.get("node")
    places = [edge.get("title"), edge.get("listItem"), node]
    if isinstance(node, Mapping):
        places += [node.get("listItem"), node.get("entity")]
    return next((place for place in places if isinstance(place, Mapping) and _is_known_id(place.get("id"))), None)


def _is_known_id(value: object) -> bool:
    return find_imdb_id(value) is not None or (isinstance(value, str) and value.startswith("nm"))


def _inner(node: Mapping[str, object], field: str, name: str) -> object:
    inner = node.get(field)
    return inner.get(name) if isinstance(inner, Mapping) else None


def _next_cursor(connection: Mapping[str, object]) -> str | None:
    """Return where the next page begins, if there is one; `endCursor` is set on the last page too."""
    info = connection.get("pageInfo")
    if not isinstance(info, Mapping) or info.get("hasNextPage") is not True:
        return None
    cursor = info.get("endCursor")
    if not isinstance(cursor, str) or not cursor:
        raise UnexpectedResponse(SERVICE, "the answer promises another page and does not say where it begins")
    return cursor


def _data(document: object) -> Mapping[str, object]:
    """Return `data`; raise an error if there are `errors` beside it."""
    answer = expect_object(document, service=SERVICE, what="the answer")
    if answer.get("errors"):
        raise _failure(expect_list(answer["errors"], service=SERVICE, what="errors"))
    return expect_object(answer.get("data"), service=SERVICE, what="data")


def _connection_of(holder: Mapping[str, object], kind: Kind, absence: ServiceError) -> Mapping[str, object]:
    """Return the entries of a list or watchlist; raise `absence` if there is none."""
    owner = _present(holder, "list" if kind is Kind.LIST else "predefinedList", absence)
    return expect_object(owner.get("titleListItemSearch"), service=SERVICE, what="titleListItemSearch")


def _present(holder: Mapping[str, object], field: str, absence: ServiceError) -> Mapping[str, object]:
    """Return a field, or raise `absence`: IMDb sets a field to null if there is no such list or user."""
    if field in holder and holder[field] is None:
        raise absence
    return expect_object(holder.get(field), service=SERVICE, what=field)


def _not_found() -> ResourceNotFound:
    return ResourceNotFound(SERVICE, "not found: check the spelling")


def _failure(errors: Sequence[object]) -> ServiceError:
    """Return the error of ours for GraphQL errors."""
    first = errors[0] if isinstance(errors[0], Mapping) else {}
    words = clean_title(first.get("message"))[:200]
    extensions = first.get("extensions")
    code, is_retryable = (
        (extensions.get("code"), extensions.get("isRetryable")) if isinstance(extensions, Mapping) else (None, None)
    )
    if code == "FORBIDDEN":
        return Private(SERVICE, "private: make it public on imdb.com")
    if code == "RESOURCE_NOT_FOUND" or "not found" in words.lower():
        return _not_found()
    if code in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"):
        return UnexpectedResponse(
            SERVICE, f"IMDb no longer understands our question, ListSync needs an update: {words}"
        )
    if is_retryable is True or code == "INTERNAL_SERVER_ERROR":
        return ServiceUnavailable(SERVICE, f"IMDb is in trouble: {words}")
    return UnexpectedResponse(SERVICE, f"answered with an error: {words or clean_title(code) or 'without words'}")


def page_url(base_url: str, target: ImdbList, number: int) -> str:
    """Return the address of one page of a list, watchlist or chart."""
    match target.kind:
        case Kind.LIST:
            return f"{base_url}/list/{target.id}/?page={number}"
        case Kind.WATCHLIST | Kind.PROFILE:
            return f"{base_url}/user/{target.id}/watchlist/?page={number}"
        case _:
            folder = "india" if target.id.endswith(_INDIAN) else "chart"
            return f"{base_url}/{folder}/{_IN_THE_ADDRESS.get(target.id, target.id)}/"


def parse_page(html: str, kind: Kind) -> Page:
    """Parse one page; raise the error that it means."""
    properties = _properties(html)
    if kind in (Kind.CHART, Kind.BOX_OFFICE):
        return _parse_chart(expect_object(properties.get("pageData"), service=SERVICE, what="pageData"), kind)
    column = expect_object(properties.get("mainColumnData"), service=SERVICE, what="mainColumnData")
    connection = _connection_of(column, kind, _absence(properties))
    return parse_connection({"total": properties.get("totalItems"), **connection})


def _properties(html: str) -> Mapping[str, object]:
    if len(html) > MOST_CHARACTERS or html.count("<") > MOST_TAGS:
        raise UnexpectedResponse(SERVICE, f"a web page of {len(html)} characters, too large to be one of IMDb's")
    node = LexborHTMLParser(html).css_first(DATA)
    try:
        document = parse_bytes(node.text().encode()) if node else None
    except (ValueError, RecursionError) as error:
        raise UnexpectedResponse(SERVICE, "the page carries data that cannot be read") from error
    data = expect_object(document, service=SERVICE, what="the data of the page")
    outer = expect_object(data.get("props"), service=SERVICE, what="props")
    return expect_object(outer.get("pageProps"), service=SERVICE, what="pageProps")


def _absence(properties: Mapping[str, object]) -> Private | ResourceNotFound:
    above = properties.get("aboveTheFoldData")
    visibility = above.get("visibility") if isinstance(above, Mapping) else None
    if visibility == "PRIVATE":
        return Private(SERVICE, "private: make it public on imdb.com")
    return _not_found()


def _parse_chart(data: Mapping[str, object], kind: Kind) -> Page:
    if kind is Kind.CHART:
        chart = parse_connection(expect_object(data.get("chartTitles"), service=SERVICE, what="chartTitles"))
        # A chart is one page, so it is always whole.
        return chart if chart.total is not None else replace(chart, total=chart.entries)
    charts = [value["edges"] for value in data.values() if isinstance(value, Mapping) and "edges" in value]
    edges = charts[0] if charts and isinstance(charts[0], list) else []
    return parse_box_office({"entries": [{"title": _released_title(edge)} for edge in edges]})


def _released_title(edge: object) -> object:
    """Return the first title of a release, at edge.node.release.titles[0]."""
    for step in ("node", "release", "titles"):
        edge = edge.get(step) if isinstance(edge, Mapping) else None
    return edge[0] if isinstance(edge, list) and edge else None
