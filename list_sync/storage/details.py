"""TMDB's details of titles from the detail pages of a server, with the times of the last read and the last try."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import Connection, select, update

from list_sync.database.schema import titles
from list_sync.database.statements import in_batches, one_of, upsert
from list_sync.model.servers import MediaState, TitleDetails
from list_sync.model.titles import MediaType

ShowKey = tuple[MediaType, int]


def load_shows(connection: Connection, keys: Iterable[ShowKey]) -> dict[ShowKey, tuple[TitleDetails, datetime]]:
    """Return the remembered details of these shows, and when each was read last; their states are not part of it."""
    tmdb_ids = [tmdb_id for kind, tmdb_id in keys if kind is MediaType.TV]
    is_wanted = (titles.c.media_type == MediaType.TV.value) & one_of(titles.c.tmdb_id, tmdb_ids)
    statement = select(titles).where(is_wanted)
    return {
        (MediaType.TV, row.tmdb_id): (
            TitleDetails(
                media_type=MediaType.TV,
                tmdb_id=row.tmdb_id,
                title=row.title,
                year=row.year,
                imdb_id=row.imdb_id,
                tvdb_id=row.tvdb_id,
                season_numbers=tuple(int(number) for number in row.season_numbers.split(",") if number),
                state=MediaState(MediaType.TV, row.tmdb_id),
                status=row.status,
                next_episode_on=date.fromisoformat(row.next_episode_on) if row.next_episode_on else None,
                poster_path=row.poster_path,
            ),
            row.checked_at,
        )
        for row in connection.execute(statement)
    }


def save_details(connection: Connection, details: Iterable[TitleDetails], *, at: datetime) -> None:
    """Store titles whose detail pages were just read."""
    rows: list[dict[str, object]] = [
        {
            "media_type": one.media_type.value,
            "tmdb_id": one.tmdb_id,
            "title": one.title,
            "year": one.year,
            "imdb_id": one.imdb_id,
            "tvdb_id": one.tvdb_id,
            "poster_path": one.poster_path,
            "season_numbers": ",".join(map(str, one.season_numbers)),
            "status": one.status,
            "next_episode_on": one.next_episode_on.isoformat() if one.next_episode_on else None,
            "checked_at": at,
        }
        for one in details
    ]
    upsert(connection, titles, rows)


def load_tries(connection: Connection) -> dict[ShowKey, datetime]:
    """Return when each show was last checked for new seasons, even if it could not be read."""
    rows = connection.execute(select(titles.c.tmdb_id, titles.c.tried_at).where(titles.c.tried_at.is_not(None)))
    return {(MediaType.TV, tmdb_id): tried_at for tmdb_id, tried_at in rows}


def save_tries(connection: Connection, keys: Collection[ShowKey], *, at: datetime) -> None:
    """Store which shows were checked for new seasons."""
    columns = titles.c
    for batch in in_batches([tmdb_id for _, tmdb_id in keys]):
        chosen = (columns.media_type == MediaType.TV.value) & columns.tmdb_id.in_(batch)
        connection.execute(update(titles).where(chosen).values(tried_at=at))
