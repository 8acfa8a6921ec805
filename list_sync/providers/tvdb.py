"""TheTVDB: lists through its API v4; shows by their number, films by the ids that TheTVDB knows of them."""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote
from weakref import WeakKeyDictionary

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.client import HttpClient
from list_sync.api.http.payloads import (
    clean_title,
    expect_list,
    expect_object,
    expect_text,
    find_imdb_id,
    find_positive_int,
    find_year,
)
from list_sync.api.saved_lists.json_shapes import find_ids
from list_sync.api.sources.addresses import find_path
from list_sync.api.sources.each import find_items, to_text
from list_sync.errors import AuthenticationFailed, InvalidListId, ResourceNotFound, ServiceError
from list_sync.model.sources import Entry, NotUnderstood, Page, Unsupported
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import FetchContext, register_provider

SERVICE = "tvdb"
KEY, PIN = "TVDB_KEY", "TVDB_PIN"
_FORMS = "write the number or the name of a list, or its address on thetvdb.com"
_KEY_ADVICE = "make one at https://thetvdb.com/dashboard/account/apikeys"
# Films are looked up one by one; after a failure, the full batches of this size are kept.
BATCH_SIZE = 50


def parse_list_id(list_id: str) -> str:
    """Return the number or name of the list of a spelling; raise InvalidListId naming the accepted forms."""
    path = find_path(list_id, site="thetvdb.com")
    parts = path if path is not None else tuple(part.strip() for part in list_id.split("/") if part.strip())
    if len(parts) == 2 and parts[0].lower() in ("lists", "list"):
        parts = parts[1:]
    elif path is not None or "favorites" in parts:
        raise InvalidListId(f"only lists can be read, not favourites or single titles: {_FORMS}")
    name = parts[0] if len(parts) == 1 else ""
    if not name.isascii() or not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise InvalidListId(f"not a list of TheTVDB, {_FORMS}")
    return name


@register_provider(
    SERVICE,
    base_url="https://api4.thetvdb.com/v4",
    credentials=(KEY,),
    optional_credentials=(PIN,),
    description="lists: their numbers, names and addresses",
    check=parse_list_id,
    canonical=parse_list_id,
    spellings=("8194", "marvel-cinematic-universe", "https://thetvdb.com/lists/marvel-cinematic-universe"),
    limits="no number stated; one request a film, asked for once",
    terms="a key of your own is needed, with attribution to TheTVDB",
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the entries of a list in batches, in its own order."""
    number = find_list_number(parse_list_id(list_id), context)
    entities = parse_list(fetch_data(context, f"lists/{number}/extended"))
    for start in range(0, len(entities), BATCH_SIZE):
        batch = entities[start : start + BATCH_SIZE]
        entries = [_item(entity, context, f"entry {start + place}") for place, entity in enumerate(batch, 1)]
        yield Page.of(entries, total=len(entities))
    yield Page((), total=len(entities))


def find_list_number(name: str, context: FetchContext) -> int:
    """Return the number of a list; for a name, ask TheTVDB."""
    if name.isdigit():
        return int(name)
    data = fetch_data(context, f"lists/slug/{quote(name, safe='')}")
    number = find_positive_int(data.get("id"))
    if number is None:
        raise ResourceNotFound(SERVICE, "not found, check the name of the list")
    return number


_tokens: WeakKeyDictionary[HttpClient, dict[tuple[str, ...], str]] = WeakKeyDictionary()


def fetch_data(context: FetchContext, path: str) -> Mapping[str, object]:
    """Return the data of a document; a token is asked for once, and again when it is refused."""
    known = _tokens.setdefault(context.http, {})
    login = (context.base_url, context.require(KEY, _KEY_ADVICE), context.credentials.get(PIN, ""))
    token = known.get(login)
    is_fresh = token is None
    if token is None:
        token = known[login] = fetch_token(context)
    try:
        return _ask(context, path, token)
    except AuthenticationFailed:
        # Another list may have asked for a new token meanwhile.
        if known.get(login) == token:
            known.pop(login, None)
        if is_fresh:
            raise
    return fetch_data(context, path)


def fetch_token(context: FetchContext) -> str:
    """Return a token for the key, which lasts for about a month."""
    body = {"apikey": context.require(KEY, _KEY_ADVICE)}
    pin = context.credentials.get(PIN, "")
    answer = context.http.post_json(
        f"{context.base_url}/login", body | ({"pin": pin} if pin else {}), explain=explain_status
    )
    return expect_text(parse_data(answer.json()).get("token"), service=SERVICE, what="a token")


def _ask(context: FetchContext, path: str, token: str) -> Mapping[str, object]:
    headers = {"Authorization": f"Bearer {token}"}
    return parse_data(context.http.get_json(f"{context.base_url}/{path}", headers=headers, explain=explain_status))


def explain_status(answer: HttpAnswer) -> ServiceError | None:
    """Return the error for a status; None if the status has its usual meaning."""
    if answer.status == 401 or (answer.status == 403 and not answer.is_html):
        advice = f"{KEY} was refused, {_KEY_ADVICE}; keys that their users pay for need {PIN} as well"
        return AuthenticationFailed(SERVICE, f"{advice} (HTTP {answer.status})")
    if answer.status in (400, 404):
        return ResourceNotFound(SERVICE, f"not found, or private: check the list's name (HTTP {answer.status})")
    return None


def parse_data(document: object) -> Mapping[str, object]:
    """Return the data of an answer; raise UnexpectedResponse if it has none."""
    answer = expect_object(document, service=SERVICE, what="an answer")
    return expect_object(answer.get("data"), service=SERVICE, what="the data")


def parse_list(data: Mapping[str, object]) -> Sequence[object]:
    """Return the entries of a list in its own order."""
    entries = expect_list(data.get("entities"), service=SERVICE, what="the entries of the list")
    return sorted(entries, key=_order)


def _order(entry: object) -> int:
    return (find_positive_int(entry.get("order")) if isinstance(entry, Mapping) else None) or 2**31


def _item(entity: object, context: FetchContext, place: str) -> Entry:
    if not isinstance(entity, Mapping):
        return NotUnderstood(place, "no object")
    show = find_positive_int(entity.get("seriesId"))
    if show is not None:
        return MediaItem("", MediaType.TV, ids=MediaIds(tvdb=show))
    film = find_positive_int(entity.get("movieId"))
    return Unsupported() if film is None else _film(film, context, place)


def _film(number: int, context: FetchContext, place: str) -> Entry:
    # The server can look up shows by their TVDB number, films only by IMDb's and TMDB's.
    key = f"film/{number}"
    known = find_items(context.memory.find(key)) if context.memory else None
    if known:
        return known[0]
    try:
        film = parse_film(fetch_data(context, f"movies/{number}/extended?short=true"))
    except ResourceNotFound:
        return Unsupported("film that TheTVDB no longer has")
    if film is None:
        return NotUnderstood(place, f"film {number} has neither a name nor an id")
    if film.ids and context.memory:
        context.memory.keep(key, to_text([film]))
    return film


def parse_film(data: Mapping[str, object]) -> MediaItem | None:
    """Return a film by its name, its year and the ids that TheTVDB knows of it."""
    # Some sources are listed twice, once without an id (github.com/thetvdb/v4-api, issue 18).
    ids = find_ids({"remoteids": data.get("remoteIds")})
    found = MediaIds(tmdb=find_positive_int(ids.get("tmdb")), imdb=find_imdb_id(ids.get("imdb")))
    title = clean_title(data.get("name"))
    return MediaItem(title, MediaType.MOVIE, find_year(data.get("year")), found) if title or found else None
