"""IMDb lists: every spelling that a user may write, and the GraphQL query for each.

The queries are plain text, because IMDb changes its persisted hashes every few months.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from list_sync.api.sources.addresses import find_parts
from list_sync.errors import InvalidListId

# IMDb gives at most 250 entries a page, also for a larger `first`.
PAGE_SIZE = 250

# The chart's name here and in the address bar -> ChartTitleType of IMDb's schema.
CHARTS = {
    "top": "TOP_RATED_MOVIES",
    "toptv": "TOP_RATED_TV_SHOWS",
    "moviemeter": "MOST_POPULAR_MOVIES",
    "tvmeter": "MOST_POPULAR_TV_SHOWS",
    "bottom": "LOWEST_RATED_MOVIES",
    "top-english-movies": "TOP_RATED_ENGLISH_MOVIES",
    "top-rated-english-movies": "TOP_RATED_ENGLISH_MOVIES",
    "top-rated-indian-movies": "TOP_RATED_INDIAN_MOVIES",
    "top-rated-tamil-movies": "TOP_RATED_TAMIL_MOVIES",
    "top-rated-telugu-movies": "TOP_RATED_TELUGU_MOVIES",
    "top-rated-malayalam-movies": "TOP_RATED_MALAYALAM_MOVIES",
}
BOX_OFFICE = "boxoffice"
ACCEPTED = (
    "use ls…, ur…, p.…, a chart (top, toptv, moviemeter, tvmeter, bottom, boxoffice) "
    "or the address of a list, watchlist or chart on imdb.com"
)
_HINTS = {
    "popular": "IMDb's popular titles are the charts moviemeter (films) and tvmeter (shows)",
    "watchlist": 'your own watchlist is written with your id, as in "ur1234567" or "p.abc123"',
    "ratings": "ratings cannot be read; put the titles on a list and use its ls… id",
    "lists": "open one of the lists and use its ls… id",
    "search": "searches cannot be read; put the titles on a list and use its ls… id",
    "title": "this is a single title; put it on a list and use the list's ls… id",
    "name": "this is a person; put the titles on a list and use its ls… id",
}

_LOCALE = re.compile(r"[a-z]{2}(?:-[a-z]{2,4})?")
_LIST = re.compile(r"ls[0-9]{4,15}")
_USER = re.compile(r"ur[0-9]{4,15}")
_PROFILE = re.compile(r"p\.[A-Za-z0-9_-]{1,100}")

_TITLE = "id titleText { text } titleType { id } releaseYear { year }"
_ENTRIES = (
    "titleListItemSearch(first: $first, after: $after, sort: {by: LIST_ORDER, order: ASC}) "
    f"{{ total pageInfo {{ hasNextPage endCursor }} edges {{ node {{ createdDate }} title {{ {_TITLE} }} }} }}"
)
_LIST_QUERY = f"query List($id: ID!, $first: Int!, $after: String) {{ list(id: $id) {{ id {_ENTRIES} }} }}"
_WATCHLIST_QUERY = (
    "query Watchlist($id: ID!, $first: Int!, $after: String) "
    f"{{ predefinedList(classType: WATCH_LIST, userId: $id) {{ id {_ENTRIES} }} }}"
)
_PROFILE_QUERY = "query Profile($id: ID!) { userProfile(input: {profileId: $id}) { userId } }"
_BOX_OFFICE_QUERY = f"query BoxOffice {{ boxOfficeWeekendChart(limit: 50) {{ entries {{ title {{ {_TITLE} }} }} }} }}"


class Kind(StrEnum):
    """The kinds of lists: a list, a watchlist by user or by profile, a chart, the box office."""

    LIST = "list"
    WATCHLIST = "watchlist"
    PROFILE = "profile"
    CHART = "chart"
    BOX_OFFICE = "box office"


@dataclass(frozen=True, slots=True)
class ImdbList:
    """One list of IMDb: its kind, and its id or chart name in IMDb's own spelling."""

    kind: Kind
    id: str


def parse_list_id(list_id: str) -> ImdbList:
    """Return the list of a spelling; raise InvalidListId with the accepted forms."""
    segments = _path_segments(list_id)
    match [segment.lower() for segment in segments]:
        case ["list", ref, *_] | [ref] if _LIST.fullmatch(ref):
            return ImdbList(Kind.LIST, ref)
        case ["user", ref] | ["user", ref, "watchlist", *_] | [ref] | [ref, "watchlist"] if _USER.fullmatch(ref):
            return ImdbList(Kind.WATCHLIST, ref)
        case ["user", _] | ["user", _, "watchlist", *_] | [_] | [_, "watchlist"] if _profile_id(segments):
            return ImdbList(Kind.PROFILE, _profile_id(segments))
        case ["chart" | "india", name, *_] | [name] if name == BOX_OFFICE:
            return ImdbList(Kind.BOX_OFFICE, name)
        case ["chart" | "india", name, *_] | [name] if name in CHARTS:
            return ImdbList(Kind.CHART, name)
    raise _refusal(segments)


def _path_segments(list_id: str) -> list[str]:
    segments = list(find_parts(list_id, site="imdb.com", prefix="imdb"))
    # Addresses may begin with the reader's language: /de/list/…, /es-es/chart/…
    return segments[1:] if len(segments) > 1 and _LOCALE.fullmatch(segments[0].lower()) else segments


def _profile_id(segments: list[str]) -> str:
    """Return the p.… id in the first two parts; unlike other ids, it is case-sensitive."""
    return next((segment for segment in segments[:2] if _PROFILE.fullmatch(segment)), "")


def _refusal(segments: list[str]) -> InvalidListId:
    words = {segment.lower() for segment in segments}
    hints = (hint for word, hint in _HINTS.items() if word in words)
    return InvalidListId(f"not a list of IMDb: {next(hints, ACCEPTED)}")


def list_query(target: ImdbList, cursor: str | None) -> Mapping[str, object]:
    """Return the query for one page of a list or watchlist, from `cursor` on."""
    query = _LIST_QUERY if target.kind is Kind.LIST else _WATCHLIST_QUERY
    return {"query": query, "variables": {"id": target.id, "first": PAGE_SIZE, "after": cursor}}


def profile_query(profile_id: str) -> Mapping[str, object]:
    """Return the query for the ur… id of a p.… id; watchlists accept only the former."""
    return {"query": _PROFILE_QUERY, "variables": {"id": profile_id}}


def chart_query(target: ImdbList) -> Mapping[str, object]:
    """Return the query for a whole chart."""
    if target.kind is Kind.BOX_OFFICE:
        return {"query": _BOX_OFFICE_QUERY}
    chart = f"chartTitles(chart: {{chartType: {CHARTS[target.id]}}}, first: {PAGE_SIZE})"
    return {"query": f"query Chart {{ {chart} {{ total edges {{ currentRank node {{ {_TITLE} }} }} }} }}"}
