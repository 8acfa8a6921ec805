"""The charts that your own request server makes from TMDB: trending, popular, upcoming, genres, studios, networks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.classifier import find_words
from list_sync.api.http.payloads import clean_title, expect_list, expect_object, find_positive_int, find_year
from list_sync.api.mediaserver.address import ServerAddress, check_address
from list_sync.api.mediaserver.rows import KEY_REFUSED, find_body, has_access_error
from list_sync.api.sources.each import read_each
from list_sync.errors import AuthenticationFailed, InvalidListId, ServiceError, ServiceUnavailable, UnexpectedResponse
from list_sync.model.sources import Entry, Page, Unsupported
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import FetchContext, register_provider

SERVICE = "discover"
URL, KEY = "OVERSEERR_URL", "OVERSEERR_API_KEY"
DEFAULT_LIMIT = 20
# TMDB gives no page after the 500th; a page has 20 entries.
MAX_LIMIT, MAX_PAGES = 1_000, 500
ACCEPTED = (
    "write trending, movies, tv, upcoming, upcoming:tv, movies:genre:NUMBER, tv:genre:NUMBER, movies:studio:NUMBER, "
    "tv:network:NUMBER, movies:language:CODE, tv:language:CODE or keyword:NUMBER"
)
_KINDS = {"movie": "movies", "film": "movies", "films": "movies", "show": "tv", "shows": "tv", "series": "tv"}
_PARTS = {"movies": ("genre", "studio", "language"), "tv": ("genre", "network", "language")}


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its name, its path at the server, and how many of its titles are wanted."""

    name: str
    path: str
    limit: int = DEFAULT_LIMIT


def parse_list_id(list_id: str) -> Chart:
    """Return the chart of a spelling, `:` or `/` between its words; raise InvalidListId naming the accepted forms."""
    words = [_KINDS.get(word, word) for word in re.split(r"[:/]", list_id.strip().lower())]
    chart = _find_chart(words)
    if chart is not None:
        return chart
    shorter = _find_chart(words[:-1])
    if shorter is None or not re.fullmatch(r"[0-9]{1,9}", words[-1]):
        raise InvalidListId(f"not a chart of the server, {ACCEPTED}, and after it :COUNT for more than 20 titles")
    limit = int(words[-1])
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidListId(f"a chart gives from 1 to {MAX_LIMIT:,} titles, as in {shorter.name}:100")
    return Chart(shorter.name, shorter.path, limit)


def _find_chart(words: list[str]) -> Chart | None:
    match words:
        case ["trending" | "movies" | "tv" as name]:
            return Chart(name, name)
        case ["upcoming"] | ["upcoming", "movies"] | ["movies", "upcoming"]:
            return Chart("upcoming", "movies/upcoming")
        case ["upcoming", "tv"] | ["tv", "upcoming"]:
            return Chart("upcoming:tv", "tv/upcoming")
        case ["keyword", number] if _is_number(number):
            return Chart(f"keyword:{number}", f"keyword/{number}/movies")
        case ["movies" | "tv" as kind, part, value] if part in _PARTS[kind]:
            is_valid = re.fullmatch("[a-z]{2}", value) if part == "language" else _is_number(value)
            return Chart(f"{kind}:{part}:{value}", f"{kind}/{part}/{value}") if is_valid else None
    return None


def _is_number(word: str) -> bool:
    return re.fullmatch("[1-9][0-9]{0,8}", word) is not None


def canonical(list_id: str) -> str:
    """Return the name of a chart, with the number of its titles if that is not 20."""
    chart = parse_list_id(list_id)
    return chart.name if chart.limit == DEFAULT_LIMIT else f"{chart.name}:{chart.limit}"


@register_provider(
    SERVICE,
    credentials=(URL, KEY),
    description="the charts of your server: trending, movies, tv, upcoming, genres, studios, networks",
    check=parse_list_id,
    canonical=canonical,
    spellings=("trending", "movies:100", "upcoming:tv", "movies:genre:27", "movies:studio:420", "tv:network:213"),
    limits="20 titles of a chart, or as many as :COUNT says, up to 1,000; 20 entries a request",
    terms="your own server; its data are TMDB's",
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of a chart until they hold as many titles as are wanted, or the chart ends."""
    chart, server = parse_list_id(list_id), build_address(context)
    known: set[tuple[MediaType | None, int | None]] = set()
    count = 0
    for number in range(1, MAX_PAGES + 1):
        document = _ask(context, server, f"discover/{chart.path}", number)
        answer = parse_answer(document, number, after=count)
        entries = _take(answer.entries, known, room=chart.limit - len(known))
        count += len(entries)
        is_enough = len(known) >= chart.limit
        is_last = is_enough or not answer.entries or number >= answer.page_count
        yield Page.of(entries, total=count if is_enough else answer.total if is_last else None)
        if is_last:
            return


def build_address(context: FetchContext) -> ServerAddress:
    """Return the address and key of the server; raise AuthenticationFailed naming the setting that is missing."""
    url = context.base_url if context.overridden else context.require(URL, "set it to the address of your server")
    key = context.require(KEY, "copy it from the server's page Settings, General")
    return check_address(url, key, 1)


def _ask(context: FetchContext, server: ServerAddress, path: str, page: int) -> object:
    headers = {"X-Api-Key": server.api_key}
    if server.authorization:
        headers["Authorization"] = server.authorization
    # No `language`: for /discover/movies and /discover/tv it means the language of the original.
    return context.http.get_json(server.api_url(path, page=page), headers=headers, explain=find_error)


def find_error(answer: HttpAnswer) -> ServiceError | None:
    """Return the error for an answer of the server; None if its status has its usual meaning."""
    if answer.status == 401 or (answer.status == 403 and has_access_error(find_body(answer))):
        return AuthenticationFailed(answer.service, KEY_REFUSED)
    words = find_words(answer)
    if answer.status == 500 and words.startswith("Unable to retrieve"):
        # The servers answer the same when TMDB is down and when it knows no such studio, network or keyword.
        advice = "TMDB gave the server no answer; if this stays, check the number in the list"
        return ServiceUnavailable(answer.service, f"{advice}: {words}")
    return None


@dataclass(frozen=True, slots=True)
class ChartPage:
    """One page of a chart, and what the server states about all of it."""

    entries: list[Entry]
    page_count: int
    total: int


def parse_answer(document: object, number: int, *, after: int = 0) -> ChartPage:
    """Read page `number` of a chart; raise UnexpectedResponse for anything else."""
    answer = expect_object(document, service=SERVICE, what="a page of a chart")
    results = expect_list(answer.get("results"), service=SERVICE, what="the entries of a chart")
    stated = [answer.get(name) for name in ("page", "totalPages", "totalResults")]
    page, page_count, total = (one if type(one) is int and one >= 0 else None for one in stated)
    if page_count is None or total is None:
        raise UnexpectedResponse(SERVICE, "a page of a chart that does not say how long the chart is")
    if page != number:
        raise UnexpectedResponse(SERVICE, f"page {page} came where page {number} was asked for")
    return ChartPage(read_each(results, parse_entry, after=after), page_count, total)


def parse_entry(entry: object) -> Entry:
    """Return the title of an entry; raise UnexpectedResponse if it has no number."""
    fields = expect_object(entry, service=SERVICE, what="an entry")
    kind = fields.get("mediaType")
    if kind in ("person", "collection"):
        return Unsupported(str(kind))
    number = find_positive_int(fields.get("id"))
    if kind not in ("movie", "tv") or number is None:
        raise UnexpectedResponse(SERVICE, "an entry without a kind or a number")
    name, date = ("title", "releaseDate") if kind == "movie" else ("name", "firstAirDate")
    year = find_year(fields.get(date))
    return MediaItem(clean_title(fields.get(name)), MediaType(kind), year, MediaIds(tmdb=number))


def _take(entries: list[Entry], known: set[tuple[MediaType | None, int | None]], *, room: int) -> list[Entry]:
    """Return the entries up to the last wanted title, and add their titles to `known`.

    A chart may move between two pages, so a title can come twice. It counts once.
    """
    taken: list[Entry] = []
    for entry in entries:
        if room <= 0:
            break
        taken.append(entry)
        if isinstance(entry, MediaItem) and (key := (entry.media_type, entry.ids.tmdb)) not in known:
            known.add(key)
            room -= 1
    return taken
