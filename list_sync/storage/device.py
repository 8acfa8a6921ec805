"""The number by which this installation is known at a broker of MQTT and in its backups: made once, and kept."""

import secrets

from sqlalchemy import select

from list_sync.database.dialects import upsert
from list_sync.database.schema import provider_memory
from list_sync.database.store import Store

_OWNER, _KEY = "mqtt", "device"


def find_device_number(store: Store) -> str:
    """Return the number, and make it the first time; raise StorageError."""
    columns = provider_memory.c
    is_same = (columns.provider == _OWNER) & (columns.key == _KEY)
    with store.writing() as connection:
        number = connection.scalar(select(columns.value).where(is_same))
        if number is None:
            number = secrets.token_hex(4)
            upsert(connection, provider_memory, [{"provider": _OWNER, "key": _KEY, "value": number}])
        return str(number)
