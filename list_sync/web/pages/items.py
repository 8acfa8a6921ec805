"""The page of titles: searched, narrowed and sorted, with the reason of one beside them."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from list_sync.config.policy.origins import find_exclusions
from list_sync.model.access import Scope
from list_sync.model.decisions import ItemStatus
from list_sync.model.facets import Order
from list_sync.web.entrance.access import needs
from list_sync.web.item_filters import AskedFilter
from list_sync.web.models.facets import FacetValue, ItemFacets, ItemsFilter
from list_sync.web.models.items import Item
from list_sync.web.pages.rendering import Pages
from list_sync.web.paging import PlaceCursor
from list_sync.web.parts import Parts
from list_sync.web.routes.items import ItemId, find_both, find_details

PATH = "/items"
ON_A_PAGE = 50
SORTS = {Order.CHANGED: "changed last", Order.TITLE: "title", Order.NEXT: "goes next"}
# The kinds of values, with the words above them.
GROUPS = {
    "state": "State",
    "mark": "You said",
    "kind": "Kind",
    "requester": "Requested as",
    "quality": "Quality",
    "list": "List",
}

ShownId = Annotated[int | None, Query(ge=1, le=2**63 - 1)]
FirstPlace = Annotated[int, Query(ge=1, le=10**9)]


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of the same page with something changed."""

    asked: ItemsFilter
    sort: Order
    cursor: str | None = None
    first: int = 1

    @property
    def values(self) -> list[tuple[str, str]]:
        """Return the filter as fields of a form."""
        return self.asked.values()

    @property
    def here(self) -> str:
        """Return the address of this page."""
        return self._build(self.values, cursor=self.cursor, first=self.first)

    def without(self, name: str, value: str) -> str:
        """Return the address without one value of the filter."""
        return self._build([one for one in self.values if one != (name, value)])

    def beside(self, cursor: str, first: int) -> str:
        """Return the address of another page; its first title has this place."""
        return self._build(self.values, cursor=cursor, first=max(first, 1))

    def why(self, item_id: int) -> str:
        """Return the address of this page with the reason of one title."""
        return self._build(self.values, cursor=self.cursor, first=self.first, why=item_id)

    def _build(
        self, values: list[tuple[str, str]], *, cursor: str | None = None, first: int = 1, why: int | None = None
    ) -> str:
        sort = [("sort", self.sort.value)] if self.sort is not Order.CHANGED else []
        place = [("cursor", cursor), ("first", str(first))] if cursor else []
        query = urlencode([*values, *sort, *place, *([("why", str(why))] if why else [])])
        return f"{PATH}?{query}" if query else PATH


@dataclass(frozen=True, slots=True)
class Group:
    """The values of one kind, and which of them are chosen."""

    name: str
    head: str
    values: tuple[FacetValue, ...]
    chosen: frozenset[str]


def routes(pages: Pages) -> APIRouter:
    """Return the routes of the pages."""
    router = APIRouter(dependencies=[needs(Scope.READ)])

    @router.get(PATH)
    def items(
        request: Request,
        asked: AskedFilter,
        sort: Order = Order.CHANGED,
        cursor: PlaceCursor = None,
        first: FirstPlace = 1,
        why: ShownId = None,
    ) -> Response:
        """Show the titles that a filter finds, and the reason of one of them."""
        parts = pages.parts
        facets, page = find_both(parts, asked, sort, limit=ON_A_PAGE, cursor=cursor)
        return pages.render(
            request,
            "items.html",
            facets=facets,
            groups=tuple(group_values(facets, asked)),
            page=page,
            asked=asked,
            sorts=SORTS,
            links=Links(asked, sort, cursor, first),
            size=ON_A_PAGE,
            names=name_lists(parts),
            origins=find_exclusions(parts.present) if any(map(_is_excluded, page.items)) else {},
            item=find_details(parts, why) if why else None,
        )

    @router.get(PATH + "/bulk")
    def after_bulk() -> Response:
        """Lead from the question about many titles, which only a form asks, to all titles."""
        return pages.redirect(PATH)

    @router.get(PATH + "/{item_id}")
    def item(item_id: ItemId, request: Request) -> Response:
        """Show everything that led to the state of one title."""
        return show_item(pages, request, item_id)

    return router


def show_item(
    pages: Pages, request: Request, item_id: int, *, status: HTTPStatus = HTTPStatus.OK, **values: object
) -> Response:
    """Show everything that led to the state of one title; `values` are for the page."""
    values |= {"item": find_details(pages.parts, item_id), "names": name_lists(pages.parts)}
    return pages.render(request, "item.html", status=status, **values)


def name_lists(parts: Parts) -> dict[str, str]:
    """Return what people call each list."""
    return {ref.name: ref.label for ref in parts.lists}


def _is_excluded(item: Item) -> bool:
    return item.status is ItemStatus.EXCLUDED


def group_values(facets: ItemFacets, asked: ItemsFilter) -> Iterator[Group]:
    """Yield the values that can be chosen, those that are chosen also where they find nothing."""
    given = asked.values()
    for name, head in GROUPS.items():
        chosen = [value for kind, value in given if kind == name]
        counted = {one.value: one for one in getattr(facets, name)}
        empty = [
            FacetValue(value=value, label=value.replace("_", " "), count=0) for value in chosen if value not in counted
        ]
        values = (*counted.values(), *empty)
        if len(values) > 1 or chosen or name in ("state", "list"):
            yield Group(name, head, values, frozenset(chosen))
