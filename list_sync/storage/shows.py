"""What TMDB says of shows, as the server passed it on: seasons and TVDB id, and when that was last looked at."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from list_sync.model.server_state import MediaState, TitleDetails
from list_sync.model.titles import MediaType
from list_sync.storage.schema import known_shows
from list_sync.storage.statements import upsert

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
            "checked_at": at,
        }
        for show in shows
        if show.media_type is MediaType.TV
    ]
    upsert(connection, known_shows, rows)
