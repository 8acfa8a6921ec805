"""Filters of titles: read from addresses and forms, and turned into those of the database."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Query
from pydantic import ValidationError
from starlette.datastructures import ImmutableMultiDict

from list_sync.correcting.naming import find_key_of
from list_sync.model.decisions import ItemStatus
from list_sync.model.facets import Mark, TitleFilter
from list_sync.model.sources import ListKey, ListRef
from list_sync.model.titles import MediaType, Quality
from list_sync.storage.lists import find_lists
from list_sync.web.models.facets import MOST_VALUES, ItemsFilter, ListName, UserId
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem
from list_sync.web.wording import describe_errors


def ask_filter(
    state: Annotated[tuple[ItemStatus, ...], Query(description="only these states")] = (),
    lists: Annotated[
        tuple[ListName, ...], Query(alias="list", max_length=MOST_VALUES, description="only of these lists")
    ] = (),
    kind: Annotated[tuple[MediaType, ...], Query(description="only films, or only shows")] = (),
    quality: Annotated[tuple[Quality, ...], Query(description="only in these qualities")] = (),
    requester: Annotated[
        tuple[UserId, ...], Query(max_length=MOST_VALUES, description="only those that these users request")
    ] = (),
    mark: Annotated[tuple[Mark, ...], Query(description="only those that you pinned, banned or snoozed")] = (),
    q: Annotated[str, Query(max_length=200, description="a part of the name, or an id such as tt0133093")] = "",
) -> ItemsFilter:
    """Return the filter of an address."""
    return ItemsFilter(state=state, list=lists, kind=kind, quality=quality, requester=requester, mark=mark, q=q.strip())


AskedFilter = Annotated[ItemsFilter, Depends(ask_filter)]


def read_filter(fields: ImmutableMultiDict[str, str]) -> ItemsFilter:
    """Return the filter of a form; raise Problem for a value that is none."""
    names = [field.alias or name for name, field in ItemsFilter.model_fields.items()]
    many = {name: fields.getlist(name) for name in names if name != "q"}
    try:
        return ItemsFilter.model_validate(many | {"q": fields.get("q", "").strip()})
    except ValidationError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, describe_errors(error.errors())) from None


def build_filter(parts: Parts, asked: ItemsFilter) -> TitleFilter:
    """Return a filter for the database."""
    known = find_known_lists(parts) if asked.lists else ()
    return TitleFilter(
        statuses=asked.state,
        lists=tuple(_find_key(name, known) for name in asked.lists),
        media_types=asked.kind,
        qualities=asked.quality,
        requesters=asked.requester,
        marks=asked.mark,
        text=asked.q,
    )


def find_known_lists(parts: Parts) -> tuple[ListRef, ...]:
    """Return the present lists, and those that titles are known of."""
    with parts.store.reading() as connection:
        stored = [ListRef(one.list_type, one.list_id) for one in find_lists(connection, parts.store.household)]
    return tuple(dict.fromkeys([*parts.lists, *stored]))


def _find_key(name: str, known: tuple[ListRef, ...]) -> ListKey:
    # An address is shown without its secrets, and found by what is shown.
    return next((ref.key for ref in known if ref.name == name), None) or find_key_of(name, known)
