"""Titles: found by state, list, kind and name, and everything that led to the state of one."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query

from list_sync.correcting.finding import ServerKnowledge, find_matched_name, find_pins, find_server_knowledge
from list_sync.correcting.naming import find_key_of
from list_sync.correcting.resets import get_server_url
from list_sync.correcting.snoozing import find_snooze
from list_sync.errors import ConfigError
from list_sync.model.access import Scope
from list_sync.model.decisions import ItemStatus
from list_sync.model.sources import ListRef
from list_sync.model.titles import MediaType
from list_sync.storage.lists import find_lists
from list_sync.storage.title_pages import TitleFilter, find_title_page
from list_sync.storage.title_search import TitleRecord, find_title
from list_sync.web.entrance.access import needs
from list_sync.web.models.answers import PageOf
from list_sync.web.models.items import Item, ItemDetails, build_details, build_item
from list_sync.web.paging import Cursor, Limit, build_page, find_place
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer

ItemId = Annotated[int, Path(ge=1, le=2**63 - 1, examples=[127])]


def routes(parts: Parts) -> APIRouter:
    """Return the routes that read titles."""
    router = APIRouter(prefix="/api/items", tags=["titles"], dependencies=[needs(Scope.READ)])

    @router.get("", response_model=PageOf[Item], responses=may_answer(422))
    def items(
        state: Annotated[list[ItemStatus] | None, Query(description="only these states")] = None,
        list_name: Annotated[
            str | None, Query(alias="list", max_length=2000, description="only of this list", examples=["imdb:top"])
        ] = None,
        kind: Annotated[MediaType | None, Query(description="only films, or only shows")] = None,
        q: Annotated[str, Query(max_length=200, description="a part of the name, or an id such as tt0133093")] = "",
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> PageOf[Item]:
        """List titles, those that were seen first last; titles that come meanwhile do not move the pages."""
        key = None if list_name is None else find_key_of(list_name, _find_known_lists(parts))
        wanted = TitleFilter(tuple(state or ()), key, kind, q.strip())
        with parts.store.reading() as connection:
            records = find_title_page(
                connection, parts.store.household, wanted, limit=limit + 1, before=find_place(cursor)
            )
        return build_page(records, limit, build=build_item, number_of=lambda record: record.item_id)

    @router.get("/{item_id}", response_model=ItemDetails, responses=may_answer(404, 422))
    def item(item_id: ItemId) -> ItemDetails:
        """Tell everything that is known of a title: its history, lists and pins, and its state on the server."""
        record = get_record(parts, item_id)
        return build_details(
            record,
            matched_title=find_matched_name(parts.store, record),
            pins=find_pins(parts.store, record),
            snoozed_until=find_snooze(parts.store, record, now=parts.now()),
            server=_find_server(parts, record),
        )

    return router


def _find_known_lists(parts: Parts) -> tuple[ListRef, ...]:
    """Return the present lists, and those that titles are known of."""
    with parts.store.reading() as connection:
        known = [
            *parts.lists,
            *(ListRef(one.list_type, one.list_id) for one in find_lists(connection, parts.store.household)),
        ]
    return tuple(dict.fromkeys(known))


def get_record(parts: Parts, item_id: int) -> TitleRecord:
    """Return the title of that number; raise Problem if there is none."""
    with parts.store.reading() as connection:
        record = find_title(connection, parts.store.household, item_id)
    if record is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no title {item_id}")
    return record


def _find_server(parts: Parts, record: TitleRecord) -> ServerKnowledge:
    try:
        return find_server_knowledge(parts.store, get_server_url(parts.settings.household), record)
    except ConfigError:
        return ServerKnowledge()
