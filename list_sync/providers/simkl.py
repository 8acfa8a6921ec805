"""SIMKL: the lists of the token's owner (Plan to Watch and others), read only if something changed."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.classifier import json_object
from list_sync.api.http.payloads import clean_title, expect_list, expect_object, find_count, find_year
from list_sync.api.logins.simkl import BASE_URL, CLIENT_ID, CLIENT_ID_ADVICE
from list_sync.api.sources.addresses import find_path, first_spelling
from list_sync.api.sources.each import find_items, read_each, read_ids, to_text
from list_sync.errors import AuthenticationFailed, InvalidListId, ServiceError, UnexpectedResponse
from list_sync.model.sources import Entry, Page, Unsupported
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import FetchContext, register_provider
from list_sync.version import __version__

SERVICE = "simkl"
USER_TOKEN = "SIMKL_USER_TOKEN"  # noqa: S105 (a name)
_FORMS = "write plantowatch, movies, shows or anime, or one with a status, as in shows/watching"
# SIMKL's word for a kind in its paths -> the same in /sync/activities.
KINDS = {"movies": "movies", "shows": "tv_shows", "anime": "anime"}
_KIND_WORDS = {
    "movies": "movies",
    "movie": "movies",
    "shows": "shows",
    "show": "shows",
    "tv": "shows",
    "anime": "anime",
}
_NOT_OF_FILMS = ("watching", "hold")
_STATUS_WORDS = {
    "plantowatch": "plantowatch",
    "watchlist": "plantowatch",
    "watching": "watching",
    "completed": "completed",
    "hold": "hold",
    "onhold": "hold",
    "dropped": "dropped",
}


@dataclass(frozen=True, slots=True)
class SimklList:
    """One list of the token's owner: a status, in one kind or in all three."""

    kinds: tuple[str, ...]
    status: str


def parse_list_id(list_id: str) -> SimklList:
    """Return the list of a spelling; raise InvalidListId naming the accepted forms."""
    path = find_path(list_id, site="simkl.com")
    text = list_id if path is None else "/".join(path)
    words = [word for word in text.lower().replace(":", "/").replace(" ", "").split("/") if word]
    if path is not None:
        words = [word for word in words if not word.isdigit() and word not in ("list", "lists")]
    words = [word.replace("-", "") for word in words]
    kinds = [_KIND_WORDS[word] for word in words if word in _KIND_WORDS]
    statuses = [_STATUS_WORDS[word] for word in words if word in _STATUS_WORDS]
    is_read = len(kinds) + len(statuses) == len(words) and len(kinds) < 2 and len(statuses) < 2
    if not words or not is_read:
        raise InvalidListId(f"only the lists of the token's owner can be read: {_FORMS}")
    status = statuses[0] if statuses else "plantowatch"
    if status in _NOT_OF_FILMS and kinds == ["movies"]:
        raise InvalidListId(f"films are never {status} at SIMKL: {_FORMS}")
    every = [kind for kind in KINDS if kind != "movies" or status not in _NOT_OF_FILMS]
    return SimklList(tuple(kinds or every), status)


def canonical(list_id: str) -> str:
    """Return the shortest spelling of a status, of a kind, or of both."""
    target = parse_list_id(list_id)
    kind = target.kinds[0]
    return first_spelling(list_id, parse_list_id, (target.status, kind, f"{kind}/{target.status}"))


@register_provider(
    SERVICE,
    base_url=BASE_URL,
    credentials=(CLIENT_ID, USER_TOKEN),
    description="your own lists: plantowatch, movies, shows, anime, shows/watching",
    check=parse_list_id,
    canonical=canonical,
    is_private=lambda _list_id: True,
    spellings=("plantowatch", "movies", "shows/watching", "https://simkl.com/12345/anime/plantowatch"),
    limits="no number stated; a list is read only if it changed",
    terms="apps that read whole libraries on a timer are blocked; SIMKL asks for a link to simkl.com",
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield one page a kind, then the number of all entries."""
    target = parse_list_id(list_id)
    changes = parse_activities(_ask(context, "sync/activities"))
    count = 0
    for kind in target.kinds:
        page = _read(context, kind, target.status, changes[kind])
        yield page
        count += page.entries
    yield Page((), total=count)


def _read(context: FetchContext, kind: str, status: str, changed_at: str) -> Page:
    # SIMKL blocks apps that read whole libraries on a timer (api.simkl.org, "Get all items").
    account = hashlib.sha256(context.require(USER_TOKEN, "").encode()).hexdigest()[:16]
    key = f"{account}/{kind}/{status}"
    stamp, _, text = ((context.memory.find(key) if context.memory else None) or "").partition(" ")
    known = _find_page(text)
    if known is not None and changed_at and stamp == changed_at:
        return known
    page = parse_items(_ask(context, f"sync/all-items/{kind}/{status}"), kind)
    # An entry that was not understood is asked for again: a newer version may understand it.
    if context.memory and changed_at and not page.not_understood:
        context.memory.keep(key, f"{changed_at} {to_text(page.items)}\n{json.dumps(page.unsupported_kinds)}")
    return page


def _find_page(text: str) -> Page | None:
    """Return the page in a stored text; None for that of a version that left out what cannot be requested."""
    titles, newline, unsupported = text.partition("\n")
    items, kinds = find_items(titles), json_object(unsupported)
    counts = {kind: count for kind, number in kinds.items() if (count := find_count(number))}
    if items is None or not newline:
        return None
    return Page(items, unsupported=sum(counts.values()), unsupported_kinds=counts)


def _ask(context: FetchContext, path: str) -> object:
    client_id = context.require(CLIENT_ID, CLIENT_ID_ADVICE)
    token = context.require(USER_TOKEN, "log in with `list-sync login simkl`")
    params = {"client_id": client_id, "app-name": "listsync", "app-version": __version__}
    headers = {"Authorization": f"Bearer {token}"}
    return context.http.get_json(f"{context.base_url}/{path}", params=params, headers=headers, explain=find_error)


def find_error(answer: HttpAnswer) -> ServiceError | None:
    """Return the error for a status, naming the setting; None if the status has its usual meaning."""
    if answer.status == 401:
        return AuthenticationFailed(
            SERVICE, f"{USER_TOKEN} was refused, log in again with `list-sync login simkl` (HTTP 401)"
        )
    if answer.status in (403, 412) and not answer.is_html:
        return AuthenticationFailed(SERVICE, f"{CLIENT_ID} was refused, copy it again (HTTP {answer.status})")
    return None


def parse_activities(document: object) -> Mapping[str, str]:
    """Return when each kind changed last, without kinds that never changed."""
    activities = expect_object(document, service=SERVICE, what="the times of the last changes")
    times = {
        kind: expect_object(activities.get(name), service=SERVICE, what=f"the last changes of {kind}")
        for kind, name in KINDS.items()
    }
    return {kind: clean_title(changes.get("all")) for kind, changes in times.items()}


def parse_items(document: object, kind: str) -> Page:
    """Return the entries of one kind."""
    # SIMKL answers null in place of a list that is empty (api.simkl.org/conventions/null-values).
    if document is None:
        return Page(())
    answer = expect_object(document, service=SERVICE, what="a list")
    if kind not in answer:
        raise UnexpectedResponse(SERVICE, f"an answer without {kind}")
    entries = [] if answer[kind] is None else expect_list(answer[kind], service=SERVICE, what=f"a list of {kind}")
    return Page.of(read_each(entries, lambda entry: parse_entry(entry, kind)))


def parse_entry(entry: object, kind: str) -> Entry:
    """Return a film, a show or a music video; raise UnexpectedResponse for anything else."""
    holder = expect_object(entry, service=SERVICE, what="an entry")
    name = "movie" if kind == "movies" else "show"
    subject = expect_object(holder.get(name) or holder.get("anime"), service=SERVICE, what=f"a {name}")
    form = str(holder.get("anime_type") or "").lower()
    media_type = MediaType.MOVIE if kind == "movies" or form == "movie" else MediaType.TV
    title, year = clean_title(subject.get("title")), find_year(subject.get("year"))
    ids = read_ids(subject.get("ids"), media_type)
    if form == "music video":
        return Unsupported(form)
    if form in ("ova", "special"):
        # Either may be a film at TMDB, where films and shows share their numbers.
        return MediaItem(title, None, year, MediaIds(imdb=ids.imdb))
    return MediaItem(title, media_type, year, ids)
