"""What is known of titles as lists state them: by their ids, else by their name, and never another kind."""

from datetime import UTC, datetime

from sqlalchemy import insert

from list_sync.database.schema import synced_items
from list_sync.model.decisions import ItemStatus
from list_sync.model.servers import HOME
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.storage.known_titles import KnownTitle, find_known

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def test_titles_are_known_by_their_ids_and_else_by_their_name(store):
    rows = [
        ("movie:949:hd", "Heat", "movie", 1995, "tt0113277", 949, "already_available"),
        ("tv:949:hd", "Heat", "tv", 1995, None, 949, "would_request"),
        ("title:any:detour:1945:hd", "Detour", None, 1945, None, None, "not_found"),
    ]
    with store.writing() as connection:
        for number, (key, title, kind, year, imdb, tmdb, status) in enumerate(rows, 1):
            connection.execute(
                insert(synced_items).values(
                    id=number,
                    household=HOME,
                    item_key=key,
                    title=title,
                    media_type=kind,
                    year=year,
                    imdb_id=imdb,
                    overseerr_id=tmdb,
                    status=status,
                    reason="",
                    last_synced=NOW,
                    first_seen=NOW,
                    run_id=1,
                )
            )
        film, show = MediaType.MOVIE, MediaType.TV
        asked = [
            MediaItem("", ids=MediaIds(imdb="tt0113277")),
            MediaItem("Heat", show, 1995, MediaIds(tmdb=949)),
            MediaItem("Heat", film, 1995),
            MediaItem("Detour", None, 1945),
            MediaItem("Detour", None, 1990),
            MediaItem("Unknown", film, 2000),
        ]
        found = find_known(connection, HOME, asked)
        assert find_known(connection, HOME, []) == ()

    available = KnownTitle(ItemStatus.ALREADY_AVAILABLE, film, 949)
    assert found == (
        available,
        KnownTitle(ItemStatus.WOULD_REQUEST, show, 949),
        available,
        KnownTitle(ItemStatus.NOT_FOUND, None, None),
        None,
        None,
    )
