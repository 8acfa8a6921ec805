"""The titles of the demo: films, shows and people as TMDB has them, read from one data file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from list_sync.model.genres import GENRES

_NUMBERS = {name: number for number, name in GENRES.items()}
# TMDB's word for a show that goes on; others are Ended, Canceled, In Production, Planned and Pilot.
RUNNING = "Returning Series"


@dataclass(frozen=True, slots=True)
class CatalogueSeason:
    """One season of a show; number 0 holds the specials."""

    number: int
    episodes: int
    air_date: str


@dataclass(frozen=True, slots=True)
class CatalogueTitle:
    """One film or show.

    `genres` are numbers of TMDB with names, `releases` countries with TMDB's kinds of release and days, `services`
    countries with the names of streaming services. `imdb_rating`, with its votes, and `rt_rating` are those elsewhere.
    """

    kind: str
    tmdb: int
    title: str
    original_title: str
    alternative_titles: tuple[str, ...]
    date: str
    language: str
    imdb: str | None
    tvdb: int | None
    popularity: float
    votes: int
    adult: bool
    seasons: tuple[CatalogueSeason, ...]
    episode_imdb_ids: tuple[str, ...]
    countries: tuple[str, ...] = ()
    status: str = RUNNING
    next_episode_on: str | None = None
    genres: tuple[tuple[int, str], ...] = ()
    runtime: int = 100
    rating: float = 6.5
    releases: tuple[tuple[str, int, str], ...] = ()
    services: tuple[tuple[str, str], ...] = ()
    is_anime: bool = False
    imdb_rating: tuple[float, int] | None = None
    rt_rating: int | None = None


@dataclass(frozen=True, slots=True)
class CataloguePerson:
    """One person."""

    tmdb: int
    name: str
    imdb: str


@dataclass(frozen=True, slots=True)
class CaseItem:
    """What a list states about one title: never everything, sometimes wrong."""

    title: str
    media_type: str | None
    year: int | None
    imdb: str | None
    tvdb: int | None
    tmdb: int | None


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """What a careful person decides: `match` with kind and TMDB id, `review` or `not_found`."""

    answer: str
    kind: str | None = None
    tmdb: int | None = None


@dataclass(frozen=True, slots=True)
class CatalogueCase:
    """One hard case: a list's item and the right answers without and with its ids."""

    name: str
    group: str
    why: str
    item: CaseItem
    by_title: CaseAnswer
    by_ids: CaseAnswer
    requestable: bool


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything in the data file."""

    titles: tuple[CatalogueTitle, ...]
    people: tuple[CataloguePerson, ...]
    cases: tuple[CatalogueCase, ...]


@cache
def load_catalogue() -> Catalogue:
    """Return the catalogue that comes with the package."""
    text = files("list_sync.demo.catalogue").joinpath("catalogue.json").read_text(encoding="utf-8")
    document = json.loads(text)
    return Catalogue(
        titles=tuple(_title(entry) for entry in document["titles"]),
        people=tuple(CataloguePerson(**entry) for entry in document["people"]),
        cases=tuple(_case(entry) for entry in document["cases"]),
    )


def _title(entry: dict[str, Any]) -> CatalogueTitle:
    seasons = tuple(CatalogueSeason(**season) for season in entry.get("seasons", ()))
    lists = {
        "alternative_titles": tuple(entry.get("alternative_titles", ())),
        "episode_imdb_ids": tuple(entry.get("episode_imdb_ids", ())),
        "countries": tuple(entry.get("countries", ())),
    }
    return CatalogueTitle(**{**entry, **lists, **_facts(entry), "seasons": seasons})


def _facts(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the genres with their numbers, and IMDb's rating with as many votes as TMDB has."""
    genres = tuple((_NUMBERS[name], name) for name in entry.get("genres", ()))
    rated = {"imdb_rating": (entry["imdb_rating"], entry["votes"])} if "imdb_rating" in entry else {}
    return {"genres": genres, **rated}


def _case(entry: dict[str, Any]) -> CatalogueCase:
    answers = {key: CaseAnswer(**entry[key]) for key in ("by_title", "by_ids")}
    return CatalogueCase(**{**entry, **answers, "item": CaseItem(**entry["item"])})
