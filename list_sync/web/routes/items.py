"""Titles: found by state, list, kind and name, and everything that led to the state of one."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query

from list_sync.config.policy.origins import find_exclusions
from list_sync.correcting.finding import find_knowledge
from list_sync.model.access import Scope
from list_sync.model.decisions import ItemStatus
from list_sync.model.facets import Facets, Mark, Order
from list_sync.storage.retries import may_retry
from list_sync.storage.server_options import find_requester_names
from list_sync.storage.title_facets import count_facets
from list_sync.storage.title_filter import select_titles
from list_sync.storage.title_pages import TitlePage, find_title_page
from list_sync.storage.title_search import TitleRecord, find_title
from list_sync.web.entrance.access import needs
from list_sync.web.item_filters import AskedFilter, build_filter
from list_sync.web.models.facets import ItemFacets, ItemsFilter, build_facets
from list_sync.web.models.items import ItemDetails, ItemPage, build_details, build_item
from list_sync.web.paging import Limit, PlaceCursor, read_place, write_place
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer

ItemId = Annotated[int, Path(ge=1, le=2**63 - 1, examples=[127])]


def routes(parts: Parts) -> APIRouter:
    """Return the routes that read titles."""
    router = APIRouter(prefix="/api/items", tags=["titles"], dependencies=[needs(Scope.READ)])

    @router.get("", response_model=ItemPage, responses=may_answer(422))
    def items(
        asked: AskedFilter,
        sort: Annotated[Order, Query(description="`next` begins with what goes next")] = Order.SEEN,
        limit: Limit = 50,
        cursor: PlaceCursor = None,
    ) -> ItemPage:
        """List titles, those that were seen first last; titles that come meanwhile do not move the pages."""
        return find_items(parts, asked, sort, limit=limit, cursor=cursor)

    @router.get("/facets", response_model=ItemFacets, responses=may_answer(422))
    def facets(asked: AskedFilter) -> ItemFacets:
        """Count the titles of a filter, and those that each value would find in the place of those of its kind."""
        return find_facets(parts, asked)

    @router.get("/{item_id}", response_model=ItemDetails, responses=may_answer(404, 422))
    def item(item_id: ItemId) -> ItemDetails:
        """Tell everything that is known of a title: its history, lists and pins, and its state on the server."""
        return find_details(parts, item_id)

    return router


def find_items(parts: Parts, asked: ItemsFilter, sort: Order, *, limit: int, cursor: str | None) -> ItemPage:
    """Return a page of titles; raise Problem for a wrong cursor."""
    place, wanted = read_place(cursor, sort), build_filter(parts, asked)
    with parts.store.reading() as connection:
        selection = select_titles(connection, parts.store.household, wanted, now=parts.now())
        return build_item_page(find_title_page(connection, selection, sort, limit=limit, place=place))


def find_facets(parts: Parts, asked: ItemsFilter) -> ItemFacets:
    """Return how many titles a filter finds, and how many each value would find."""
    wanted = build_filter(parts, asked)
    with parts.store.reading() as connection:
        selection = select_titles(connection, parts.store.household, wanted, now=parts.now(), marks=Mark)
        found = count_facets(connection, selection)
    return name_facets(parts, found)


def find_both(
    parts: Parts, asked: ItemsFilter, sort: Order, *, limit: int, cursor: str | None
) -> tuple[ItemFacets, ItemPage]:
    """Return the facets and a page of the same titles, which are looked up once."""
    place, wanted = read_place(cursor, sort), build_filter(parts, asked)
    with parts.store.reading() as connection:
        selection = select_titles(connection, parts.store.household, wanted, now=parts.now(), marks=Mark)
        found = count_facets(connection, selection)
        page = find_title_page(connection, selection, sort, limit=limit, place=place, total=found.total)
    return name_facets(parts, found), build_item_page(page)


def name_facets(parts: Parts, found: Facets) -> ItemFacets:
    """Return counts with the names of users and lists."""
    users = find_requester_names(parts.store) if found.requesters else {}
    return build_facets(found, users=users, lists={ref.name: ref.label for ref in parts.lists})


def build_item_page(page: TitlePage) -> ItemPage:
    """Return a page with the cursors of the pages beside it."""
    return ItemPage(
        items=[build_item(record) for record in page.records],
        next_cursor=write_place(page.older),
        previous_cursor=write_place(page.newer),
    )


def get_record(parts: Parts, item_id: int) -> TitleRecord:
    """Return the title of that number; raise Problem if there is none."""
    with parts.store.reading() as connection:
        record = find_title(connection, parts.store.household, item_id)
    if record is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no title {item_id}")
    return record


def find_details(parts: Parts, item_id: int) -> ItemDetails:
    """Return everything that is known of a title; raise Problem if there is none of that number."""
    record = get_record(parts, item_id)
    with parts.store.reading() as connection:
        can_retry = may_retry(connection, parts.store.household, record)
    origins = find_exclusions(parts.present) if record.status is ItemStatus.EXCLUDED else {}
    stated_at = str(origins.get(record.reason, ""))
    known = find_knowledge(parts.store, record, now=parts.now())
    return build_details(record, known, parts.settings.process.zone, can_retry=can_retry, stated_at=stated_at)
