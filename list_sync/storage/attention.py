"""Counts what waits for a person."""

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Table, exists, func, select

from list_sync.database.schema import households, item_lists, lists, sent_requests, synced_items
from list_sync.model.attention import Attention, FailedRequests
from list_sync.model.decisions import ItemStatus
from list_sync.model.journal import RequestState
from list_sync.model.sources import FetchState
from list_sync.model.titles import with_year
from list_sync.model.waiting import HELD_BY_THE_BRAKE
from list_sync.storage.item_links import IS_PRESENT


def count_attention(connection: Connection, household: str) -> Attention:
    """Return how many lists, titles and requests of a household wait for a person."""
    server = select(households.c.server_id).where(households.c.name == household).scalar_subquery()
    failed = (lists.c.household == household) & (lists.c.state == FetchState.FAILED.value)
    waiting = (synced_items.c.household == household) & (synced_items.c.status == ItemStatus.NEEDS_REVIEW.value)
    gone = (sent_requests.c.server_id == server) & (sent_requests.c.state == RequestState.VANISHED.value)
    counts = (
        _count(lists, failed),
        _count(synced_items, waiting),
        _count(sent_requests, gone),
        _count(synced_items, _is_braked(household)),
    )
    return Attention(*connection.execute(select(*counts)).one())


def count_braked(connection: Connection, household: str) -> int:
    """Return how many titles the brake holds that are still on a list."""
    return connection.execute(select(_count(synced_items, _is_braked(household)))).scalar_one()


def find_failed_requests(connection: Connection, household: str, *, limit: int) -> tuple[FailedRequests, ...]:
    """Return the titles whose requests failed by their reasons, the most frequent ones."""
    columns, first = synced_items.c, synced_items.alias("first")
    failed = (columns.household == household) & (columns.status == ItemStatus.REQUEST_FAILED.value)
    by_reason = (
        select(columns.reason, func.count().label("titles"), func.min(columns.id).label("first_id"))
        .where(failed)
        .group_by(columns.reason)
        .order_by(func.count().desc(), func.min(columns.id))
        .limit(limit)
    ).subquery("by_reason")
    rows = connection.execute(
        select(by_reason, first.c.title, first.c.year)
        .join_from(by_reason, first, first.c.id == by_reason.c.first_id)
        .order_by(by_reason.c.titles.desc(), by_reason.c.first_id)
    )
    return tuple(
        FailedRequests(reason, titles, first_id, with_year(name, year)) for reason, titles, first_id, name, year in rows
    )


def _is_braked(household: str) -> ColumnElement[bool]:
    columns = synced_items.c
    is_on_a_list = exists().where((item_lists.c.item_id == columns.id) & IS_PRESENT)
    waiting = (columns.household == household) & (columns.status == ItemStatus.WAITING.value)
    return waiting & (columns.reason == HELD_BY_THE_BRAKE) & is_on_a_list


def _count(table: Table, which: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(table).where(which).scalar_subquery()
