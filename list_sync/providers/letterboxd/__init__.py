"""Letterboxd: the user's own export, the mirror of MDBList, or the web pages, whose terms forbid automatic reading."""

from collections.abc import Callable, Iterator

from list_sync.api.saved_lists.find import ROUTE as EXPORT
from list_sync.api.saved_lists.find import Wanted, read_export
from list_sync.api.sources.addresses import first_spelling
from list_sync.api.sources.mirror import NEEDS, ROUTE, Mirrored, read_mirror
from list_sync.errors import NotOffered
from list_sync.model.sources import Page
from list_sync.providers import FetchContext, add_route, register_provider
from list_sync.providers.letterboxd.pages import LISTS, SERVICE, parse_page
from list_sync.providers.letterboxd.spellings import Kind, LetterboxdList, parse_list_id
from list_sync.providers.letterboxd.visiting import FilmPages, find_known, path_of, resolve_short_link, visit
from list_sync.providers.scripts import Entry, read_for_script

_FILE_NAMES = {
    Kind.WATCHLIST: ("watchlist",),
    Kind.FILMS: ("watched", "films", "watched-films"),
    Kind.LIKES: ("likes-films", "liked-films"),
}


def canonical(list_id: str) -> str:
    """Return the shortest spelling of the page."""
    target = parse_list_id(list_id)
    short = f"boxd.it/{target.slug}" if target.kind is Kind.SHORT else f"{target.user}/{target.slug}"
    return first_spelling(list_id, parse_list_id, (short, target.path.strip("/")))


@register_provider(
    SERVICE,
    base_url="https://letterboxd.com",
    description="user/list-name, user/watchlist, user/films, user/likes/films, addresses, boxd.it links",
    check=parse_list_id,
    canonical=canonical,
    route=EXPORT,
    is_cached=False,
    wanted=lambda one, context: wanted_export(find_known(parse_list_id(one), context)),
    terms="forbids automated reading of its pages (terms of December 2025, 6.11); your own export is yours",
    limits="one page at a time with a pause of 1 s; 50 pages of single films in a run",
    spellings=(
        "example-user/list-name",
        "example-user/watchlist",
        "example-user/films",
        "example-user/likes/films",
        "https://letterboxd.com/example-user/list/list-name/",
        "https://boxd.it/abcd",
    ),
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the list from the user's own export in the drop folder."""
    yield from read_export(
        list_id,
        lambda one: wanted_export(find_known(parse_list_id(one), context)),
        folder=context.drop_folder,
        neighbours=context.neighbours,
    )


def fetch_letterboxd_list(list_id: str) -> list[Entry]:
    """Return the titles of a list of Letterboxd, for a script (PUBLIC); raise as `read_for_script` does."""
    return read_for_script(SERVICE, list_id)


def is_mirrored(list_id: str) -> bool:
    """Return whether MDBList can follow the list; a short link does not contain its address."""
    return parse_list_id(list_id).kind is not Kind.SHORT


@add_route(SERVICE, ROUTE, needs=NEEDS, serves=is_mirrored)
def fetch_mirror(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of the list as MDBList mirrors it."""
    target = parse_list_id(list_id)
    titles = (target.slug,) if target.kind is Kind.LIST else ()
    spelling = target.path.strip("/").replace("/list/", "/")

    def is_it(text: str) -> bool | None:
        stated = parse_list_id(text)
        return None if stated.kind is Kind.SHORT else stated == target

    wanted = Mirrored(SERVICE, spelling, names=is_it, titles=titles)
    yield from read_mirror(context.http, wanted, credentials=context.credentials, base_urls=context.base_urls)


@add_route(SERVICE, "page")
def fetch_pages(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the public pages of the list, to the last one."""
    target = parse_list_id(list_id)
    if target.kind is Kind.SHORT:
        target = resolve_short_link(target, context)
    films = FilmPages(context)

    def load(path: str) -> tuple[bytes, str]:
        answer = visit(context, path)
        return answer.content, path_of(answer.url, context)

    yield from read_pages(target, load, films)
    films.report(list_id)


@add_route(SERVICE, "browser")
def fetch_by_browser(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the public pages of the list, read by a browser."""
    target = find_known(parse_list_id(list_id), context)
    if target.kind is Kind.SHORT:
        raise NotOffered("the boxd.it link could not be resolved: write the address that it leads to")
    browser = context.require_browser()

    def load(path: str) -> tuple[bytes, str]:
        url = f"{context.base_url}{path}"
        html = browser.read_page(url, service=SERVICE, wait_for=LISTS, pause_seconds=context.pace_seconds)
        return html.encode(errors="replace"), path

    yield from read_pages(target, load, FilmPages(context, most=0))


def read_pages(target: LetterboxdList, load: Callable[[str], tuple[bytes, str]], films: FilmPages) -> Iterator[Page]:
    """Yield the pages from the first to the last; `load` returns the page of a path and the path after redirects."""
    path: str | None = target.path
    entries, has_total = 0, False
    while path is not None:
        content, place = load(path)
        page = parse_page(content, target, path=place)
        read = Page.of([*map(films.item_of, page.posters), *page.others], total=page.total)
        yield read
        entries += read.entries
        has_total = has_total or page.total is not None
        path = page.next_path
    if not has_total:
        # Films and likes state no total, but the last page has no link to a next one.
        yield Page((), total=entries)


def wanted_export(target: LetterboxdList) -> Wanted:
    """Return how to recognise the export of a list: by the address in it, or by file name and owner."""
    names = (target.slug,) if target.kind is Kind.LIST else _FILE_NAMES.get(target.kind, ())
    name = f"{names[0]}-{target.user}.csv" if names and target.user else "the list's address"
    advice = f"export it on letterboxd.com and put the file or the ZIP there as it is, or call the file {name}"

    def is_address(address: str) -> bool | None:
        stated = parse_list_id(address)
        # A short link and a long address may mean the same list, so a short link is only compared with short links.
        return stated == target if (stated.kind is Kind.SHORT) == (target.kind is Kind.SHORT) else None

    return Wanted(SERVICE, target.user, names, is_address=is_address, advice=advice)
