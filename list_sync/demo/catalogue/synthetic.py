"""Any number of films that exist without being stored.

Film i (from 0) is `Synthetic Film <i, six digits>`, TMDB 5000000+i, IMDb tt<90000000+i>.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from list_sync.demo.catalogue.catalogue import CatalogueTitle

FIRST_TMDB_ID = 5_000_000
FIRST_IMDB_NUMBER = 90_000_000
LARGEST_COUNT = 1_000_000
FIRST_YEAR = 1950
YEARS = 75


def synthetic_title(index: int) -> str:
    """Return the title of film `index`, counted from 0."""
    return f"Synthetic Film {index:06d}"


def synthetic_tmdb_id(index: int) -> int:
    """Return the TMDB id of film `index`."""
    return FIRST_TMDB_ID + index


def synthetic_imdb_id(index: int) -> str:
    """Return the IMDb id of film `index`."""
    return f"tt{FIRST_IMDB_NUMBER + index}"


def synthetic_year(index: int) -> int:
    """Return the year of film `index`."""
    return FIRST_YEAR + index % YEARS


@dataclass(frozen=True, slots=True)
class SyntheticFilms:
    """The films 0 .. count-1, created on demand."""

    count: int

    def __post_init__(self) -> None:
        if not 0 <= self.count <= LARGEST_COUNT:
            raise ValueError(f"synthetic films: 0 to {LARGEST_COUNT}, not {self.count}")

    def build(self, index: int) -> CatalogueTitle:
        """Return film `index`."""
        title = synthetic_title(index)
        return CatalogueTitle(
            kind="movie",
            tmdb=synthetic_tmdb_id(index),
            title=title,
            original_title=title,
            alternative_titles=(),
            date=f"{synthetic_year(index)}-06-15",
            language="en",
            imdb=synthetic_imdb_id(index),
            tvdb=None,
            popularity=0.6,
            votes=10,
            adult=False,
            seasons=(),
            episode_imdb_ids=(),
        )

    def find_tmdb(self, tmdb: int) -> CatalogueTitle | None:
        """Return the film with this TMDB id."""
        return self._find(tmdb - FIRST_TMDB_ID)

    def find_imdb(self, imdb: str) -> CatalogueTitle | None:
        """Return the film with this IMDb id."""
        digits = imdb.removeprefix("tt")
        return self._find(int(digits) - FIRST_IMDB_NUMBER) if digits.isdecimal() else None

    def find_text(self, tokens: Sequence[str], year: int | None = None) -> Sequence[int]:
        """Return the indexes of the films whose title has a token beginning with each of `tokens`."""
        words = [token for token in tokens if not token.isdecimal()]
        numbers = {token for token in tokens if token.isdecimal()}
        if not all("synthetic".startswith(word) or "film".startswith(word) for word in words) or len(numbers) > 1:
            return ()
        found = self._numbered(numbers.pop()) if numbers else range(self.count)
        if year is None:
            return found
        return [index for index in found if synthetic_year(index) == year]

    def _numbered(self, prefix: str) -> range:
        if len(prefix) > len(f"{0:06d}"):
            return range(0)
        width = 10 ** (6 - len(prefix))
        first = int(prefix) * width
        return range(min(first, self.count), min(first + width, self.count))

    def _find(self, index: int) -> CatalogueTitle | None:
        return self.build(index) if 0 <= index < self.count else None
