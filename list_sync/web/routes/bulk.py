"""What is done with many titles at once, and taking it back."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter, Request

from list_sync.correcting.acting import Act, Outcome, act_on, count_refusals, take_back
from list_sync.database.dialects import in_batches
from list_sync.model.access import Scope
from list_sync.storage.title_filter import select_titles
from list_sync.storage.title_pages import count_all, find_all, find_own
from list_sync.storage.title_search import TitleRecord, load_records
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.item_filters import build_filter
from list_sync.web.models.bulk import MOST_AT_ONCE, BulkAnswer, BulkOrder, TakenBack, UndoOrder, build_answer
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer
from list_sync.web.routes.pause import find_end

_LOADED_AT_ONCE = 200


def routes(parts: Parts) -> APIRouter:
    """Return the routes that act on many titles."""
    router = APIRouter(prefix="/api/items", tags=["titles"], dependencies=[needs(Scope.ADMIN)])

    @router.post("/bulk", response_model=BulkAnswer, responses=may_answer(422))
    def bulk(order: BulkOrder, request: Request) -> BulkAnswer:
        """Ban, snooze or retry titles, or take that back: those of a filter, or those with these numbers.

        A filter is applied at this moment. With `dry_run`, the answer says what would be done. Titles are written in
        batches; if that fails, the batches before stay written, and the same order does the rest.
        """
        return act_in_bulk(parts, order, request)

    @router.post("/undo", response_model=TakenBack, responses=may_answer(404, 422))
    def undo(order: UndoOrder, request: Request) -> TakenBack:
        """Take back exactly what one action set, where nothing else changed it since."""
        tell_deed(request.scope, "undo")
        return TakenBack(keys=undo_change(parts, order.undo))

    return router


def act_in_bulk(parts: Parts, order: BulkOrder, request: Request) -> BulkAnswer:
    """Do something with the titles of an order; raise Problem if it names none."""
    until = find_end(order.build_snooze(), parts, what="snooze") if order.action is Act.SNOOZE else None
    matched, numbers = _choose(parts, order)
    tell_deed(request.scope, f"bulk {order.action.value}", f"{matched} titles{' (dry run)' if order.dry_run else ''}")
    if order.dry_run:
        left = _count_refused(parts, order.action, numbers)
        return build_answer(order, matched, len(numbers), left, until=until)
    outcome = _act(parts, order.action, numbers, until)
    undo = parts.undos.keep(outcome.change)
    return build_answer(order, matched, len(numbers), outcome.left, until=until, undo=undo)


def undo_change(parts: Parts, name: str) -> int:
    """Take back what an action set, and return the number of keys; raise Problem if it is not known any more."""
    change = parts.undos.find(name)
    if change is None:
        detail = "this cannot be taken back here any more: take back the ban, pin or snooze of each title"
        raise Problem(HTTPStatus.NOT_FOUND, detail)
    number = take_back(parts.store, change)
    # A database that cannot be written does not use the undo up.
    parts.undos.forget(name)
    return number


def _choose(parts: Parts, order: BulkOrder) -> tuple[int, Sequence[int]]:
    """Return how many titles are meant, and the numbers of those that one order is for."""
    household = parts.store.household
    with parts.store.reading() as connection:
        if order.filter is None:
            numbers = find_own(connection, household, order.ids)
            return len(numbers), numbers
        selection = select_titles(connection, household, build_filter(parts, order.filter), now=parts.now())
        return count_all(connection, selection), find_all(connection, selection, limit=MOST_AT_ONCE)


def _act(parts: Parts, act: Act, numbers: Sequence[int], until: datetime | None) -> Outcome:
    return act_on(parts.store, act, _load(parts, numbers), at=parts.now(), until=until)


def _count_refused(parts: Parts, act: Act, numbers: Sequence[int]) -> Counter[str]:
    left: Counter[str] = Counter()
    for records in _load(parts, numbers):
        left.update(count_refusals(parts.store, act, records))
    return left


def _load(parts: Parts, numbers: Sequence[int]) -> Iterator[tuple[TitleRecord, ...]]:
    for batch in in_batches(numbers, _LOADED_AT_ONCE):
        with parts.store.reading() as connection:
            # A run may have removed some meanwhile.
            records = load_records(connection, find_own(connection, parts.store.household, batch), with_events=False)
        yield records
