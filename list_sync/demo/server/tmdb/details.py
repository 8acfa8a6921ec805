"""The JSON of titles, people and collections in search results and on detail pages."""

from __future__ import annotations

from typing import Any

from list_sync.demo.catalogue.catalogue import RUNNING, CataloguePerson, CatalogueTitle
from list_sync.demo.server.images import find_poster_path
from list_sync.demo.server.tmdb.titles import Collection, Found

Body = dict[str, Any]

# The keyword by which the servers tell anime among shows.
ANIME_KEYWORD = 210024
# From so many of a hundred critics on, Rotten Tomatoes calls a title fresh.
FRESH = 60


def result_body(entry: Found) -> Body:
    """Return one entry of GET /search; it has no IMDb or TVDB id."""
    if isinstance(entry, CatalogueTitle):
        return _movie_result(entry) if entry.kind == "movie" else _tv_result(entry)
    if isinstance(entry, Collection):
        return _collection_result(entry)
    return _person_result(entry)


def movie_body(title: CatalogueTitle) -> Body:
    """Return GET /movie/{id} without its mediaInfo."""
    return _detail(title) | {
        "title": title.title,
        "originalTitle": title.original_title,
        "releaseDate": title.date,
        "imdbId": title.imdb,
        "adult": title.adult,
        "budget": 0,
        "revenue": 0,
        "runtime": title.runtime,
        "video": False,
        "status": "Released" if title.date else "In Production",
        "releases": {"results": [_release(*release) for release in title.releases]},
        "collection": None,
        "externalIds": {"facebookId": None, "imdbId": title.imdb, "instagramId": None, "twitterId": None},
    }


def tv_body(title: CatalogueTitle) -> Body:
    """Return GET /tv/{id} without its mediaInfo."""
    regular = [season for season in title.seasons if season.number > 0]
    return _detail(title) | {
        "name": title.title,
        "originalName": title.original_title,
        "firstAirDate": title.date,
        "lastAirDate": regular[-1].air_date if regular else title.date,
        "contentRatings": {"results": []},
        "createdBy": [],
        "episodeRunTime": [title.runtime] if title.runtime else [],
        "inProduction": title.status == RUNNING,
        "languages": [title.language],
        "networks": [],
        "numberOfEpisodes": sum(season.episodes for season in regular),
        "numberOfSeasons": len(regular),
        "originCountry": list(title.countries),
        "seasons": [
            {
                "id": title.tmdb * 100 + season.number,
                "airDate": season.air_date or None,
                "episodeCount": season.episodes,
                "name": f"Season {season.number}" if season.number else "Specials",
                "overview": "",
                "posterPath": None,
                "seasonNumber": season.number,
            }
            for season in title.seasons
        ],
        "status": title.status,
        "type": "Scripted",
        "externalIds": {
            "facebookId": None,
            "imdbId": title.imdb,
            "instagramId": None,
            "tvdbId": title.tvdb,
            "twitterId": None,
        },
        **_next_episode(title),
    }


def ratings_body(title: CatalogueTitle) -> Body | None:
    """Return GET /movie/{id}/ratingscombined or /tv/{id}/ratings; None if no one rated the title."""
    rt = None
    if title.rt_rating is not None:
        verdict = "Fresh" if title.rt_rating >= FRESH else "Rotten"
        rt = {"title": title.title, "url": "", "criticsRating": verdict, "criticsScore": title.rt_rating}
    if title.kind == "tv":
        return rt
    if title.imdb_rating is None:
        return rt and {"rt": rt}
    score, count = title.imdb_rating
    imdb = {"title": title.title, "url": "", "criticsScore": score, "criticsScoreCount": count}
    return {"imdb": imdb, **({"rt": rt} if rt else {})}


def _release(country: str, kind: int, day: str) -> Body:
    dates = {"certification": "", "iso_639_1": "", "note": "", "release_date": f"{day}T00:00:00.000Z", "type": kind}
    return {"iso_3166_1": country, "release_dates": [dates]}


def _service(country: str, name: str) -> Body:
    flatrate = [{"displayPriority": 0, "logoPath": "/x.jpg", "id": 8, "name": name}]
    return {"iso_3166_1": country, "link": "", "buy": [], "flatrate": flatrate}


def _next_episode(title: CatalogueTitle) -> Body:
    """Return the next episode, if one is announced; without one the servers omit the key."""
    if title.next_episode_on is None:
        return {}
    last = max((season.number for season in title.seasons), default=0)
    episode = {
        "id": title.tmdb * 1000,
        "airDate": title.next_episode_on,
        "episodeNumber": 1,
        "name": "Episode 1",
        "overview": "",
        "productionCode": "",
        "seasonNumber": last + 1,
        "showId": title.tmdb,
        "stillPath": None,
        "voteAverage": 0,
        "voteCount": 0,
    }
    return {"nextEpisodeToAir": episode}


def _detail(title: CatalogueTitle) -> Body:
    return {
        "id": title.tmdb,
        "backdropPath": None,
        "credits": {"cast": [], "crew": []},
        "genres": [{"id": number, "name": name} for number, name in title.genres],
        "homepage": "",
        "keywords": [{"id": ANIME_KEYWORD, "name": "anime"}] if title.is_anime else [],
        "originalLanguage": title.language,
        "overview": "",
        "popularity": title.popularity,
        "posterPath": find_poster_path(title.kind, title.tmdb),
        "productionCompanies": [],
        "productionCountries": [{"iso_3166_1": code, "name": code} for code in title.countries],
        "relatedVideos": [],
        "spokenLanguages": [],
        "tagline": "",
        "voteAverage": title.rating,
        "voteCount": title.votes,
        "watchProviders": [_service(*service) for service in title.services],
    }


def _result(title: CatalogueTitle) -> Body:
    return {
        "id": title.tmdb,
        "mediaType": title.kind,
        "backdropPath": None,
        "genreIds": [],
        "originalLanguage": title.language,
        "overview": "",
        "popularity": title.popularity,
        "posterPath": find_poster_path(title.kind, title.tmdb),
        "voteAverage": title.rating,
        "voteCount": title.votes,
    }


def _movie_result(title: CatalogueTitle) -> Body:
    return _result(title) | {
        "title": title.title,
        "originalTitle": title.original_title,
        "releaseDate": title.date,
        "adult": title.adult,
        "video": False,
    }


def _tv_result(title: CatalogueTitle) -> Body:
    return _result(title) | {
        "name": title.title,
        "originalName": title.original_title,
        "firstAirDate": title.date,
        "originCountry": list(title.countries),
    }


def _person_result(person: CataloguePerson) -> Body:
    return {
        "id": person.tmdb,
        "mediaType": "person",
        "name": person.name,
        "adult": False,
        "knownFor": [],
        "popularity": 1.0,
        "profilePath": None,
    }


def _collection_result(collection: Collection) -> Body:
    return {
        "id": collection.tmdb,
        "mediaType": "collection",
        "title": collection.title,
        "originalTitle": collection.title,
        "adult": False,
        "backdropPath": None,
        "originalLanguage": "en",
        "overview": "",
        "posterPath": None,
    }
