"""Lines of text: ids and addresses of IMDb, TMDB and TVDB, or titles with their years, with comments after #."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from list_sync.api.http.payloads import clean_title, find_imdb_id, find_positive_int, find_year
from list_sync.api.saved_lists.columns import is_heading
from list_sync.api.saved_lists.documents import Text
from list_sync.api.saved_lists.entries import SERVICE, build_page, split_year
from list_sync.api.saved_lists.parts import find_season, names_episode
from list_sync.errors import UnexpectedResponse
from list_sync.model.sources import EPISODE, Entry, NotUnderstood, Page, Unsupported
from list_sync.model.titles import MediaIds, MediaItem, MediaType

FORMS = (
    "tt0133093, imdb:tt0133093, tmdb:movie:603, tmdb:tv:1399, tvdb:81189, an address at IMDb or TMDB, or Title (1999)"
)
# Searches below take a time that grows with the square of such a run.
_SPACES = re.compile(r"\s{2,}")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_BULLET = re.compile(r"^[-*+•–—]\s+")
_BOX = re.compile(r"^(?:\[[ xX]?\](?!\()\s+|[☐☑☒✓✔✗]\s*)")
_LINK = re.compile(
    r"\[(?P<text>[^\]\[]{1,300}|[^\]]{0,20}\[[^\]]{1,20}\][^\]]{0,200})\]\((?P<address>[^\s()]{4,400})\)"
)
_ANY_MARK = re.compile(r"^(?:[-*+•–—]|\d{1,4}[.)])\s+")
# An id with its title after it: "tt0078748 // Alien". A text that begins in small letters may be a remark.
_ID_FIRST = re.compile(r"(?P<id>(?:imdb:)?tt\d{7,9})(?:\s*(?://|[-–—:;|(])\s*|\s+(?=[A-Z0-9\"']))\S.{0,150}")
_TITLE_AND_YEAR = re.compile(r"\"?(?P<title>[^\d\s\"].*?)\"?\s*[,;\t|]\s*\"?(?P<year>(?:19|20)\d\d)\"?", re.ASCII)
_NUMBER = re.compile(r"^\d{1,4}[.)]\s+")
_NUMBERED = re.compile(r"1[.)]\s")
_SIGNS = re.compile(r"\s*[,;|\t]\s*")
_SIGNS_AND_SPACES = re.compile(r"[,;|\s]+")
_IMDB_IDS = re.compile(r"tt\d{7,9}", re.ASCII)
_BETWEEN = " \t,;:|-–—"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.ASCII)


def _imdb(found: re.Match[str]) -> MediaItem | None:
    imdb = find_imdb_id(found["id"])
    season = int(found.groupdict().get("season") or 0)
    kind = MediaType.TV if season else None
    return MediaItem("", kind, None, MediaIds(imdb=imdb), season or None) if imdb else None


def _tmdb(found: re.Match[str]) -> MediaItem | Unsupported | None:
    number = find_positive_int(found["id"])
    media_type = MediaType.MOVIE if found["kind"].lower() == "movie" else MediaType.TV
    parts = found.groupdict()
    if parts.get("episode"):
        return Unsupported(EPISODE, MediaItem("", media_type, None, MediaIds(tmdb=number)) if number else None)
    season = int(parts["season"]) if parts.get("season") else None
    return MediaItem("", media_type, None, MediaIds(tmdb=number), season) if number else None


def _tvdb(found: re.Match[str]) -> MediaItem | None:
    number = find_positive_int(found["id"])
    return MediaItem("", MediaType.TV, None, MediaIds(tvdb=number)) if number else None


_SITE = r"(?:https?://)?(?:(?:www|m|beta)\.)?"
_IMDB = _SITE + r"imdb\.com/(?:[a-z]{2}(?:-[a-z]{2})?/)?title/(?P<id>tt\d{1,12})"
# An address ends where the next one may begin.
_REST = r"[^\s,;|]*"
_PART = r"(?:-[^/?#]*)?/season/(?P<season>\d{1,4})(?:/(?P<episode>episode)/" + _REST + "|[/?#]" + _REST + ")?"
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], MediaItem | Unsupported | None]], ...] = (
    (_pattern(r"(?:imdb(?:id)?[-:=](?://)?)?(?P<id>tt\d{1,12})"), _imdb),
    (_pattern(_IMDB + r"/episodes/?\?(?:" + _REST + r"&)?season=(?P<season>\d{1,4})(?:[&#]" + _REST + ")?"), _imdb),
    (_pattern(_IMDB + r"(?:[/?#]" + _REST + ")?"), _imdb),
    (_pattern(r"com\.plexapp\.agents\.imdb://(?P<id>tt\d{1,12})(?:\?" + _REST + ")?"), _imdb),
    (_pattern(r"com\.plexapp\.agents\.thetvdb://(?P<id>\d{1,10})(?:\?" + _REST + ")?"), _tvdb),
    (_pattern(r"(?:tmdb:(?://)?)?(?P<kind>movie|tv|show)[:/](?P<id>\d{1,10})"), _tmdb),
    (_pattern(_SITE + r"themoviedb\.org/(?P<kind>tv)/(?P<id>\d{1,10})" + _PART), _tmdb),
    (_pattern(_SITE + r"themoviedb\.org/(?P<kind>movie|tv)/(?P<id>\d{1,10})(?:[-/?#]" + _REST + ")?"), _tmdb),
    (_pattern(r"tvdb:(?://)?(?:(?:series|show|tv):)?(?P<id>\d{1,10})"), _tvdb),
    (_pattern(_SITE + r"thetvdb\.com/dereferrer/series/(?P<id>\d{1,10})(?:[/?#]" + _REST + ")?"), _tvdb),
    (_pattern(_SITE + r"thetvdb\.com/(?:index\.php)?\?tab=series&id=(?P<id>\d{1,10})(?:&" + _REST + ")?"), _tvdb),
)
# Every form contains one of these near its beginning. Most texts contain none, and need no further check.
_SIGN_OF_AN_ID = _pattern(r"tt\d|(?:movie|tv|show)[:/]|tvdb")
# Persons and collections: understood, but they cannot be requested.
_OTHERS: Mapping[re.Pattern[str], str] = {
    _pattern(r"(?:imdb:(?://)?)?nm\d{7,12}|" + _SITE + r"imdb\.com/name/nm" + _REST): "person",
    _pattern(_SITE + r"themoviedb\.org/person/" + _REST): "person",
    _pattern(_SITE + r"themoviedb\.org/collection/" + _REST): "collection",
}


def parse_lines(text: Text) -> Page:
    """Return the ids and titles in a text; raise UnexpectedResponse if no line holds one."""
    page = build_page(_parse_all(_numbered(text)))
    if page.not_understood == page.entries:
        raise UnexpectedResponse(SERVICE, f"neither JSON nor CSV, and no line is an id: write {FORMS}, one per line")
    return page


def _numbered(text: Text) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something, without comments, with their numbers."""
    parts = itertools.chain.from_iterable(map(str.splitlines, text.lines()))
    for number, line in enumerate(parts, start=1):
        said = _SPACES.sub(lambda run: "\t" if "\t" in run[0] else " ", _COMMENT.sub("", line).strip())
        if any(map(str.isalnum, said)) and not is_heading(said):
            yield number, said


def _parse_all(lines: Iterable[tuple[int, str]]) -> Iterator[Entry]:
    mark: re.Pattern[str] | None = None
    for number, line in lines:
        mark = mark or (_NUMBER if _NUMBERED.match(line) else _BULLET)
        yield from parse_line(_BOX.sub("", mark.sub("", line)), f"line {number}")


def parse_line(line: str, place: str) -> Sequence[Entry]:
    """Parse a line: one or more ids, a title with its year, or both."""
    # A number or a sign before an id does not belong to it.
    bare = _BOX.sub("", _ANY_MARK.sub("", line))
    if names_episode(line):
        return [Unsupported(EPISODE)]
    if (first := _ID_FIRST.fullmatch(bare)) and len(_IMDB_IDS.findall(bare)) == 1 and _parse_titled(line) is None:
        season = find_season(bare, is_show=False)
        if season is not None:
            return [MediaItem("", MediaType.TV, None, MediaIds(imdb=find_imdb_id(first["id"])), season)]
        bare = first["id"]
    item = parse_id(bare) or _parse_link(bare) or _parse_titled(line)
    if item is not None:
        return [item]
    other = next((kind for pattern, kind in _OTHERS.items() if pattern.fullmatch(line)), None)
    if other is not None:
        return [Unsupported(other)]
    for sign in (_SIGNS, _SIGNS_AND_SPACES):
        words = [word for word in sign.split(line) if word]
        found = [parse_id(word) for word in words]
        # One wrong id among many makes one entry not understood, not the whole line.
        if found.count(None) * 2 < len(words):
            return [
                one or NotUnderstood(place, f'"{word[:40]}" is not an id')
                for word, one in zip(words, found, strict=True)
            ]
    return [NotUnderstood(place, f'"{clean_title(line)[:40]}" is neither an id nor a title with its year')]


def _parse_link(line: str) -> MediaItem | Unsupported | None:
    """Return the target of a Markdown link, or of an address in angle brackets."""
    found = _LINK.fullmatch(line)
    if found is None:
        return parse_id(line[1:-1]) if line.startswith("<") and line.endswith(">") else None
    item = parse_id(found["address"])
    if not isinstance(item, MediaItem):
        return item
    title, year = split_year(found["text"])
    return item if parse_id(title) else replace(item, title=title, year=year)


def _parse_titled(line: str) -> MediaItem | Unsupported | None:
    """Return the title of "Title (Year)", with an id before or after it."""
    title, year = split_year(line)
    if year is not None:
        word, _, rest = title.partition(" ")
        named = MediaItem(title, year=year)
    else:
        before, _, word = line.rpartition(" ")
        rest, year = split_year(before.rstrip(_BETWEEN))
        named = None
    if year is None and (parted := _TITLE_AND_YEAR.fullmatch(line)) and find_year(parted["year"]):
        return MediaItem(clean_title(parted["title"]), year=find_year(parted["year"]))
    item = parse_id(word.strip(_BETWEEN + "()[]{}")) if year is not None else None
    if isinstance(item, MediaItem):
        return replace(item, title=rest.lstrip(_BETWEEN), year=year)
    return item or named


def parse_id(text: str) -> MediaItem | Unsupported | None:
    """Return the film or show that an id or address names, an episode as Unsupported, or None."""
    word = text.strip().strip("\"',")
    if _SIGN_OF_AN_ID.search(word[:200]):
        for pattern, build in _FORMS:
            if found := pattern.fullmatch(word):
                return build(found)
    return None


def find_ids(addresses: Iterable[str]) -> MediaItem | None:
    """Return the ids in several addresses of one entry together, or None if none is an id."""
    merged: MediaItem | None = None
    for item in map(parse_id, addresses):
        if merged is None and isinstance(item, MediaItem):
            merged = item
        elif merged is not None and isinstance(item, MediaItem):
            merged = merge_ids([merged, item]) or merged
    return merged


def merge_ids(items: Iterable[MediaItem]) -> MediaItem | None:
    """Return the combined ids of several statements about one title, or None if they contradict each other.

    A TMDB number means nothing without its kind.
    """
    merged = MediaItem("")
    for item in items:
        ours, theirs = merged.ids, item.ids
        both = (
            *((merged.media_type, item.media_type), (merged.season, item.season)),
            *((ours.tmdb, theirs.tmdb), (ours.imdb, theirs.imdb), (ours.tvdb, theirs.tvdb)),
        )
        if any(one != other and None not in (one, other) for one, other in both):
            return None
        kind, season = merged.media_type or item.media_type, merged.season or item.season
        merged = MediaItem("", kind, None, ours.merged_with(theirs), season)
    return merged
