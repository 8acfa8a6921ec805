"""IMDb's web pages in a browser: their addresses, and the data for scripts in them."""

import json
from collections.abc import Mapping
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser

from list_sync.api.http.payloads import expect_object
from list_sync.errors import Private, ResourceNotFound, UnexpectedResponse
from list_sync.model.sources import Page
from list_sync.providers.imdb.parse import SERVICE, parse_box_office, parse_connection
from list_sync.providers.imdb.urls import ImdbList, Kind

WEB_URL = "https://www.imdb.com"
# Next.js (https://nextjs.org) puts the data of the page there for its scripts.
DATA = "script#__NEXT_DATA__"
_INDIAN = "-indian-movies", "-tamil-movies", "-telugu-movies", "-malayalam-movies"
_IN_THE_ADDRESS = {"top-rated-english-movies": "top-english-movies"}


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
    field = "list" if kind is Kind.LIST else "predefinedList"
    if field in column and column[field] is None:
        raise _absence(properties)
    owner = expect_object(column.get(field), service=SERVICE, what=field)
    connection = expect_object(owner.get("titleListItemSearch"), service=SERVICE, what="titleListItemSearch")
    return parse_connection({"total": properties.get("totalItems"), **connection})


def _properties(html: str) -> Mapping[str, object]:
    node = LexborHTMLParser(html).css_first(DATA)
    try:
        document: object = json.loads(node.text()) if node else None
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
    return ResourceNotFound(SERVICE, "not found: check the spelling")


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
