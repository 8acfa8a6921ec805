"""The facts of titles that filters and seasons ask for, remembered from one run to the next."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from list_sync.database.dialects import one_of
from list_sync.database.schema import titles
from list_sync.model.facts import Ratings, TitleFacts
from list_sync.model.titles import MediaType, TitleKey

Json = dict[str, Any]


def load_facts(connection: Connection, keys: Iterable[TitleKey]) -> dict[TitleKey, tuple[TitleFacts, datetime]]:
    """Return the remembered facts of these titles, and when they were read."""
    columns, found = titles.c, {}
    wanted: dict[MediaType, list[int]] = {}
    for kind, tmdb_id in keys:
        wanted.setdefault(kind, []).append(tmdb_id)
    for kind, numbers in wanted.items():
        is_wanted = (
            (columns.media_type == kind.value) & one_of(columns.tmdb_id, numbers) & columns.facts_at.is_not(None)
        )
        for tmdb_id, facts, at in connection.execute(
            select(columns.tmdb_id, columns.facts, columns.facts_at).where(is_wanted)
        ):
            found[kind, tmdb_id] = (_read(facts), at)
    return found


def save_facts(connection: Connection, facts: Mapping[TitleKey, TitleFacts], *, at: datetime) -> None:
    """Store the facts of titles whose pages were read before."""
    columns = titles.c
    is_same = (columns.media_type == bindparam("kind")) & (columns.tmdb_id == bindparam("number"))
    rows = [{"kind": kind.value, "number": number, "facts": _write(one)} for (kind, number), one in facts.items()]
    if rows:
        connection.execute(update(titles).where(is_same).values(facts=bindparam("facts"), facts_at=at), rows)


def _write(facts: TitleFacts) -> Json:
    """Return facts for the database, without those that are not known."""
    ratings = facts.ratings
    values: Json = {
        "year": facts.year,
        "genres": facts.genres,
        "language": facts.language,
        "countries": facts.countries,
        "runtime": facts.runtime,
        "rating": facts.rating,
        "votes": facts.votes,
        "cinema_on": facts.cinema_on and facts.cinema_on.isoformat(),
        "digital_on": facts.digital_on and facts.digital_on.isoformat(),
        "air_dates": {str(number): day.isoformat() for number, day in sorted(facts.air_dates.items())},
    }
    known = {name: value for name, value in values.items() if value not in (None, (), {})}
    elsewhere = [ratings.imdb, ratings.imdb_votes, ratings.rt] if ratings and ratings.is_read else None
    more = {"services": facts.services, "ratings": elsewhere}
    return known | {name: value for name, value in more.items() if value is not None}


def _read(stored: Json) -> TitleFacts:
    return TitleFacts(
        year=stored.get("year"),
        genres=tuple(stored.get("genres", ())),
        language=stored.get("language"),
        countries=tuple(stored.get("countries", ())),
        runtime=stored.get("runtime"),
        rating=stored.get("rating"),
        votes=stored.get("votes"),
        cinema_on=_read_day(stored.get("cinema_on")),
        digital_on=_read_day(stored.get("digital_on")),
        air_dates={int(number): date.fromisoformat(day) for number, day in stored.get("air_dates", {}).items()},
        services=_read_services(stored["services"]) if "services" in stored else None,
        ratings=Ratings(*stored["ratings"]) if "ratings" in stored else None,
    )


def _read_services(stored: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {region: tuple(names) for region, names in stored.items()}


def _read_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
