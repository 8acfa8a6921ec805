"""Which installation is behind an address: rows of a server are stored by its address and move to its new one."""

from sqlalchemy import Connection, delete, exists, select, update

from list_sync.database.schema import (
    item_lists,
    known_media,
    known_shows,
    provider_memory,
    sent_requests,
    server_fingerprints,
    synced_items,
)
from list_sync.database.statements import upsert
from list_sync.model.decisions import ItemStatus

# Under this name, which no provider has, the address of each installation is kept.
_SERVERS = "media-request servers"
_MEMORY = (known_media, known_shows, server_fingerprints)
_SAID_BY_THE_SERVER = (
    ItemStatus.REQUESTED,
    ItemStatus.ALREADY_REQUESTED,
    ItemStatus.ALREADY_AVAILABLE,
    ItemStatus.BLOCKLISTED,
    ItemStatus.DECLINED,
    ItemStatus.DELETED,
    ItemStatus.REQUEST_FAILED,
)
_NOT_ASKED_YET = "the server is another installation now, and was not asked about this title yet"


def follow_server(connection: Connection, installation: str, *, address: str) -> bool:
    """Record that an installation is at an address now; return whether another one was there before.

    What was asked of this installation elsewhere was asked of it here: otherwise a title that people took back would be
    asked for again as soon as OVERSEERR_URL is spelled anew. What was asked of the other one is put aside until that
    one is met again.
    """
    addresses = _load_addresses(connection)
    known = addresses.get(installation)
    others = [key for key, place in addresses.items() if place == address and key != installation]
    for other in others:
        aside = f"{address} (installation {other})"
        if known != address:
            _move(connection, address, aside)
        _note(connection, other, aside)
    if known == address:
        return False
    if known is not None:
        _move(connection, known, address)
    _note(connection, installation, address)
    if others:
        _forget_states(connection)
    return bool(others)


def _load_addresses(connection: Connection) -> dict[str, str]:
    columns = provider_memory.c
    rows = connection.execute(select(columns.key, columns.value).where(columns.provider == _SERVERS))
    return {key: address for key, address in rows}  # noqa: C416 - a Row is no pair for mypy


def _note(connection: Connection, installation: str, address: str) -> None:
    upsert(connection, provider_memory, [{"provider": _SERVERS, "key": installation, "value": address}])


def _move(connection: Connection, place: str, to: str) -> None:
    for table in _MEMORY:
        connection.execute(delete(table).where(table.c.server == to))
    for table in (*_MEMORY, sent_requests):
        connection.execute(update(table).where(table.c.server == place).values(server=to))


def _forget_states(connection: Connection) -> None:
    """Forget the states that the other installation gave to titles on lists."""
    columns = synced_items.c
    is_listed = exists().where(item_lists.c.item_id == columns.id)
    states = [status.value for status in _SAID_BY_THE_SERVER]
    told = update(synced_items).where(columns.status.in_(states) & is_listed)
    connection.execute(told.values(status=ItemStatus.WAITING.value, reason=_NOT_ASKED_YET))
