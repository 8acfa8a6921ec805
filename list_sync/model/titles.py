"""What a provider states about a film or a show, and the qualities of titles."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from sys import getsizeof
from typing import Self


class MediaType(StrEnum):
    """The server's own two words for the kind of a title."""

    MOVIE = "movie"
    TV = "tv"

    # The hash of enums is slow Python code, and every key of a title contains this value.
    __hash__ = str.__hash__

    @property
    def word(self) -> str:
        """Return what people call one of them."""
        return "film" if self is MediaType.MOVIE else "show"

    @property
    def plural(self) -> str:
        """Return what people call several of them."""
        return f"{self.word}s"


class Quality(StrEnum):
    """The two qualities in which a server may have a title; each is requested separately."""

    HD = "hd"
    UHD = "4k"

    __hash__ = str.__hash__

    @property
    def word(self) -> str:
        """Return what people call it."""
        return self.value.upper()


TitleKey = tuple[MediaType, int]
# The same, and its quality.
QualityKey = tuple[MediaType, int, Quality]


def tmdb_page_url(media_type: MediaType, tmdb_id: int) -> str:
    """Return the address of a title's page at TMDB."""
    return f"https://www.themoviedb.org/{media_type.value}/{tmdb_id}"


def with_year(title: str, year: int | None) -> str:
    """Return a title as people read it, with its year if that is known."""
    return f"{title} ({year})" if year else title


def without_year(name: str) -> str:
    """Return a title as it was before its year was added."""
    return re.sub(r" \(\d+\)$", "", name)


@dataclass(frozen=True, slots=True)
class MediaIds:
    """The ids of one title in the three catalogues that the server understands; None means not known."""

    tmdb: int | None = None
    imdb: str | None = None
    tvdb: int | None = None

    def merged_with(self, other: Self) -> Self:
        """Return our ids, and those of `other` where ours are not known."""
        return type(self)(
            tmdb=self.tmdb if self.tmdb is not None else other.tmdb,
            imdb=self.imdb if self.imdb is not None else other.imdb,
            tvdb=self.tvdb if self.tvdb is not None else other.tvdb,
        )

    def __bool__(self) -> bool:
        """Return whether any id is known."""
        return self.tmdb is not None or self.imdb is not None or self.tvdb is not None


@dataclass(frozen=True, slots=True)
class MediaItem:
    """One entry of a list as its source states it; `media_type` is None if the source does not say.

    `title` may be empty when the source gives ids only; `other_titles` are its other names at the source. `added_at` is
    when it was put on the list, and `rating` what the list says of it, of 10, where the source states these.
    """

    title: str
    media_type: MediaType | None = None
    year: int | None = None
    ids: MediaIds = field(default_factory=MediaIds)
    season: int | None = None
    other_titles: tuple[str, ...] = ()
    added_at: datetime | None = field(default=None, compare=False)
    rating: float | None = field(default=None, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Return all names that the source has for it, the title first."""
        return (self.title, *self.other_titles)

    @property
    def label(self) -> str:
        """Return what people call the entry: its title and year, or else its best id."""
        if self.title:
            return with_year(self.title, self.year)
        if self.ids.imdb:
            return self.ids.imdb
        if self.ids.tmdb is not None:
            return f"tmdb:{self.ids.tmdb}"
        return f"tvdb:{self.ids.tvdb}" if self.ids.tvdb is not None else "untitled"

    @property
    def has_number_without_kind(self) -> bool:
        """Return whether the source states a TMDB number, but not whether it is of a film or of a show."""
        return self.ids.tmdb is not None and self.media_type is None

    @property
    def keys(self) -> tuple[str, ...]:
        """Return every key under which the entry can be remembered, most trustworthy first.

        A TMDB number counts only with its kind or title, because a film and a show may have the same number. If the
        source states nothing else, the number alone is the key.
        """
        keys = []
        if self.ids.tmdb is not None and self.media_type is not None:
            keys.append(f"tmdb:{self.media_type}:{self.ids.tmdb}")
        if self.ids.imdb is not None:
            keys.append(f"imdb:{self.ids.imdb}")
        if self.ids.tvdb is not None:
            keys.append(f"tvdb:{self.ids.tvdb}")
        if self.title:
            kind = self.media_type or "any"
            name = f"{' '.join(self.title.casefold().split())}:{self.year or ''}"
            if self.has_number_without_kind:
                keys.append(f"tmdb:any:{self.ids.tmdb}:{name}")
            keys.append(f"title:{kind}:{name}")
        if not keys:
            keys.append("untitled" if self.ids.tmdb is None else f"tmdb:any:{self.ids.tmdb}")
        return tuple(keys)

    @property
    def key(self) -> str:
        """Return the most trustworthy key of the entry."""
        return self.keys[0]


def size_of(item: MediaItem) -> int:
    """Return about how many bytes of memory an entry takes."""
    texts = (item.title, item.ids.imdb or "", *item.other_titles)
    return 200 + sum(getsizeof(text) for text in texts if text)


def counted(number: int, noun: str, nouns: str = "") -> str:
    """Return a number with its noun in singular or plural."""
    return f"{number} {noun if number == 1 else nouns or f'{noun}s'}"
