"""The media-request servers, found by installation, or by address if the installation is not known."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, insert, select, update

from list_sync.database.dialects import upsert
from list_sync.database.schema import households, item_lists, servers, synced_items
from list_sync.model.decisions import SAID_BY_SERVER, ItemStatus
from list_sync.model.servers import Server, ServerInfo
from list_sync.storage.item_links import IS_PRESENT

_NOT_ASKED_YET = "the server is another installation now, and this title was not looked up there yet"


def find_household_server(connection: Connection, household: str) -> Server | None:
    """Return the server that the latest run of a household used, wherever it answers now."""
    number = select(households.c.server_id).where(households.c.name == household).scalar_subquery()
    return _build(connection.execute(select(servers).where(servers.c.id == number)).first())


def find_answering(connection: Connection, household: str, info: ServerInfo, *, address: str) -> Server | None:
    """Return the server that answers at an address, if it is known from here or from another address."""
    return _build(_find_own_row(connection, household, info, address)[0])


def _build(row: Row[Any] | None) -> Server | None:
    return None if row is None else Server(row.id, row.installation or "", row.address, row.kind or "", row.name or "")


def shares_server(household: str) -> ColumnElement[bool]:
    """Return the condition on titles of a household, and of those that have the same server."""
    server_id = select(households.c.server_id).where(households.c.name == household).scalar_subquery()
    alike = select(households.c.name).where(households.c.server_id == server_id)
    return (synced_items.c.household == household) | synced_items.c.household.in_(alike)


def recognise_server(
    connection: Connection, household: str, info: ServerInfo, *, address: str, at: datetime
) -> tuple[Server, bool]:
    """Return the server that answers at an address, and whether the household had another one before.

    An installation is found again at any address: otherwise a title that people deleted would be requested again
    after a change of OVERSEERR_URL. The states that another server gave to the household's titles are deleted.
    """
    found, installation = _find_own_row(connection, household, info, address)
    values = {"installation": installation, "address": address, "kind": info.dialect.value, "name": info.name}
    before = connection.scalar(select(households.c.server_id).where(households.c.name == household))
    if found is None:
        row = values | {"seen_at": at}
        server_id = int(connection.execute(insert(servers).returning(servers.c.id), row).scalar_one())
    else:
        server_id = int(found.id)
        # The time of the last change, not of the last run. It shows which server was the last one at an address.
        if before != server_id or any(found._mapping[name] != value for name, value in values.items()):
            connection.execute(update(servers).where(servers.c.id == server_id).values(**values, seen_at=at))
    if before != server_id:
        upsert(connection, households, [{"name": household, "server_id": server_id}])
        if before is not None:
            _forget_states(connection, household)
    server = Server(server_id, installation or "", address, info.dialect.value, info.name)
    return server, before not in {None, server_id}


def note_server(connection: Connection, household: str, info: ServerInfo, *, address: str, at: datetime) -> int:
    """Return the number of the server that answers at an address, stored if it is new; no household changes."""
    found, installation = _find_own_row(connection, household, info, address)
    if found is not None:
        return int(found.id)
    row = {"installation": installation, "address": address, "kind": info.dialect.value}
    values = row | {"name": info.name, "seen_at": at}
    return int(connection.execute(insert(servers).returning(servers.c.id), values).scalar_one())


def _find_own_row(
    connection: Connection, household: str, info: ServerInfo, address: str
) -> tuple[Row[Any] | None, str | None]:
    """Return the row of a household's server, and its installation, as far as both are known.

    Two households may have copies of one installation: a second server is often begun as a copy of the first. So an
    installation that another household knows at another address is not the same server.
    """
    found = _find_row(connection, info.installation, address)
    installation = info.installation or (found.installation if found else None)
    if found is None or not info.installation or found.address == address:
        return found, installation
    users = set(connection.scalars(select(households.c.name).where(households.c.server_id == found.id)))
    if household in users or not users:
        return found, installation
    copy = f"{info.installation} ({household})"
    found = _find_copy(connection, household, info.installation, address) or _find_row(connection, copy, address)
    return found, (found and found.installation) or copy


def _find_copy(connection: Connection, household: str, installation: str, address: str) -> Row[Any] | None:
    """Return the row of a copy of an installation: that of the household, or else the one at the address.

    A copy is stored under the name of the household that found it first, which others may use, or which is renamed.
    """
    own = servers.c.id == select(households.c.server_id).where(households.c.name == household).scalar_subquery()
    is_copy = servers.c.installation.startswith(f"{installation} (", autoescape=True)
    found = select(servers).where(is_copy & (own | (servers.c.address == address)))
    return connection.execute(found.order_by(own.desc(), servers.c.id)).first()


def _find_row(connection: Connection, installation: str, address: str) -> Row[Any] | None:
    """Return the row of an installation, or else of the server at the address, if its installation is not known."""
    at_address = servers.c.address == address
    if not installation:
        latest_first = (servers.c.seen_at.desc().nulls_last(), servers.c.id.desc())
        return connection.execute(select(servers).where(at_address).order_by(*latest_first)).first()
    is_same = servers.c.installation == installation
    found = select(servers).where(is_same | (at_address & servers.c.installation.is_(None)))
    return connection.execute(found.order_by(servers.c.installation.is_(None))).first()


def _forget_states(connection: Connection, household: str) -> None:
    """Delete the states that another server gave to titles on lists."""
    columns = synced_items.c
    is_listed = exists().where((item_lists.c.item_id == columns.id) & IS_PRESENT)
    states = [status.value for status in SAID_BY_SERVER]
    said = update(synced_items).where((columns.household == household) & columns.status.in_(states) & is_listed)
    connection.execute(said.values(status=ItemStatus.WAITING.value, reason=_NOT_ASKED_YET))
