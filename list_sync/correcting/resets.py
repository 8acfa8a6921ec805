"""Requests that vanished from the server at once: the message about them, and the user's answer."""

from pathlib import Path

from list_sync.api.mediaserver.address import check_address
from list_sync.config import HouseholdSettings
from list_sync.database.looking import count_vanished
from list_sync.database.store import Store
from list_sync.errors import ConfigError
from list_sync.model.journal import describe_vanished
from list_sync.storage.journal import settle_vanished
from list_sync.storage.servers import find_server


def get_server_url(household: HouseholdSettings) -> str:
    """Return the server's address as the database has it; raise ConfigError if no server is set."""
    key = household.overseerr_api_key.get_secret_value() if household.overseerr_api_key else None
    return check_address(household.overseerr_url, key, household.overseerr_user_id).url


def find_reset(household: HouseholdSettings, database: Path) -> str:
    """Return the message about requests that vanished and wait for the user's answer, "" if there are none."""
    try:
        server = get_server_url(household)
    except ConfigError:
        return ""
    return describe_vanished(count_vanished(database, server))


def settle_reset(store: Store, address: str, *, ask_again: bool) -> int:
    """Record the user's answer about the requests that vanished from a server; return their number."""
    with store.writing() as connection:
        server = find_server(connection, address)
        return settle_vanished(connection, server.server_id, ask_again=ask_again) if server else 0
