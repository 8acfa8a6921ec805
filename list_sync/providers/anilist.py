"""AniList: the anime lists of a user through its GraphQL, without a key; titles and years decide the matching."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.classifier import find_words
from list_sync.api.http.payloads import clean_title, expect_list, expect_object, find_int, find_year
from list_sync.api.sources.addresses import find_path, first_spelling
from list_sync.api.sources.each import read_each
from list_sync.errors import (
    InvalidListId,
    Private,
    ResourceNotFound,
    ServiceError,
    ServiceUnavailable,
    UnexpectedResponse,
)
from list_sync.model.sources import Entry, Page, Unsupported
from list_sync.model.titles import MediaItem, MediaType
from list_sync.providers import FetchContext, register_provider

SERVICE = "anilist"
# The most entries that AniList gives at once (docs.anilist.co, MediaListCollection.perChunk).
CHUNK_SIZE = 500
# AniList's word for a list in its addresses -> MediaListStatus of its schema.
STATUSES = {
    "planning": "PLANNING",
    "watching": "CURRENT",
    "current": "CURRENT",
    "completed": "COMPLETED",
    "paused": "PAUSED",
    "dropped": "DROPPED",
    "rewatching": "REPEATING",
}
_FORMS = (
    "write a user name, user/Planning (or Watching, Completed, Paused, Dropped, or a list's own name), or an address"
)
_NAME_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_QUERY = (
    "query ($user: String, $status: MediaListStatus, $chunk: Int, $size: Int) { "
    "MediaListCollection(userName: $user, type: ANIME, status: $status, chunk: $chunk, perChunk: $size) { "
    "hasNextChunk lists { name entries { media { "
    "title { english romaji native } startDate { year } format episodes } } } } }"
)
_SHOWS = frozenset({"TV", "TV_SHORT", "ONA"})
_EITHER = frozenset({"OVA", "SPECIAL"})


@dataclass(frozen=True, slots=True)
class AnilistList:
    """One list of a user: by its status, by its own name, or neither for all of them."""

    user: str
    status: str | None = "PLANNING"
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """One answer: the entries of each of its lists by name, and whether more follow."""

    lists: Sequence[tuple[str, Sequence[object]]]
    has_more: bool


def parse_list_id(list_id: str) -> AnilistList:
    """Return the list of a spelling; raise InvalidListId naming the accepted forms."""
    path = find_path(list_id, site="anilist.co")
    if path is not None:
        if len(path) < 2 or path[0].lower() != "user":
            raise InvalidListId(f"not the address of a user's list, {_FORMS}")
        path = path[1:]
    else:
        path = tuple(part.strip() for part in list_id.split("/") if part.strip())
        path = path[1:] if len(path) > 1 and path[0].lower() == "user" else path
    if not path or not _NAME_LETTERS.issuperset(path[0]):
        raise InvalidListId(f"not a list of AniList, {_FORMS}")
    user, rest = path[0], [part for part in path[1:] if part.lower() != "animelist"]
    if len(rest) > 1 or any(part.lower() == "mangalist" for part in rest):
        raise InvalidListId(f"only lists of anime can be read, {_FORMS}")
    return _target(user, rest[0] if rest else "planning")


def canonical(list_id: str) -> str:
    """Return the user, with the list after a slash unless it is Planning."""
    target = parse_list_id(list_id)
    status = next((word.capitalize() for word, status in STATUSES.items() if status == target.status), "all")
    return first_spelling(list_id, parse_list_id, (target.user, f"{target.user}/{target.name or status}"))


@register_provider(
    SERVICE,
    base_url="https://graphql.anilist.co",
    route="graphql",
    description="a user's anime lists: user, user/Planning, and their addresses",
    check=parse_list_id,
    canonical=canonical,
    spellings=("user", "user/Watching", "https://anilist.co/user/NAME/animelist/Planning"),
    limits="30 requests a minute; one request brings 500 entries",
    terms="free for non-commercial use",
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the entries of a list in chunks, then their number once the last one was seen."""
    target = parse_list_id(list_id)
    names: set[str] = set()
    number, count, has_more = 1, 0, True
    while has_more:
        answer = context.http.post_json(f"{context.base_url}/", list_query(target, number), explain=find_error)
        chunk = parse_chunk(answer)
        names.update(name for name, _ in chunk.lists)
        page = parse_entries(_wanted(chunk, target), after=count)
        # Many chunks may hold no entry of a list of the user's own.
        if page.entries:
            yield page
        count += page.entries
        has_more, number = chunk.has_more, number + 1
        if has_more and not any(entries for _, entries in chunk.lists):
            raise UnexpectedResponse(SERVICE, "an empty chunk that says that more follows")
    if target.name and not any(_is_named(name, target.name) for name in names):
        raise ResourceNotFound(SERVICE, f'not found: no list "{target.name}", there are {", ".join(sorted(names))}')
    yield Page((), total=count)


def list_query(target: AnilistList, chunk: int) -> Mapping[str, object]:
    """Return the question for one chunk of a list."""
    variables: dict[str, object] = {"user": target.user, "chunk": chunk, "size": CHUNK_SIZE}
    if target.status:
        variables["status"] = target.status
    return {"query": _QUERY, "variables": variables}


def _target(user: str, word: str) -> AnilistList:
    if word.lower() in STATUSES:
        return AnilistList(user, STATUSES[word.lower()])
    return AnilistList(user, None) if word.lower() == "all" else AnilistList(user, None, word)


def _wanted(chunk: Chunk, target: AnilistList) -> list[object]:
    return [
        entry
        for name, entries in chunk.lists
        for entry in entries
        if target.name is None or _is_named(name, target.name)
    ]


def _is_named(name: str, wanted: str) -> bool:
    return name.casefold() == wanted.casefold()


def find_error(answer: HttpAnswer) -> ServiceError | None:
    """Return the error in an answer of AniList, which may also come with HTTP 200."""
    if answer.status == 429 or answer.status >= 500 or b'"errors"' not in answer.content[:10_000]:
        return None
    words = find_words(answer)
    lower = words.lower()
    if "disabled" in lower:
        # Seen in August 2026: the whole API was switched off for days, and each call was answered like this.
        return ServiceUnavailable(SERVICE, f"AniList switched its API off for now, it is tried again: {words}")
    if "private" in lower:
        return Private(SERVICE, f"private: its owner can make the list public in AniList's settings: {words}")
    if answer.status == 404 or "not found" in lower:
        return ResourceNotFound(SERVICE, "user not found: check the spelling")
    if answer.status in (401, 403):
        return None
    return UnexpectedResponse(SERVICE, f"an error in place of the list: {words or 'without words'}")


def parse_chunk(answer: HttpAnswer) -> Chunk:
    """Read one answer; raise UnexpectedResponse if it holds no lists."""
    document = expect_object(answer.json(), service=SERVICE, what="an answer")
    if document.get("errors"):
        raise UnexpectedResponse(SERVICE, f"an error beside the list: {find_words(answer) or 'without words'}")
    data = expect_object(document.get("data"), service=SERVICE, what="the data")
    collection = expect_object(data.get("MediaListCollection"), service=SERVICE, what="the lists of a user")
    lists = []
    for entry in expect_list(collection.get("lists"), service=SERVICE, what="the lists"):
        group = expect_object(entry, service=SERVICE, what="a list")
        entries = expect_list(group.get("entries"), service=SERVICE, what="the entries")
        lists.append((clean_title(group.get("name")), entries))
    has_more = collection.get("hasNextChunk")
    if not isinstance(has_more, bool):
        raise UnexpectedResponse(SERVICE, "an answer that does not say whether more follows")
    return Chunk(lists, has_more=has_more)


def parse_entries(entries: Sequence[object], *, after: int = 0) -> Page:
    """Return what the entries are."""
    return Page.of(read_each(entries, parse_entry, after=after))


def parse_entry(entry: object) -> Entry:
    """Return what an entry is; raise UnexpectedResponse where it holds no anime."""
    holder = expect_object(entry, service=SERVICE, what="an entry")
    return parse_media(expect_object(holder.get("media"), service=SERVICE, what="an anime"))


def parse_media(media: Mapping[str, object]) -> Entry:
    """Return a film, a show or a music video; the ids of AniList are of no use to the server."""
    titles = expect_object(media.get("title"), service=SERVICE, what="the titles of an anime")
    names = [clean_title(titles.get(language)) for language in ("english", "romaji", "native")]
    title, *others = dict.fromkeys(filter(None, names)) or ("",)
    kind = clean_title(media.get("format"))
    if kind == "MUSIC":
        return Unsupported("music video")
    if not title:
        raise UnexpectedResponse(SERVICE, "an anime without a title")
    started = media.get("startDate")
    year = find_year(started.get("year")) if isinstance(started, Mapping) else None
    return MediaItem(title, _media_type(kind, find_int(media.get("episodes"))), year, other_titles=tuple(others))


def _media_type(kind: str, episodes: int | None) -> MediaType | None:
    if kind == "MOVIE":
        return MediaType.MOVIE
    # TMDB lists a single OVA or special as a film about as often as a show.
    is_show = kind in _SHOWS or (kind in _EITHER and episodes is not None and episodes > 1)
    return MediaType.TV if is_show else None
