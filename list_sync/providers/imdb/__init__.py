"""IMDb: lists, watchlists and charts through the GraphQL endpoint of its web pages, without a key."""

from collections.abc import Iterator, Mapping
from itertools import count

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.saved_lists.find import ROUTE as EXPORT
from list_sync.api.saved_lists.find import Wanted, read_export
from list_sync.api.sources.mirror import NEEDS, ROUTE, Mirrored, read_mirror
from list_sync.errors import Blocked, ServiceError, UnexpectedResponse
from list_sync.model.sources import Page
from list_sync.providers import FetchContext, add_route, register_provider
from list_sync.providers.imdb.parse import (
    DATA,
    SERVICE,
    WEB_URL,
    page_url,
    parse_chart,
    parse_list,
    parse_page,
    parse_profile,
)
from list_sync.providers.imdb.urls import (
    CHARTS,
    PAGE_SIZE,
    ImdbList,
    Kind,
    chart_query,
    list_query,
    parse_list_id,
    profile_query,
)
from list_sync.providers.scripts import Entry, read_for_script

# Since 30 July 2026 the endpoint answers a bare 403 without the headers of the web client
# (duck7000/imdbGraphQLPHP issue 163; Kometa issue 3444).
HEADERS = {
    "Accept": "application/json",
    "Content-Type": "application/json",
    "x-imdb-client-name": "imdb-web-next",
    "Origin": "https://www.imdb.com",
    "Referer": "https://www.imdb.com/",
}
# Far more entries than the longest list of IMDb has.
MAX_ENTRIES = 250_000


def canonical(list_id: str) -> str:
    """Return the id of a list, or the first name of a chart that has several."""
    target = parse_list_id(list_id)
    chart = CHARTS.get(target.id)
    return next((name for name, type_ in CHARTS.items() if type_ == chart), target.id)


@register_provider(
    "imdb",
    base_url="https://api.graphql.imdb.com",
    description="ls…, ur…, p.…, charts (top, toptv, moviemeter, tvmeter, bottom, boxoffice), addresses",
    check=parse_list_id,
    canonical=canonical,
    route="graphql",
    terms="private, non-commercial use only; programs may not read its pages",
    limits="no number stated; 250 entries a request",
    spellings=("ls123456789", "ur12345678", "p.abc123", "top", "https://www.imdb.com/list/ls123456789/"),
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of the list, watchlist or chart that `list_id` names."""
    target = parse_list_id(list_id)
    if target.kind in (Kind.CHART, Kind.BOX_OFFICE):
        yield parse_chart(_ask(context, chart_query(target)), target.kind)
        return
    if target.kind is Kind.PROFILE:
        target = ImdbList(Kind.WATCHLIST, parse_profile(_ask(context, profile_query(target.id))))
    yield from _read_pages(target, context)


def fetch_imdb_list(list_id: str) -> list[Entry]:
    """Return the titles of a list of IMDb, for a script (PUBLIC); raise as `read_for_script` does."""
    return read_for_script("imdb", list_id)


@add_route("imdb", ROUTE, needs=NEEDS)
def fetch_mirror(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of the list as MDBList mirrors it."""
    target = parse_list_id(list_id)

    def is_it(text: str) -> bool | None:
        stated = parse_list_id(text)
        # A user has two ids.
        return None if {stated.kind, target.kind} == {Kind.WATCHLIST, Kind.PROFILE} else stated == target

    wanted = Mirrored("imdb", target.id, names=is_it)
    yield from read_mirror(context.http, wanted, credentials=context.credentials, base_urls=context.base_urls)


def is_exported(list_id: str) -> bool:
    """Return whether the list can be saved on imdb.com: charts cannot."""
    return parse_list_id(list_id).kind not in (Kind.CHART, Kind.BOX_OFFICE)


@add_route("imdb", EXPORT, serves=is_exported, is_cached=False, wanted=lambda one, _: wanted_export(one))
def fetch_export(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the list from the CSV that the user saved."""
    yield from read_export(list_id, wanted_export, folder=context.drop_folder, neighbours=context.neighbours)


def wanted_export(list_id: str) -> Wanted:
    """Return how to recognise the export of a list: by its file name, because the CSV does not name the list."""
    target = parse_list_id(list_id)
    is_watchlist = target.kind in (Kind.WATCHLIST, Kind.PROFILE)
    return Wanted(
        "imdb",
        owner=target.id if is_watchlist else "",
        names=("watchlist",) if is_watchlist else (),
        ids=(target.id,),
        is_address=lambda address: parse_list_id(address) == target,
        advice=f"export the list on imdb.com and put the file there as {target.id}.csv",
    )


@add_route("imdb", "browser")
def fetch_pages(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the list from IMDb's web pages, read by a browser."""
    target = parse_list_id(list_id)
    browser = context.require_browser()
    entries = 0
    for number in count(1):
        url = page_url(context.address(WEB_URL), target, number)
        html = browser.read_page(url, service=SERVICE, wait_for=DATA, pause_seconds=context.pace_seconds)
        page = parse_page(html, target.kind)
        yield page
        entries += page.entries
        if not page.entries or entries >= (page.total or 0):
            return


def _read_pages(target: ImdbList, context: FetchContext) -> Iterator[Page]:
    """Follow the cursors to the last page; raise UnexpectedResponse if they do not lead there."""
    cursor: str | None = None
    followed: set[str] = set()
    read = 0
    while True:
        batch = parse_list(_ask(context, list_query(target, cursor)), target.kind)
        yield batch.page
        cursor = batch.cursor
        if cursor is None:
            return
        read += batch.page.entries
        # A list may grow while it is read.
        most = PAGE_SIZE + (MAX_ENTRIES if batch.page.total is None else batch.page.total)
        if not batch.page.entries or cursor in followed or read > most:
            raise UnexpectedResponse(SERVICE, "its pages never end")
        followed.add(cursor)


def _ask(context: FetchContext, question: Mapping[str, object]) -> object:
    try:
        answer = context.http.post_json(f"{context.base_url}/", question, headers=HEADERS, explain=_explain)
    except Blocked as error:
        advice = "wait some hours, or export the list on imdb.com and put the CSV into DATA_DIR/drop as ls….csv"
        raise Blocked(error.service, f"{error.message}: {advice}", retry_after=error.retry_after) from error
    return answer.json()


def _explain(answer: HttpAnswer) -> ServiceError | None:
    """Report HTTP 404 as a wrong address; for a missing list, IMDb answers 200 with null."""
    if answer.status != 404:
        return None
    return UnexpectedResponse(answer.service, "no GraphQL endpoint at this address (HTTP 404), check IMDB_BASE_URL")
