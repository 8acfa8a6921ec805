"""Reading Letterboxd one page at a time: the meaning of its refusals, and the pages of single films."""

import logging
import threading
from urllib.parse import quote, urlsplit

from list_sync.api.http.classifier import classify
from list_sync.api.http.client import HttpAnswer
from list_sync.errors import Blocked, InvalidListId, Private, ResourceNotFound, ServiceError, UnexpectedResponse
from list_sync.model.titles import MediaItem
from list_sync.providers import FetchContext
from list_sync.providers.letterboxd.films import from_text, parse_film, to_item, to_text
from list_sync.providers.letterboxd.pages import SERVICE, Poster
from list_sync.providers.letterboxd.spellings import Kind, LetterboxdList, find_target

logger = logging.getLogger(__name__)

SHORT_LINKS = "https://boxd.it"
FILM_PAGES_PER_READING = 50
ADVICE = (
    "put your own export from letterboxd.com/settings/data into the drop folder (DATA_DIR/drop), "
    "or add the list as an external list at mdblist.com and set MDBLIST_API_KEY"
)
_FILTER_WORDS = (b"cloudflare", b"Cloudflare", b"cf-error", b"Access denied", b"challenge-platform", b"rate limited")
# One page at a time for all lists together, because this is a web site for people and not an API.
_turn = threading.Lock()


def visit(context: FetchContext, path: str) -> HttpAnswer:
    """Return the page at `path`, after a pause; raise an error with advice."""
    with _turn:
        try:
            answer = context.http.get(
                f"{context.base_url}{path}", headers={"Accept": "text/html"}, explain=explain_refusal
            )
        except Blocked as error:
            raise advised(error) from error
        context.http.pause(context.pace_seconds)
    return answer


def advised(error: Blocked) -> Blocked:
    """Return the error with advice for the user."""
    return Blocked(error.service, f"{error.message}: {ADVICE}", retry_after=error.retry_after)


def explain_refusal(answer: HttpAnswer) -> ServiceError | None:
    """Tell private pages from filters, which both answer 403."""
    is_filter = any(word in answer.content[:100_000] for word in _FILTER_WORDS)
    if answer.status == 426 or (answer.status == 403 and is_filter):
        return Blocked(answer.service, f"blocked: a filter answered in place of Letterboxd (HTTP {answer.status})")
    if answer.status == 403:
        return Private(answer.service, f"private, only its owner may see it (HTTP 403): make it public, or {ADVICE}")
    return None


def find_known(target: LetterboxdList, context: FetchContext) -> LetterboxdList:
    """Return the list of a boxd.it link if an earlier run found it, else the argument."""
    known = context.memory.find(f"boxd.it/{target.slug}") if target.kind is Kind.SHORT and context.memory else None
    found = find_target(_parts(known)) if known else None
    return found or target


def resolve_short_link(target: LetterboxdList, context: FetchContext) -> LetterboxdList:
    """Return the list of a boxd.it link, with one request if it is not known yet."""
    known = find_known(target, context)
    if known is not target:
        return known
    path = _ask_short_link(target, context)
    found = find_target(_parts(path))
    if found is None:
        raise InvalidListId(f"the boxd.it link leads to {path[:100]}, which is no list of films")
    if context.memory:
        context.memory.keep(f"boxd.it/{target.slug}", found.path)
    return found


def _parts(path: str) -> list[str]:
    return [part for part in path.lower().split("/") if part]


def _ask_short_link(target: LetterboxdList, context: FetchContext) -> str:
    url = f"{context.address(SHORT_LINKS)}{target.path}"
    answer = context.http.send("GET", url, retry=True, allow_redirects=False)
    place = answer.headers.get("Location", "")
    if 300 <= answer.status < 400 and place:
        return path_of(place, context)
    error = classify(answer, is_json_due=False, explain=explain_refusal)
    if isinstance(error, Blocked):
        raise advised(error)
    raise error or UnexpectedResponse(SERVICE, "the boxd.it link leads nowhere")


def path_of(url: str, context: FetchContext) -> str:
    """Return the path of an address on the site, without the path of the user's LETTERBOXD_BASE_URL."""
    try:
        path = urlsplit(url).path
    except ValueError as error:
        raise UnexpectedResponse(SERVICE, "a redirect to an address that cannot be read") from error
    prefix = urlsplit(context.base_url).path.rstrip("/")
    return path.removeprefix(prefix) if prefix and path.startswith(f"{prefix}/") else path


class FilmPages:
    """The pages of single films: opened only if title and year do not decide, and only a few in each run."""

    def __init__(self, context: FetchContext, *, most: int = FILM_PAGES_PER_READING) -> None:
        self._context = context
        self._left = most
        self.waiting = 0

    def item_of(self, poster: Poster) -> MediaItem:
        """Return the entry of a list, with the ids of its film's page if it is known or was opened."""
        film = self._find(poster.slug) if poster.slug else None
        item = to_item(poster, film)
        if film is not None or not poster.slug or not self._is_needed(item):
            return item
        if not self._left:
            self.waiting += 1
            return item
        return to_item(poster, self._open(poster.slug))

    def report(self, list_id: str) -> None:
        """Log how many films of the list wait for the next run."""
        if self.waiting:
            logger.info("letterboxd:%s: %d films whose pages are opened in later runs", list_id, self.waiting)

    def _find(self, slug: str) -> MediaItem | None:
        memory = self._context.memory
        text = memory.find(f"film/{slug}") if memory else None
        return from_text(text) if text else None

    def _is_needed(self, item: MediaItem) -> bool:
        memory = self._context.memory
        return item.year is None or (memory is not None and memory.is_undecided(item))

    def _open(self, slug: str) -> MediaItem | None:
        self._left -= 1
        try:
            film = parse_film(visit(self._context, f"/film/{quote(slug, safe='')}/").content)
        except (ResourceNotFound, UnexpectedResponse) as error:
            logger.debug("letterboxd: the page of %s tells nothing: %s", slug, error)
            return None
        except ServiceError as error:
            # The list itself was read; its films are tried in the next run.
            logger.warning("letterboxd: no more pages of films in this run: %s", error.message)
            self._left = 0
            return None
        if film.ids and self._context.memory:
            self._context.memory.keep(f"film/{slug}", to_text(film))
        return film
