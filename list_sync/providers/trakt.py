"""Trakt: lists and watchlists through its API, with the client id of the user's own API app."""

import re
from collections.abc import Iterator
from urllib.parse import quote, unquote

from list_sync.api.saved_lists.find import ROUTE as EXPORT
from list_sync.api.saved_lists.find import Wanted, read_export
from list_sync.api.sources.addresses import find_parts, first_spelling
from list_sync.api.sources.mirror import NEEDS, ROUTE, Mirrored, read_mirror
from list_sync.api.sources.trakt import (
    BASE_URL,
    CLIENT_ID,
    CLIENT_ID_ADVICE,
    CLIENT_SECRET,
    LOGIN_COMMAND,
    parse_entries,
    read_pages,
)
from list_sync.errors import AuthenticationFailed, InvalidListId
from list_sync.model.sources import Page
from list_sync.providers import FetchContext, add_route, register_provider
from list_sync.providers.scripts import Entry, read_for_script

ACCEPTED = (
    "use a list's number, user/list-name, user/watchlist, "
    "me/history, or the address of a list, watchlist, history or favorites page on trakt.tv"
)
_FILE_PREFIX = re.compile(r"^(?:lists-)?(?:list-\d+-|list-)?")
_NUMBER = re.compile(r"[0-9]{1,15}")


def entries_path(list_id: str) -> str:
    """Return the API path of the entries of a list; raise InvalidListId with the accepted forms."""
    match _path_segments(list_id):
        case ["users", user, "lists", name, *_]:
            return _user_list(user, name)
        case ["users", user, "watchlist" | "favorites" | "history" as page, "movies" | "shows" as part]:
            return f"/users/{quote(user, safe='')}/{page}/{part}"
        case ["users", user, "watchlist" | "favorites" | "history" as page, *_]:
            return f"/users/{quote(user, safe='')}/{page}"
        case ["lists", "official", name, *_]:
            # Official lists have no owner: their items are found under the name alone (Kometa issue 1159).
            return f"/lists/{quote(name, safe='')}/items"
        case ["lists", number, *_] | [number] if _NUMBER.fullmatch(number):
            return f"/lists/{number}/items"
        case ["movies" | "shows", *_]:
            raise InvalidListId("a chart, not a list: put it into TRAKT_SPECIAL_LISTS")
        case [user, "watchlist"]:
            return f"/users/{quote(user, safe='')}/watchlist"
        case [user, name] if user not in ("users", "lists"):
            return _user_list(user, name)
    raise InvalidListId(f"not a list of Trakt: {ACCEPTED}")


def canonical(list_id: str) -> str:
    """Return the shortest spelling of the list, watchlist or favorites page."""
    path = entries_path(list_id)
    as_path = path.strip("/").removesuffix("/items")
    return first_spelling(
        list_id, entries_path, (spelling_of(path), as_path, as_path.replace("lists/", "lists/official/"))
    )


@register_provider(
    "trakt",
    base_url=BASE_URL,
    credentials=[CLIENT_ID],
    # Needed by the log-in only.
    optional_credentials=[CLIENT_SECRET],
    description="list number, user/list-name, user/watchlist, me/history, addresses",
    takes_shows=True,
    check=entries_path,
    canonical=canonical,
    is_private=lambda list_id: is_own(entries_path(list_id)),
    terms="free apps ended in July 2026: only VIP members can make the API app that is needed",
    limits="500 requests in 5 minutes; 250 entries a request",
    spellings=(
        "12345",
        "user/list-name",
        "user/watchlist",
        "me/history",
        "https://trakt.tv/users/user/lists/list-name",
    ),
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of the list or watchlist that `list_id` names."""
    path = entries_path(list_id)
    client_id = context.require(CLIENT_ID, CLIENT_ID_ADVICE)
    token = context.token("trakt")
    if token is None and is_own(path):
        raise AuthenticationFailed(
            context.http.service, f'"me" is the user of the log-in, and there is none: {LOGIN_COMMAND}'
        )
    # No filter by type: Trakt counts the whole list, so persons must be counted here too.
    count = 0
    for page in read_pages(context.http, f"{context.base_url}{path}", client_id=client_id, token=token):
        entries = parse_entries(page.entries, service=context.http.service, after=count)
        count += len(entries)
        yield Page.of(entries, total=page.item_count)


def fetch_trakt_list(list_id: str) -> list[Entry]:
    """Return the titles of a list of Trakt, for a script (PUBLIC); raise as `read_for_script` does."""
    return read_for_script("trakt", list_id)


def is_own(path: str) -> bool:
    """Return whether a path belongs to the user of the log-in."""
    return path.startswith("/users/me/")


def is_mirrored(list_id: str) -> bool:
    """Return whether MDBList can follow the list: it takes Trakt's lists and favorites, and no watchlists."""
    path = entries_path(list_id)
    return not is_own(path) and path.split("/")[3:4] not in (["watchlist"], ["history"])


@add_route("trakt", ROUTE, needs=NEEDS, serves=is_mirrored)
def fetch_mirror(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of the list as MDBList mirrors it."""
    path = entries_path(list_id)

    def is_it(text: str) -> bool | None:
        stated = entries_path(text)
        # A number and a name may mean the same list.
        return stated == path if stated.startswith("/lists/") == path.startswith("/lists/") else None

    wanted = Mirrored("trakt", spelling_of(path), names=is_it, titles=titles_of(path))
    yield from read_mirror(context.http, wanted, credentials=context.credentials, base_urls=context.base_urls)


@add_route("trakt", EXPORT, is_cached=False, wanted=lambda one, _: wanted_export(one))
def fetch_export(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the list from the user's own export in the drop folder."""
    yield from read_export(list_id, wanted_export, folder=context.drop_folder, neighbours=context.neighbours)


def wanted_export(list_id: str) -> Wanted:
    """Return how to recognise the export of a list."""
    path = entries_path(list_id)
    owner, names, ids = "", tuple[str, ...](), tuple[str, ...]()
    match [unquote(part) for part in path.split("/") if part]:
        case ["users", owner, "lists", name, "items"]:
            names = (name,)
        case ["users", owner, *pages]:
            names = ("-".join(pages),)
        case ["lists", number, "items"]:
            names, ids = (number,), (f"list-{number}",)

    # A file names its owner, but that may be another user.
    is_anyones = owner == "me"
    owner = "" if is_anyones else owner

    def is_address(address: str) -> bool:
        stated = entries_path(address)
        return (re.sub(r"^/users/[^/]+/", "/users/me/", stated) if is_anyones else stated) == path

    called = "-".join([*names, *([owner] if owner else [])])
    advice = f"export your data on trakt.tv and put the file or the ZIP there as it is, or call the file {called}.json"
    # Trakt's own files are called lists-watchlist.json and lists-list-123-name.json.
    return Wanted("trakt", owner, names, ids, _FILE_PREFIX, is_address, advice, is_anyones)


def spelling_of(path: str) -> str:
    """Return the shortest spelling of the list whose entries are at `path`."""
    return "/".join(unquote(part) for part in path.split("/") if part not in ("", "users", "lists", "items"))


def titles_of(path: str) -> tuple[str, ...]:
    """Return the names that other services may have for the list; nothing if every user has a list of that name."""
    match [unquote(part) for part in path.split("/") if part]:
        case ["users", _, "lists", name, "items"]:
            return (name,)
    return ()


def _path_segments(list_id: str) -> list[str]:
    segments = list(find_parts(list_id, site="trakt.tv", prefix="trakt"))
    # Of other users, this is the name of a list.
    segments = ["users", *segments] if segments[:2] == ["me", "history"] else segments
    return [] if any(_is_no_name(segment) for segment in segments) else segments


def _is_no_name(segment: str) -> bool:
    """Return whether a part of the path cannot be a name: empty, only dots, or with blanks inside."""
    return segment.strip(".") == "" or len(segment) > 200 or any(not c.isprintable() or c in "/ :" for c in segment)


def _user_list(user: str, name: str) -> str:
    return f"/users/{quote(user, safe='')}/lists/{quote(name, safe='')}/items"
