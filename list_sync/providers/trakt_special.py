"""Trakt's charts: trending, popular and the like through its API, cut at TRAKT_SPECIAL_ITEMS_LIMIT."""

from collections.abc import Iterator
from dataclasses import dataclass

from list_sync.api.sources.addresses import find_parts, first_spelling
from list_sync.api.sources.trakt import BASE_URL, CLIENT_ID, CLIENT_ID_ADVICE, TraktPage, parse_entries, read_pages
from list_sync.errors import InvalidListId
from list_sync.model.sources import Page
from list_sync.model.titles import MediaType
from list_sync.providers import FetchContext, register_provider

DEFAULT_LIMIT = 20
BOX_OFFICE = "boxoffice"
PLAIN_KINDS = ("trending", "popular", "anticipated", BOX_OFFICE)
# These are counted over a period; without one, Trakt takes a week.
PERIOD_KINDS = ("watched", "collected", "favorited", "streaming")
PERIODS = ("daily", "weekly", "monthly", "yearly", "all")
ACCEPTED = f"write kind:movies or kind:shows, with kind one of {', '.join((*PLAIN_KINDS, *PERIOD_KINDS))}"

_KEYLESS_ADVICE = "without a key, DISCOVER_LISTS=trending,movies,tv,upcoming gives the charts of your server"
_FOLDERS = {"movies": "movies", "movie": "movies", "shows": "shows", "show": "shows", "tv": "shows"}
# Trakt renamed recommended to favorited.
_OTHER_NAMES = {"box-office": BOX_OFFICE, "box_office": BOX_OFFICE, "recommended": "favorited"}


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of films or shows; `period` is empty for charts that are not counted over one."""

    folder: str
    kind: str
    period: str = ""

    @property
    def path(self) -> str:
        """Return the API path of the chart."""
        return f"/{self.folder}/{self.kind}" + (f"/{self.period}" if self.period else "")

    @property
    def media_type(self) -> MediaType:
        """Return the kind of every entry."""
        return MediaType.MOVIE if self.folder == "movies" else MediaType.TV


def parse_list_id(list_id: str) -> Chart:
    """Return the chart that `list_id` names, by kind and media or by address; raise InvalidListId for any other."""
    words = _words(list_id)
    folders = [_FOLDERS[word] for word in words[:2] if word in _FOLDERS]
    kinds = [_OTHER_NAMES.get(word, word) for word in words[:2] if word not in _FOLDERS]
    if len(folders) != 1 or len(kinds) != 1 or len(words) > 3 or kinds[0] not in (*PLAIN_KINDS, *PERIOD_KINDS):
        raise _refusal(ACCEPTED)
    folder, kind, period = folders[0], kinds[0], words[2] if len(words) == 3 else ""
    if kind == BOX_OFFICE and folder == "shows":
        raise _refusal("the box office knows films only, write boxoffice:movies")
    if period and (kind not in PERIOD_KINDS or period not in PERIODS):
        raise _refusal(f"a period ({', '.join(PERIODS)}) may follow only {', '.join(PERIOD_KINDS)}")
    return Chart(folder, kind, (period or "weekly") if kind in PERIOD_KINDS else "")


def canonical(list_id: str) -> str:
    """Return a chart as kind:media, with its period if that is not a week."""
    chart = parse_list_id(list_id)
    name = f"{chart.kind}:{chart.folder}"
    return first_spelling(list_id, parse_list_id, (name, f"{name}:{chart.period}"))


@register_provider(
    "trakt_special",
    base_url=BASE_URL,
    credentials=[CLIENT_ID],
    description="kind:movies or kind:shows: trending, popular, anticipated, watched, …, addresses",
    limited=True,
    check=parse_list_id,
    canonical=canonical,
    terms="as for trakt",
    limits="as for trakt; TRAKT_SPECIAL_ITEMS_LIMIT entries of each chart",
    spellings=("trending:movies", "popular:shows", "boxoffice:movies", "https://trakt.tv/movies/trending"),
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the first entries of the chart that `list_id` names, as many as `context.limit` says."""
    chart = parse_list_id(list_id)
    client_id = context.require(CLIENT_ID, f"{CLIENT_ID_ADVICE}; {_KEYLESS_ADVICE}")
    limit = DEFAULT_LIMIT if context.limit is None else context.limit
    url = f"{context.base_url}{chart.path}"
    taken = 0
    for page in read_pages(context.http, url, client_id=client_id, token=context.token("trakt"), wanted=limit):
        raw = page.entries[: limit - taken]
        entries = parse_entries(raw, service=context.http.service, bare=chart.media_type, after=taken)
        taken += len(entries)
        yield Page.of(entries, total=wanted_total(chart, page, limit=limit, taken=taken))


def wanted_total(chart: Chart, page: TraktPage, *, limit: int, taken: int) -> int | None:
    """Return the expected number of entries: `limit`, or the whole chart if that is shorter."""
    length = page.item_count
    if length is None and chart.kind == BOX_OFFICE:
        # The box office has one page and states no count, so this is all of it.
        length = len(page.entries)
    if length is None:
        return limit if taken == limit else None
    return min(limit, length)


def _words(list_id: str) -> list[str]:
    """Return the words of `kind:media` or of the path of an address, lower-cased."""
    parts = find_parts(list_id.lower(), site="trakt.tv", prefix="trakt_special|trakt")
    return [word.strip() for part in parts for word in part.split(":") if word.strip()]


def _refusal(advice: str) -> InvalidListId:
    return InvalidListId(f"not a chart of Trakt: {advice}")
