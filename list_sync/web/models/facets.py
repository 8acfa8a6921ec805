"""What narrows titles: the filter as callers give it, and how many titles each value finds."""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from list_sync.model.decisions import ItemStatus
from list_sync.model.facets import Facets, Mark
from list_sync.model.titles import MediaType, Quality
from list_sync.web.models.answers import Body

MOST_VALUES = 100

UserId = Annotated[int, Field(ge=0, lt=2**31)]
ListName = Annotated[str, Field(min_length=1, max_length=2000)]


class ItemsFilter(Body):
    """Which titles are meant: those that have one of the values of each kind that is given."""

    model_config = ConfigDict(
        populate_by_name=True, json_schema_extra={"example": {"state": ["waiting"], "list": ["imdb:top"], "q": "heat"}}
    )

    state: tuple[ItemStatus, ...] = ()
    kind: tuple[MediaType, ...] = ()
    quality: tuple[Quality, ...] = ()
    requester: tuple[UserId, ...] = Field(default=(), max_length=MOST_VALUES)
    mark: tuple[Mark, ...] = ()
    lists: tuple[ListName, ...] = Field(default=(), max_length=MOST_VALUES, alias="list")
    q: str = Field(default="", max_length=200, description="a part of the name, or an id such as tt0133093")

    def values(self) -> list[tuple[str, str]]:
        """Return the values as parameters of an address, or as fields of a form."""
        given = self.model_dump(mode="json", by_alias=True)
        many = [(name, str(one)) for name, value in given.items() if isinstance(value, list) for one in value]
        return many + ([("q", self.q)] if self.q else [])


class FacetValue(BaseModel):
    """One value, and how many titles it finds in the place of the others of its kind."""

    value: str = Field(examples=["waiting"])
    label: str = Field(examples=["waiting"], description="the value, or the name of a user or of a list")
    count: int = Field(examples=[50])


# The field `list` hides the type of that name.
Values = list[FacetValue]


class ItemFacets(BaseModel):
    """How many titles a filter finds, and how many each value would find."""

    total: int = Field(examples=[51])
    state: Values
    kind: Values
    quality: Values
    requester: Values
    mark: Values
    list: Values
    lists_whole: bool = Field(description="the numbers of lists are those of all their titles: there are too many")


def build_facets(found: Facets, *, users: Mapping[int, str], lists: Mapping[str, str]) -> ItemFacets:
    """Return counts with the names of users and lists."""
    by_list = [(key.name, number) for key, number in found.lists.items()]
    return ItemFacets(
        total=found.total,
        state=_build(found.statuses.items(), _plain),
        kind=_build(found.media_types.items(), lambda kind: MediaType(kind).word),
        quality=_build(found.qualities.items(), str.upper),
        requester=_build(found.requesters.items(), lambda user: users.get(int(user), f"user {user}")),
        mark=_build(found.marks.items(), _plain),
        list=sorted(_build(by_list, lambda name: lists.get(name, name)), key=lambda one: (-one.count, one.label)),
        lists_whole=found.are_lists_whole,
    )


def _build(counted: Iterable[tuple[object, int]], name: Callable[[str], str]) -> Values:
    return [FacetValue(value=str(value), label=name(str(value)), count=number) for value, number in counted]


def _plain(word: str) -> str:
    return word.replace("_", " ")
