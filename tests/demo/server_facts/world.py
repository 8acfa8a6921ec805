"""A small catalogue of titles that the tables name."""

from __future__ import annotations

from list_sync.demo.catalogue.catalogue import Catalogue, CataloguePerson, CatalogueSeason, CatalogueTitle

MATRIX = 603
ALIEN = 348
ALIENS = 679
AMELIE = 194
ADULT = 700001
UNRELEASED = 700002
TWO_SEASONS = 1001
WITH_SPECIALS = 1002
ONLY_SPECIALS = 1003
NO_SEASONS = 1004
NO_TVDB = 1005
SAME_TVDB = (1006, 1007)
BOTH_KINDS = 550
PERSON_OF_BOTH = 550
DUNES = range(800001, 800046)


def film(tmdb: int, title: str, date: str, *, imdb: str | None = None, **other: object) -> CatalogueTitle:
    """Return a film; only what a case needs is given."""
    return _title("movie", tmdb, title, date, imdb=imdb, **other)


def show(tmdb: int, title: str, date: str, seasons: tuple[int, ...], **other: object) -> CatalogueTitle:
    """Return a show with these season numbers."""
    return _title(
        "tv", tmdb, title, date, seasons=tuple(CatalogueSeason(number, 10, date) for number in seasons), **other
    )


def _title(kind: str, tmdb: int, title: str, date: str, **other: object) -> CatalogueTitle:
    values: dict[str, object] = {
        "kind": kind,
        "tmdb": tmdb,
        "title": title,
        "original_title": title,
        "alternative_titles": (),
        "date": date,
        "language": "en",
        "imdb": None,
        "tvdb": None,
        "popularity": 10.0,
        "votes": 100,
        "adult": False,
        "seasons": (),
        "episode_imdb_ids": (),
    }
    return CatalogueTitle(**{**values, **other})


WORLD = Catalogue(
    titles=(
        film(MATRIX, "The Matrix", "1999-03-30", imdb="tt0133093", popularity=80.0),
        film(ALIEN, "Alien", "1979-05-25", imdb="tt0078748", popularity=60.0),
        film(ALIENS, "Aliens", "1986-07-18", popularity=40.0),
        film(
            AMELIE,
            "Amélie",
            "2001-04-25",
            original_title="Le Fabuleux Destin d'Amélie Poulain",
            alternative_titles=("アメリ",),
            language="fr",
        ),
        film(ADULT, "Matrix of Desire", "1999-01-01", adult=True),
        film(UNRELEASED, "Tomorrow Perhaps", ""),
        film(BOTH_KINDS, "Fight Club", "1999-10-15"),
        show(BOTH_KINDS, "Till Death Us Do Part", "1966-06-06", (1,), tvdb=76924),
        show(
            TWO_SEASONS,
            "Alien Nation",
            "1989-09-18",
            (1, 2),
            tvdb=71001,
            imdb="tt0096531",
            episode_imdb_ids=("tt0505811",),
            popularity=50.0,
        ),
        show(WITH_SPECIALS, "Black Mirror", "2011-12-04", (0, 1, 2, 3), tvdb=253463),
        show(ONLY_SPECIALS, "Holiday Tales", "2015-12-24", (0,), tvdb=71003),
        show(NO_SEASONS, "Announced Series", "", (), tvdb=71004),
        show(NO_TVDB, "Web Series", "2018-01-01", (1,)),
        show(SAME_TVDB[0], "Twin One", "2005-01-01", (1,), tvdb=71006),
        show(SAME_TVDB[1], "Twin Two", "2006-01-01", (1,), tvdb=71006),
        *(film(tmdb, f"Dune Part {tmdb - DUNES.start + 1}", "2021-09-15", popularity=5.0) for tmdb in DUNES),
    ),
    people=(
        CataloguePerson(6384, "Keanu Reeves", "nm0000206"),
        CataloguePerson(PERSON_OF_BOTH, "Someone Else", "nm0000550"),
    ),
    cases=(),
)
