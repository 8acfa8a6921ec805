"""The deliveries of webhooks that were taken, so that one that is sent again starts nothing; kept a week."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from list_sync.database.dialects import upsert
from list_sync.database.schema_web import webhook_deliveries

KEPT = timedelta(days=7)
MOST = 10_000
_COLUMNS = webhook_deliveries.c


def is_known(connection: Connection, delivery: str) -> bool:
    """Return whether a delivery was taken before."""
    return connection.scalar(select(_COLUMNS.at).where(_COLUMNS.delivery == delivery)) is not None


def note_delivery(connection: Connection, delivery: str, *, at: datetime) -> None:
    """Store a delivery, and delete those that are too old or too many."""
    upsert(connection, webhook_deliveries, [{"delivery": delivery, "at": at}])
    too_many = select(_COLUMNS.delivery).order_by(_COLUMNS.at.desc()).offset(MOST).scalar_subquery()
    connection.execute(delete(webhook_deliveries).where((_COLUMNS.at < at - KEPT) | _COLUMNS.delivery.in_(too_many)))
