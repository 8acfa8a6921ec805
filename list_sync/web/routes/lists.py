"""Lists: how complete each is, by which route it was read, and when it is read again."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from list_sync.correcting.naming import with_people
from list_sync.model.access import Scope
from list_sync.model.sources import ListRef
from list_sync.model.terms import UNSTATED
from list_sync.storage.lists import find_lists
from list_sync.storage.run_lists import find_expected
from list_sync.web.entrance.access import needs
from list_sync.web.models.lists import ListAnswer, build_list
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer


class Lists(BaseModel):
    """All lists, those of the settings first."""

    items: list[ListAnswer]


def routes(parts: Parts) -> APIRouter:
    """Return the routes that read lists."""
    router = APIRouter(prefix="/api/lists", tags=["lists"], dependencies=[needs(Scope.READ)])

    @router.get("", response_model=Lists)
    def lists() -> Lists:
        """List all lists with their last reading, and lists of the last run that are not set any more."""
        return Lists(items=find_answers(parts))

    @router.get("/{name:path}", response_model=ListAnswer, responses=may_answer(404))
    def one_list(name: Annotated[str, Path(max_length=2000, examples=["imdb:top"])]) -> ListAnswer:
        """Tell how one list was read the last time."""
        found = next((one for one in find_answers(parts) if name in (one.list, one.written)), None)
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, "no list has this name: GET /api/lists names all of them")
        return found

    return router


def find_answers(parts: Parts) -> list[ListAnswer]:
    """Return every list with its record, configured ones first and in their order."""
    with parts.store.reading() as connection:
        records = {ListRef(one.list_type, one.list_id): one for one in find_lists(connection, parts.store.household)}
        expected = find_expected(connection, parts.store.household)
    settings, now, next_syncs = parts.present, parts.now(), parts.daemon.find_next_syncs()
    configured = with_people(settings.household.lists, [ref.key for ref in records])
    usual = settings.policy.defaults
    return [
        build_list(
            ref,
            records.get(ref),
            expected=expected.get(ref.key),
            is_configured=ref in configured,
            next_sync=next_syncs.get(ref.terms.schedule),
            terms=(ref.terms if ref.terms is not UNSTATED else usual) if ref in configured else None,
            now=now,
        )
        for ref in (*configured, *(ref for ref in records if ref not in configured))
    ]
