"""What is stored about the poster of a title."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from list_sync.database.schema import review_candidates, synced_items, titles
from list_sync.model.titles import TitleKey


@dataclass(frozen=True, slots=True)
class PosterFacts:
    """The name of a title, and the path of its poster at TMDB as far as it was read."""

    title: str
    path: str | None = None


def find_poster(connection: Connection, household: str, key: TitleKey) -> PosterFacts | None:
    """Return what is known of a title's poster; None for a title that is on no list and no candidate."""
    kind, number = key[0].value, key[1]
    pages, items, candidates = titles.c, synced_items.c, review_candidates.c
    page = select(pages.title, pages.poster_path).where((pages.media_type == kind) & (pages.tmdb_id == number))
    if row := connection.execute(page).first():
        return PosterFacts(row.title, row.poster_path)
    item = select(items.title).where(
        (items.overseerr_id == number) & (items.media_type == kind) & (items.household == household)
    )
    candidate = select(candidates.title).where((candidates.tmdb_id == number) & (candidates.media_type == kind))
    for statement in (item, candidate):
        if (title := connection.scalar(statement.limit(1))) is not None:
            return PosterFacts(title)
    return None
