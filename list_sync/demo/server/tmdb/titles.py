"""Look-ups in the server's TMDB: the catalogue and the synthetic films, by id or by text."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from list_sync.demo.catalogue.catalogue import Catalogue, CataloguePerson, CatalogueTitle
from list_sync.demo.catalogue.synthetic import SyntheticFilms

_UNCOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "&": " and "})
_APOSTROPHES = re.compile(r"['’ʼ`´]")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Collection:
    """A film series; a plain search finds it, too."""

    tmdb: int
    title: str


COLLECTIONS = (
    Collection(2344, "The Matrix Collection"),
    Collection(528, "The Terminator Collection"),
    Collection(8091, "Alien Collection"),
    Collection(230, "The Godfather Collection"),
)

Found = CatalogueTitle | CataloguePerson | Collection


def tokens(text: str) -> tuple[str, ...]:
    """Return the words of a title or query without case, accents and punctuation."""
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_UNCOMPOSED))
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return tuple(_WORD.findall(_APOSTROPHES.sub("", plain)))


@dataclass(frozen=True, slots=True)
class Hits:
    """Found entries in order; synthetic films come last and are created on demand."""

    named: Sequence[Found]
    films: Sequence[int]
    synthetic: SyntheticFilms

    def __len__(self) -> int:
        return len(self.named) + len(self.films)

    def part(self, start: int, size: int) -> list[Found]:
        """Return entries start .. start+size-1."""
        head = list(self.named[start : start + size])
        offset = max(start - len(self.named), 0)
        rest = self.films[offset : offset + size - len(head)]
        return head + [self.synthetic.build(index) for index in rest]


class Titles:
    """Look-ups by id and by text in all titles of TMDB."""

    def __init__(self, catalogue: Catalogue, synthetic: SyntheticFilms) -> None:
        self._synthetic = synthetic
        self.people = catalogue.people
        self._by_key = {(title.kind, title.tmdb): title for title in catalogue.titles}
        self._by_imdb: dict[str, list[CatalogueTitle]] = defaultdict(list)
        self._by_tvdb: dict[int, list[CatalogueTitle]] = defaultdict(list)
        for title in catalogue.titles:
            if title.imdb:
                self._by_imdb[title.imdb].append(title)
            if title.tvdb is not None and title.kind == "tv":
                self._by_tvdb[title.tvdb].append(title)
        ranked = sorted(catalogue.titles, key=lambda title: -title.popularity)
        self._searchable = [(title, _names(title)) for title in ranked if not title.adult]
        self._others: list[tuple[CataloguePerson | Collection, tuple[str, ...]]] = [
            *((collection, tokens(collection.title)) for collection in COLLECTIONS),
            *((person, tokens(person.name)) for person in catalogue.people),
        ]
        self.search = lru_cache(maxsize=512)(self._search)
        self.search_year = lru_cache(maxsize=512)(self._search_year)

    def find(self, kind: str, tmdb: float) -> CatalogueTitle | None:
        """Return the film or show with this TMDB id."""
        if tmdb != int(tmdb):
            return None
        title = self._by_key.get((kind, int(tmdb)))
        if title is None and kind == "movie":
            return self._synthetic.find_tmdb(int(tmdb))
        return title

    def by_popularity(self) -> list[CatalogueTitle]:
        """Return the films and shows of the catalogue that are not for adults, the most popular first."""
        return [title for title, _names_of_it in self._searchable]

    def change(self, kind: str, tmdb: int, **changes: object) -> None:
        """Change what TMDB says of a title from now on; searches stay as they were."""
        known = self.find(kind, tmdb)
        if known is None:
            raise KeyError(f"TMDB has no {kind} {tmdb}")
        self._by_key[kind, tmdb] = replace(known, **changes)  # type: ignore[arg-type]

    def with_tmdb(self, tmdb: int) -> list[Found]:
        """Return the film, the show and the person with this TMDB id: three unrelated entries."""
        titles = [title for kind in ("movie", "tv") if (title := self.find(kind, tmdb)) is not None]
        return [*titles, *(person for person in self.people if person.tmdb == tmdb)]

    def with_imdb(self, imdb: str) -> list[Found]:
        """Return the title with this IMDb id; the id of an episode finds nothing."""
        if imdb.startswith("nm"):
            return [person for person in self.people if person.imdb == imdb]
        titles = sorted(self._by_imdb.get(imdb, ()), key=lambda title: title.kind)
        film = self._synthetic.find_imdb(imdb)
        return [*titles, *([film] if film is not None else [])]

    def with_tvdb(self, tvdb: int) -> list[Found]:
        """Return the shows with this TVDB id; two may share one."""
        return list(self._by_tvdb.get(tvdb, ()))

    def _search(self, text: str) -> Hits:
        wanted = tokens(text)
        if not wanted:
            return Hits((), (), self._synthetic)
        named: list[Found] = [title for title, names in self._searchable if _fits(wanted, names)]
        named += [other for other, name in self._others if _fits(wanted, (name,))]
        return Hits(named, self._synthetic.find_text(wanted), self._synthetic)

    def _search_year(self, text: str, year: int, kind: str) -> Hits:
        wanted = tokens(text)
        if not wanted:
            return Hits((), (), self._synthetic)
        named = [
            title
            for title, names in self._searchable
            if title.kind == kind and title.date.startswith(f"{year:04d}-") and _fits(wanted, names)
        ]
        films = self._synthetic.find_text(wanted, year) if kind == "movie" else ()
        return Hits(named, films, self._synthetic)


def _names(title: CatalogueTitle) -> tuple[tuple[str, ...], ...]:
    texts = (title.title, title.original_title, *title.alternative_titles)
    return tuple(dict.fromkeys(tokens(text) for text in texts))


def _fits(wanted: tuple[str, ...], names: Sequence[tuple[str, ...]]) -> bool:
    return any(all(any(word.startswith(part) for word in name) for part in wanted) for name in names)
