"""Counts what waits for a person."""

from sqlalchemy import ColumnElement, Connection, Table, exists, func, select

from list_sync.database.schema import households, item_lists, lists, sent_requests, synced_items
from list_sync.model.attention import Attention
from list_sync.model.decisions import ItemStatus
from list_sync.model.journal import RequestState
from list_sync.model.sources import FetchState
from list_sync.model.waiting import HELD_BY_THE_BRAKE
from list_sync.storage.item_links import IS_PRESENT


def count_attention(connection: Connection, household: str) -> Attention:
    """Return how many lists, titles and requests of a household wait for a person."""
    server = select(households.c.server_id).where(households.c.name == household).scalar_subquery()
    failed = (lists.c.household == household) & (lists.c.state == FetchState.FAILED.value)
    waiting = (synced_items.c.household == household) & (synced_items.c.status == ItemStatus.NEEDS_REVIEW.value)
    gone = (sent_requests.c.server_id == server) & (sent_requests.c.state == RequestState.VANISHED.value)
    return Attention(
        _count(connection, lists, failed),
        _count(connection, synced_items, waiting),
        _count(connection, sent_requests, gone),
        count_braked(connection, household),
    )


def count_braked(connection: Connection, household: str) -> int:
    """Return how many titles the brake holds that are still on a list."""
    columns = synced_items.c
    is_on_a_list = exists().where((item_lists.c.item_id == columns.id) & IS_PRESENT)
    waiting = (columns.household == household) & (columns.status == ItemStatus.WAITING.value)
    return _count(connection, synced_items, waiting & (columns.reason == HELD_BY_THE_BRAKE) & is_on_a_list)


def _count(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(which)) or 0
