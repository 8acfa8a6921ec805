"""Titles that wait for a decision of the user."""

from fastapi import APIRouter

from list_sync.correcting.pins import find_settled
from list_sync.model.access import Scope
from list_sync.model.decisions import ItemStatus
from list_sync.model.facets import TitleFilter
from list_sync.storage.title_filter import select_titles
from list_sync.storage.title_pages import Place, find_title_page
from list_sync.web.entrance.access import needs
from list_sync.web.models.answers import PageOf
from list_sync.web.models.items import ReviewItem, build_review
from list_sync.web.paging import Cursor, Limit, build_page, find_place
from list_sync.web.parts import Parts
from list_sync.web.problems import may_answer

WAITING = TitleFilter((ItemStatus.NEEDS_REVIEW,))


def routes(parts: Parts) -> APIRouter:
    """Return the route of the titles that wait for a decision."""
    router = APIRouter(tags=["titles"], dependencies=[needs(Scope.READ)])

    @router.get("/api/review", response_model=PageOf[ReviewItem], responses=may_answer(422))
    def review(limit: Limit = 50, cursor: Cursor = None) -> PageOf[ReviewItem]:
        """List the titles that wait for a decision, each with the titles of TMDB that may be meant.

        `POST /api/items/{item_id}/pin` or `…/ban` decides; the next sync uses it.
        """
        with parts.store.reading() as connection:
            waiting = select_titles(connection, parts.store.household, WAITING, now=parts.now())
            place = find_place(cursor)
            page = find_title_page(connection, waiting, limit=limit + 1, place=Place(None, place) if place else None)
        records = page.records
        settled = find_settled(parts.store, records)
        return build_page(
            records,
            limit,
            build=lambda record: build_review(record, is_settled=record.item_id in settled),
            number_of=lambda record: record.item_id,
        )

    return router
