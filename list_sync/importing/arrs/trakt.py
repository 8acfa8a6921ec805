"""Import lists of Trakt: its lists, what its users keep, and its charts."""

import re
from dataclasses import replace
from urllib.parse import quote

from list_sync.config.policy.editing import Stated
from list_sync.importing.arrs.lists import ImportList
from list_sync.importing.arrs.readings import Reading, Source, with_filters
from list_sync.model.genres import GENRES
from list_sync.model.titles import MediaType

_CHARTS = {
    MediaType.MOVIE: (
        *("trending", "popular", "anticipated", "boxoffice"),
        *(f"{kind}:{period}" for kind in ("watched", "favorited") for period in ("weekly", "monthly", "yearly", "all")),
    ),
    MediaType.TV: (
        *("trending", "popular", "anticipated"),
        *(f"{kind}:{period}" for kind in ("watched", "favorited") for period in ("weekly", "monthly", "yearly", "all")),
    ),
}
_TRAKT_GENRES = {
    **{name.lower().replace(" ", "-"): name for name in GENRES.values() if "&" not in name},
    "children": "Kids",
    "talk-show": "Talk",
}


def read_list(one: ImportList, _media_type: MediaType) -> Reading:
    """Return a list of a user."""
    user, name = one.word("username"), one.word("listname")
    # Radarr and Sonarr make the last part of the list's address of its name, as Trakt does.
    slug = re.sub(r"-{2,}", "-", re.sub(r"[^\w-]", "", re.sub(r"\s+", "-", name.lower()), flags=re.ASCII)).strip("-")
    if not user or not slug:
        return "it names no user, or no list of Trakt"
    spelling = f"trakt:users/{quote(user, safe='')}/lists/{slug}"
    return (_trakt_source(one, spelling, "a private list needs list-sync login trakt"),)


def read_user(one: ImportList, media_type: MediaType) -> Reading:
    """Return what a user keeps: the watchlist, or what was watched."""
    user = one.word("username") or one.word("authuser")
    if not user:
        return "it names no user of Trakt"
    part = {0: "watchlist", 1: "history"}.get(one.number("traktlisttype") or 0)
    if part is None:
        return "collections of Trakt cannot be read; a list or the watchlist can"
    kind = "movies" if media_type is MediaType.MOVIE else "shows"
    spelling = f"trakt:users/{quote(user, safe='')}/{part}/{kind}"
    source = _trakt_source(one, spelling, "a private profile needs list-sync login trakt", is_one_kind=True)
    if part == "history" and one.number("traktwatchedlisttype"):
        source = replace(source, left=(*source.left, "choice among watched shows"))
    if part == "watchlist" and (sorting := one.number("traktwatchsorting")):
        # Of Trakt's orders by rank, by day, by title and by release, we have the first two.
        is_added = sorting == 1
        source = (
            replace(source, terms={**source.terms, "order": "added"})
            if is_added
            else replace(source, left=(*source.left, "sorting"))
        )
    return (source,)


def read_popular(one: ImportList, media_type: MediaType) -> Reading:
    """Return a chart."""
    charts, number = _CHARTS[media_type], one.number("traktlisttype")
    if number is None or number >= len(charts):
        return "its chart of Trakt is not known"
    kind, _, period = charts[number].partition(":")
    folder = "movies" if media_type is MediaType.MOVIE else "shows"
    note = "TRAKT_SPECIAL_ITEMS_LIMIT says how many titles of a chart are read"
    name = ":".join(filter(None, (kind, folder, period)))
    return (_trakt_source(one, f"trakt_special:{name}", note, is_one_kind=True),)


def _trakt_source(one: ImportList, spelling: str, note: str, *, is_one_kind: bool = False) -> Source:
    """Return a list of Trakt with the filters that Radarr and Sonarr have for it."""
    terms: Stated = {}
    filters: Stated = {}
    left = []
    if 0 < (limit := one.number("limit") or 0) <= 1_000_000:
        terms["limit"] = str(limit)
    if re.fullmatch(r"(1[89]|2[01])\d\d(-(1[89]|2[01])\d\d)?", years := one.word("years")):
        filters["year"] = years
    genres = [word.strip().lower() for word in one.word("genres").split(",") if word.strip()]
    if genres and _TRAKT_GENRES.keys() >= set(genres):
        filters["genres"] = [_TRAKT_GENRES[genre] for genre in genres]
    elif genres:
        left.append("genres")
    if one.word("rating") not in ("", "0-100"):
        left.append("rating")
    if one.word("certification").upper() not in ("", "NR,G,PG,PG-13,R,NC-17"):
        left.append("certification")
    if one.word("traktadditionalparameters"):
        left.append("additional parameters")
    return Source(spelling, with_filters(terms, filters), (note,), tuple(left), is_one_kind=is_one_kind)
