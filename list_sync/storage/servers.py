"""Which server is behind an address: our journal goes by addresses, and moves along when a server gets another."""

from sqlalchemy import Connection, select, update

from list_sync.storage.schema import provider_memory, sent_requests
from list_sync.storage.statements import upsert

# Under this name, which no provider has, the address of each installation is kept.
_SERVERS = "media-request servers"


def follow_server(connection: Connection, installation: str, *, address: str) -> None:
    """Note that an installation is at an address now; what was asked of it elsewhere was asked of it here.

    Without that, a title that people took back would be asked for again as soon as OVERSEERR_URL is spelled anew.
    What the server knew is only remembered, and is simply read again.
    """
    columns = provider_memory.c
    is_it = (columns.provider == _SERVERS) & (columns.key == installation)
    known = connection.scalar(select(columns.value).where(is_it))
    if known == address:
        return
    if known is not None:
        connection.execute(update(sent_requests).where(sent_requests.c.server == known).values(server=address))
    upsert(connection, provider_memory, [{"provider": _SERVERS, "key": installation, "value": address}])
