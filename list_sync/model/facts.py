"""The facts of titles that filters and seasons ask for: what a title's page states, and ratings of others."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple, Self

from list_sync.model.titles import TitleKey


@dataclass(frozen=True, slots=True)
class Ratings:
    """The ratings of a title elsewhere, None where there is none: IMDb's of 10 and its votes, the critics' of 100.

    `is_read` is False if they could not be read just now; such ratings are not remembered.
    """

    imdb: float | None = None
    imdb_votes: int | None = None
    rt: float | None = None
    is_read: bool = True


@dataclass(frozen=True, slots=True)
class TitleFacts:
    """What the page of a title states; None, and an empty collection, is not known.

    Genres are in English. `cinema_on` and `digital_on` are the first days of a release in any country, `air_dates` the
    first days of the seasons. `services` maps each country that was looked at to its streaming services; None is not
    known. `ratings` is None until they were asked for.
    """

    year: int | None = None
    genres: tuple[str, ...] = ()
    language: str | None = None
    countries: tuple[str, ...] = ()
    runtime: int | None = None
    rating: float | None = None
    votes: int | None = None
    cinema_on: date | None = None
    digital_on: date | None = None
    air_dates: Mapping[int, date] = field(default_factory=dict)
    services: Mapping[str, tuple[str, ...]] | None = None
    ratings: Ratings | None = None

    def only_in(self, regions: Collection[str]) -> Self:
        """Return the facts with the services of these countries alone; one that is not there has none."""
        known = self.services
        return self if known is None else replace(self, services={one: known.get(one, ()) for one in regions})


NO_FACTS = TitleFacts()


class FactsAsked(NamedTuple):
    """The titles of which lists ask for facts, and the countries whose streaming services they ask for."""

    titles: frozenset[TitleKey] = frozenset()
    regions: frozenset[str] = frozenset()
