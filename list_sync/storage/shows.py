"""TMDB's details of shows, as the server gave them, with the times of the last reading and the last try."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import Connection, select, update

from list_sync.database.schema import known_shows
from list_sync.database.statements import in_batches, upsert
from list_sync.model.servers import MediaState, TitleDetails
from list_sync.model.titles import MediaType

ShowKey = tuple[MediaType, int]


def load_shows(connection: Connection, server: str) -> dict[ShowKey, tuple[TitleDetails, datetime]]:
    """Return every remembered show and the time of its last check; its state is not part of this memory."""
    statement = select(known_shows).where(known_shows.c.server == server)
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
            ),
            row.checked_at,
        )
        for row in connection.execute(statement)
    }


def save_shows(connection: Connection, server: str, shows: Iterable[TitleDetails], *, at: datetime) -> None:
    """Remember shows that were looked at just now."""
    rows: list[dict[str, object]] = [
        {
            "server": server,
            "tmdb_id": show.tmdb_id,
            "title": show.title,
            "year": show.year,
            "imdb_id": show.imdb_id,
            "tvdb_id": show.tvdb_id,
            "season_numbers": ",".join(map(str, show.season_numbers)),
            "status": show.status,
            "next_episode_on": show.next_episode_on.isoformat() if show.next_episode_on else None,
            "checked_at": at,
        }
        for show in shows
        if show.media_type is MediaType.TV
    ]
    upsert(connection, known_shows, rows)


def load_tries(connection: Connection, server: str) -> dict[ShowKey, datetime]:
    """Return when each show was last looked at for new seasons, also if it could not be read."""
    columns = known_shows.c
    tried = (columns.server == server) & columns.tried_at.is_not(None)
    rows = connection.execute(select(columns.tmdb_id, columns.tried_at).where(tried))
    return {(MediaType.TV, tmdb_id): tried_at for tmdb_id, tried_at in rows}


def save_tries(connection: Connection, server: str, keys: Collection[ShowKey], *, at: datetime) -> None:
    """Remember which shows were looked at for new seasons."""
    columns = known_shows.c
    for batch in in_batches([tmdb_id for _, tmdb_id in keys]):
        chosen = (columns.server == server) & columns.tmdb_id.in_(batch)
        connection.execute(update(known_shows).where(chosen).values(tried_at=at))
