"""Parsing of what filters and seasons need of a title: parts of its page, and its ratings elsewhere."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice

from list_sync.api.http.payloads import clean_title, find_codes, find_count, find_date, find_year
from list_sync.api.mediaserver.rows import Json, as_object, objects, whole
from list_sync.model.facts import Ratings, TitleFacts
from list_sync.model.genres import GENRES
from list_sync.model.titles import MediaType

# TMDB's kinds of release; a premiere (1) is no release.
_IN_CINEMAS = frozenset({2, 3})
_AT_HOME = frozenset({4, 5, 6})
MOST_NAMES = 50
LONGEST_NAME = 100


def parse_facts(media_type: MediaType, details: Json) -> TitleFacts:
    """Parse the facts of a detail page; a value that cannot be right is not known."""
    is_movie = media_type is MediaType.MOVIE
    votes = find_count(details.get("voteCount"))
    released = find_date(details.get("releaseDate")) if is_movie else None
    releases = list(_releases(details)) if is_movie else []
    at_home = min((day for kind, day in releases if kind in _AT_HOME), default=None)
    in_cinemas = min((day for kind, day in releases if kind in _IN_CINEMAS), default=released)
    seasons = objects(details.get("seasons"))
    return TitleFacts(
        year=find_year(details.get("releaseDate" if is_movie else "firstAirDate")),
        genres=_first(_genre(genre) for genre in objects(details.get("genres"))),
        language=clean_title(details.get("originalLanguage")).lower()[:LONGEST_NAME] or None,
        countries=_find_countries(details),
        runtime=_find_runtime(details.get("runtime") if is_movie else details.get("episodeRunTime")),
        rating=_number(details.get("voteAverage")) if votes else None,
        votes=votes,
        cinema_on=min(filter(None, (in_cinemas, at_home)), default=None),
        digital_on=at_home,
        air_dates={number: day for season in seasons for number, day in _air_date(season)},
        services=dict(_services(details)) if isinstance(details.get("watchProviders"), list) else None,
    )


def parse_ratings(media_type: MediaType, body: object) -> Ratings:
    """Parse /movie/{id}/ratingscombined or /tv/{id}/ratings, which has the critics' alone."""
    ratings = as_object(body, "the ratings of a title")
    if media_type is MediaType.TV:
        return Ratings(rt=_number(ratings.get("criticsScore")))
    imdb, critics = (part if isinstance(part := ratings.get(key), Mapping) else {} for key in ("imdb", "rt"))
    votes = find_count(imdb.get("criticsScoreCount"))
    return Ratings(_number(imdb.get("criticsScore")), votes, _number(critics.get("criticsScore")))


def _releases(details: Json) -> Iterator[tuple[int, date]]:
    found = details.get("releases")
    for country in objects(found.get("results") if isinstance(found, Mapping) else None):
        for release in objects(country.get("release_dates")):
            day = find_date(release.get("release_date"))
            kind = whole(release.get("type"))
            if day is not None and kind is not None:
                yield kind, day


def _genre(genre: Json) -> str:
    number = genre.get("id")
    known = GENRES.get(number) if isinstance(number, int) else None
    return known or clean_title(genre.get("name"))


def _find_countries(details: Json) -> tuple[str, ...]:
    """Return the countries of production and of origin."""
    producing = [country.get("iso_3166_1") for country in objects(details.get("productionCountries"))]
    return _first((*find_codes(producing), *find_codes(details.get("originCountry"))))


def _first(names: Iterable[str]) -> tuple[str, ...]:
    """Return the first of some names, each once: an answer with very many is no right one."""
    return tuple(islice(dict.fromkeys(name[:LONGEST_NAME] for name in names if name), MOST_NAMES))


def _find_runtime(value: object) -> int | None:
    """Return the minutes of a film, or of the longest kind of episode of a show."""
    return max(filter(None, map(find_count, value if isinstance(value, list) else [value])), default=None)


def _air_date(season: Json) -> Iterator[tuple[int, date]]:
    number, day = find_count(season.get("seasonNumber")), find_date(season.get("airDate"))
    if number is not None and day is not None:
        yield number, day


def _services(details: Json) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the services of each country with which a subscription is enough."""
    for place in objects(details.get("watchProviders")):
        for region in find_codes([place.get("iso_3166_1")]):
            yield region, _first(clean_title(service.get("name")) for service in objects(place.get("flatrate")))


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 < value <= 100 else None  # type: ignore[operator, arg-type]
