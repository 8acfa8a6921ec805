"""JSON lists: arrays of objects in ListSync's, Radarr's, Sonarr's, MDBList's or Trakt's shape, or of plain ids."""

import json
from collections.abc import Mapping, Sequence

from list_sync.api.exports.entries import (
    SERVICE,
    build_page,
    parse_entry,
    require_known_keys,
    split_year,
)
from list_sync.api.exports.kinds import find_media_type, plain_key
from list_sync.api.exports.text_lists import parse_id
from list_sync.api.payloads import expect_list
from list_sync.errors import UnexpectedResponse
from list_sync.model.sources import Entry, NotUnderstood, Page
from list_sync.model.titles import MediaType

_KINDS_BY_ARRAY = {"movies": "movie", "shows": "show"}
_KINDS_BY_WRAPPER = ("movie", "show")


def parse_json(text: str) -> Page:
    """Return the list in a JSON document; raise UnexpectedResponse saying where it breaks or what it is instead."""
    try:
        document: object = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        what = error.msg.removesuffix(" starting at")
        raise UnexpectedResponse(SERVICE, f"not whole JSON: {what} at {place}, save it again") from error
    except (ValueError, RecursionError) as error:
        raise UnexpectedResponse(SERVICE, "JSON that cannot be read: nested too deep, or a number too long") from error
    entries = find_entries(document)
    if not any(isinstance(entry, str) for entry in entries):
        require_known_keys([entry for entry in entries if isinstance(entry, Mapping)], count=len(entries))
    return build_page([parse_json_entry(entry, f"entry {number}") for number, entry in enumerate(entries, 1)])


def find_entries(document: object) -> Sequence[object]:
    """Return the entries of a document, keys made plain: those of an array, of `items`, or of `movies` and `shows`."""
    if not isinstance(document, dict):
        return [_with_plain_keys(entry, "") for entry in expect_list(document, service=SERVICE, what="a list")]
    if isinstance(document.get("items"), list):
        return [_with_plain_keys(entry, "") for entry in document["items"]]
    arrays = [name for name in _KINDS_BY_ARRAY if isinstance(document.get(name), list)]
    if not arrays:
        expect_list(document, service=SERVICE, what="a list")
    return [_with_plain_keys(entry, _KINDS_BY_ARRAY[name]) for name in arrays for entry in document[name]]


def _with_plain_keys(entry: object, default_kind: str) -> object:
    if not isinstance(entry, Mapping):
        return entry
    for wrapper in _KINDS_BY_WRAPPER:
        inner = entry.get(wrapper)
        if isinstance(inner, Mapping):
            # Trakt's export: {"type": "movie", "movie": {…}}; a season or an episode stands beside its show.
            kind = entry.get("type") or wrapper
            return {plain_key(key): value for key, value in inner.items()} | {"mediatype": kind}
    plain = {plain_key(key): value for key, value in entry.items()}
    if isinstance(plain.get("guids"), list):
        return {**plain, **_of_guids(plain)}
    # MDBList's shape, known by these very spellings, keeps the TMDB number in `id` where no `tmdb_id` or `ids` is.
    if {"id", "mediatype", "release_year"} <= entry.keys() and not {"tmdb_id", "ids"} & entry.keys():
        plain["tmdbid"] = entry["id"]
    return {"mediatype": default_kind} | plain if default_kind else plain


def _of_guids(entry: Mapping[str, object]) -> Mapping[str, object]:
    """Return what an entry of Plex's feed says in its own way: `guids`, its kind as `category`, the year in the title.

    TVDB has numbers of its own for films; nobody looks for those.
    """
    guids = entry.get("guids")
    texts = [guid for guid in guids if isinstance(guid, str)] if isinstance(guids, list) else []
    ids = {scheme.lower(): number for scheme, _, number in (text.partition("://") for text in texts)}
    title, year = split_year(entry.get("title"))
    kind = entry.get("category") or entry.get("mediatype")
    if find_media_type(plain_key(kind)) is not MediaType.TV:
        ids.pop("tvdb", None)
    return {"title": title, "year": entry.get("year") or year, "mediatype": kind, "ids": ids}


def parse_json_entry(entry: object, place: str) -> Entry:
    """Return what an entry is: an object with plain keys, or an id as text."""
    if isinstance(entry, str):
        return parse_id(entry) or NotUnderstood(place, "a text that is no id")
    return parse_entry(entry, place) if isinstance(entry, Mapping) else NotUnderstood(place, "no object")
