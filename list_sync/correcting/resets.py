"""Requests that vanished from the server at once: the user's answer."""

from list_sync.database.store import Store
from list_sync.storage.journal import settle_vanished
from list_sync.storage.servers import find_household_server


def settle_reset(store: Store, *, ask_again: bool) -> int:
    """Record the user's answer about the requests that vanished from the household's server; return their number."""
    with store.writing() as connection:
        server = find_household_server(connection, store.household)
        return settle_vanished(connection, server.server_id, ask_again=ask_again) if server else 0
