"""Lists: how complete each is, by which route it was read, when it is read again, and what became of its titles."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from list_sync.config.policy.joining import find_disabled
from list_sync.config.policy.origins import find_origins
from list_sync.config.policy.words import describe_each
from list_sync.correcting.naming import with_people
from list_sync.model.access import Scope
from list_sync.model.sources import ListRef
from list_sync.model.terms import UNSTATED, Terms
from list_sync.providers import available_providers
from list_sync.storage.list_history import find_readings
from list_sync.storage.lists import find_lists
from list_sync.storage.run_lists import find_expected
from list_sync.web.entrance.access import needs
from list_sync.web.models.lists import ListAnswer, ListDetails, ListRow, build_details, build_list, build_row
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer


class Lists(BaseModel):
    """All lists, those of the settings first."""

    items: list[ListRow]


def routes(parts: Parts) -> APIRouter:
    """Return the routes that read lists."""
    router = APIRouter(prefix="/api/lists", tags=["lists"], dependencies=[needs(Scope.READ)])

    @router.get("", response_model=Lists)
    def lists() -> Lists:
        """List all lists with their last readings, also those that are off or of the last run and not set any more."""
        return Lists(items=find_rows(parts))

    @router.get("/{name:path}", response_model=ListDetails, responses=may_answer(404))
    def one_list(name: Annotated[str, Path(max_length=2000, examples=["imdb:top"])]) -> ListDetails:
        """Tell how one list was read the last times, and where each of its terms is stated."""
        return get_named(parts, name)[1]

    return router


def find_rows(parts: Parts) -> list[ListRow]:
    """Return every list, also those that are off, with what became of its titles."""
    found = list(_find_lists(parts))
    titles = parts.list_counts.find(parts.store)
    with parts.store.reading() as connection:
        readings = find_readings(connection, parts.store.household)
    return [build_row(answer, terms, titles.get(ref.key), readings.get(ref.key)) for ref, terms, answer in found]


def get_named(parts: Parts, name: str) -> tuple[ListRef, ListDetails]:
    """Return the list of a name, and what is known of it; raise Problem if there is none."""
    found = next((one for one in _find_lists(parts) if name in (one[2].list, one[2].written)), None)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no list has this name: the page Lists and GET /api/lists name all of them")
    ref, terms, answer = found
    titles = parts.list_counts.find_one(parts.store, ref.key)
    with parts.store.reading() as connection:
        readings = find_readings(connection, parts.store.household, ref.key)
    row = build_row(answer, terms, titles, readings.get(ref.key))
    said = describe_each(terms) if terms else {}
    origins = find_origins(parts.present, ref.key, ["source", *said], available_providers())
    return ref, build_details(row, ref.origin, said, origins)


def find_answers(parts: Parts) -> list[ListAnswer]:
    """Return every list that is not off with its record, configured ones first and in their order."""
    return [answer for _, _, answer in _find_lists(parts) if answer.enabled]


def _find_lists(parts: Parts) -> Iterator[tuple[ListRef, Terms | None, ListAnswer]]:
    """Yield every list with its terms and its record."""
    with parts.store.reading() as connection:
        records = {ListRef(one.list_type, one.list_id): one for one in find_lists(connection, parts.store.household)}
        expected = find_expected(connection, parts.store.household)
    settings, now, next_syncs = parts.present, parts.now(), parts.daemon.find_next_syncs()
    configured = with_people(settings.household.lists, [ref.key for ref in records])
    disabled = [ref for ref in find_disabled(settings) if ref not in configured]
    known = dict.fromkeys((*configured, *disabled, *records))
    for ref in known:
        is_set = ref in configured or ref in disabled
        terms = (settings.policy.defaults if ref.terms is UNSTATED else ref.terms) if is_set else None
        yield (
            ref,
            terms,
            build_list(
                ref,
                records.get(ref),
                expected=expected.get(ref.key),
                is_configured=is_set,
                is_enabled=ref not in disabled,
                next_sync=next_syncs.get(ref.terms.schedule),
                terms=terms,
                now=now,
            ),
        )
