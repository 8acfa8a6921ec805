"""Titles that wait for a decision of the user."""

from http import HTTPStatus

from fastapi import APIRouter

from list_sync.correcting.keys import keys_to_ban
from list_sync.correcting.pins import find_settled
from list_sync.model.access import Scope
from list_sync.model.decisions import ItemStatus
from list_sync.model.facets import TitleFilter
from list_sync.storage.memory import load_snoozes
from list_sync.storage.title_filter import select_titles
from list_sync.storage.title_pages import Place, count_all, find_all, find_title_page
from list_sync.storage.title_search import load_records
from list_sync.web.entrance.access import needs
from list_sync.web.models.answers import PageOf
from list_sync.web.models.items import ReviewItem, build_review
from list_sync.web.models.review import ReviewDetails, ReviewQueue, build_queue, build_review_details
from list_sync.web.paging import Cursor, Limit, build_page, find_place
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer
from list_sync.web.routes.items import ItemId, get_record

WAITING = TitleFilter((ItemStatus.NEEDS_REVIEW,))
MOST_QUEUED = 200


def routes(parts: Parts) -> APIRouter:
    """Return the routes of the titles that wait for a decision."""
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

    @router.get("/api/review/queue", response_model=ReviewQueue)
    def queue() -> ReviewQueue:
        """List what waits for a decision in the order of the review: what was put off, or is decided, comes last."""
        return find_queue(parts)

    @router.get("/api/review/{item_id}", response_model=ReviewDetails, responses=may_answer(404, 422))
    def one(item_id: ItemId) -> ReviewDetails:
        """Tell of a title that waits for a decision how its candidates compare.

        What was never read of them is asked of the server, once for each, and remembered.
        """
        return find_review_details(parts, item_id)

    return router


def find_queue(parts: Parts) -> ReviewQueue:
    """Return the titles that wait for a decision."""
    household = parts.store.household
    with parts.store.reading() as connection:
        selection = select_titles(connection, household, WAITING, now=parts.now())
        total = count_all(connection, selection)
        records = load_records(connection, find_all(connection, selection, limit=MOST_QUEUED), with_events=False)
        keys = {key for record in records for key in keys_to_ban(record)}
        snoozes = load_snoozes(connection, household, now=parts.now(), keys=keys)
    put_off = {record.item_id for record in records if not snoozes.keys().isdisjoint(keys_to_ban(record))}
    return build_queue(records, settled=find_settled(parts.store, records), put_off=frozenset(put_off), total=total)


def find_review_details(parts: Parts, item_id: int) -> ReviewDetails:
    """Return a title that waits for a decision; raise Problem if it does not."""
    record = get_record(parts, item_id)
    if record.status is not ItemStatus.NEEDS_REVIEW:
        raise Problem(HTTPStatus.NOT_FOUND, f"{record.label} waits for no decision: it is {record.status.value}")
    keys = [(one.media_type, one.tmdb_id) for one in record.candidates]
    facts = parts.candidates.find(parts.store, parts.open_client, keys, at=parts.now())
    with parts.store.reading() as connection:
        snoozes = load_snoozes(connection, parts.store.household, now=parts.now(), keys=keys_to_ban(record))
    return build_review_details(
        record,
        facts,
        is_settled=bool(find_settled(parts.store, [record])),
        snoozed_until=max(snoozes.values(), default=None),
    )
