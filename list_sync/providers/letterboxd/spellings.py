"""Lists of Letterboxd: every spelling that a user may write or copy, and its page (pure)."""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from list_sync.api.sources.addresses import split_path
from list_sync.errors import InvalidListId

ACCEPTED = (
    "use user/list-name, user/watchlist, user/films, user/likes/films, "
    "the address of such a page on letterboxd.com, or its boxd.it link"
)
_HOST = re.compile(r"(?:[a-z0-9-]+\.)*letterboxd\.com(?::[0-9]+)?")
_SHORT_HOST = re.compile(r"(?:www\.)?boxd\.it(?::[0-9]+)?")
_CODE = re.compile(r"[A-Za-z0-9]{2,12}")
_USER = re.compile(r"[a-z0-9_-]{1,50}")
_SLUG = re.compile(r"[a-z0-9_-]{1,200}")
# First parts of addresses that are not members.
_PLACES = frozenset(
    {
        *("actor", "activity", "about", "api-beta", "apps", "cinematography", "composer", "contact", "create-account"),
        *("csi", "crew", "director", "editor", "esi", "film", "films", "gift-guide", "imdb", "invitations", "journal"),
        *("legal", "list", "lists", "member", "members", "news", "people", "pro", "producer", "review", "reviews"),
        *(
            "s",
            "search",
            "settings",
            "sign-in",
            "stories",
            "studio",
            "tmdb",
            "user",
            "welcome",
            "writer",
            "year-in-review",
        ),
    }
)
# Pages of a member that are not lists of films.
_PAGES = frozenset(
    {
        *("activity", "blocked", "diary", "films", "followers", "following", "likes", "list", "lists", "network"),
        *("profile", "reviews", "rss", "stats", "tag", "tags", "watchlist", "year", "reposts", "stories"),
    }
)
# Parts that only change the order or the look of a page.
_VIEWS = frozenset({"detail", "by", "size", "share", "edit", "page"})
# The most specific word first.
_HINTS = {
    "diary": "a diary cannot be read; user/films are the films that the member has seen",
    "likes": "of a member's likes only the films can be read: user/likes/films",
    "film": "this is a single film; put it on a list and use the list's address",
    "lists": "open one of the lists and use its address",
    "films": "charts of all films cannot be read; use a list or a member's own films",
}


class Kind(StrEnum):
    """The kinds of lists."""

    LIST = "list"
    WATCHLIST = "watchlist"
    FILMS = "films"
    LIKES = "likes"
    SHORT = "boxd.it"


@dataclass(frozen=True, slots=True)
class LetterboxdList:
    """One list of Letterboxd: its owner and, for kind LIST, its name; for a short link `slug` is the code."""

    kind: Kind
    user: str
    slug: str = ""

    @property
    def path(self) -> str:
        """Return the path of the first page, with a slash at both ends."""
        match self.kind:
            case Kind.LIST:
                return f"/{quote(self.user, safe='')}/list/{quote(self.slug, safe='')}/"
            case Kind.LIKES:
                return f"/{quote(self.user, safe='')}/likes/films/"
            case Kind.SHORT:
                return f"/{quote(self.slug, safe='')}"
        return f"/{quote(self.user, safe='')}/{self.kind.value}/"


def parse_list_id(list_id: str) -> LetterboxdList:
    """Return the list of a spelling; raise InvalidListId with the accepted forms."""
    text = re.sub(r"^letterboxd:(?!//)", "", list_id.strip(), flags=re.IGNORECASE).strip()
    has_scheme = re.match(r"https?://", text, flags=re.IGNORECASE) is not None
    segments = split_path(re.sub(r"^https?://", "", text, flags=re.IGNORECASE))
    host = segments[0].lower() if segments else ""
    if _SHORT_HOST.fullmatch(host):
        if len(segments) == 2 and _CODE.fullmatch(segments[1]):
            return LetterboxdList(Kind.SHORT, "", segments[1])
        raise InvalidListId(f"not a boxd.it link: {ACCEPTED}")
    if _HOST.fullmatch(host):
        segments = segments[1:]
    elif has_scheme:
        raise InvalidListId(f"an address of another site: {ACCEPTED}")
    target = find_target([segment.lower() for segment in segments])
    if target is None:
        words = {segment.lower() for segment in segments}
        hints = (hint for word, hint in _HINTS.items() if word in words)
        raise InvalidListId(f"not a list of Letterboxd: {next(hints, ACCEPTED)}")
    return target


def find_target(segments: list[str]) -> LetterboxdList | None:
    """Return the page at the end of a path, or None for a page that lists no films; raise for a filtered view."""
    if not segments or segments[0] in _PLACES or not _USER.fullmatch(segments[0]):
        return None
    user = segments[0]
    match segments[1:]:
        case ["list", slug, *rest] if _SLUG.fullmatch(slug):
            return _whole(LetterboxdList(Kind.LIST, user, slug), rest)
        case ["watchlist", *rest]:
            return _whole(LetterboxdList(Kind.WATCHLIST, user), rest)
        case ["films", "ratings" | "reviews" | "diary" | "likes", *_]:
            return None
        case ["films", *rest]:
            return _whole(LetterboxdList(Kind.FILMS, user), rest)
        case ["likes", "films", *rest]:
            return _whole(LetterboxdList(Kind.LIKES, user), rest)
        case [slug] if slug not in _PAGES and _SLUG.fullmatch(slug):
            # Old documents write user/list-name for what Letterboxd keeps at user/list/list-name.
            return LetterboxdList(Kind.LIST, user, slug)
    return None


def _whole(target: LetterboxdList, rest: list[str]) -> LetterboxdList:
    if rest and rest[0] not in _VIEWS:
        raise InvalidListId(f'a filtered view cannot be read: write {target.path.strip("/")} without "{rest[0]}"')
    return target
