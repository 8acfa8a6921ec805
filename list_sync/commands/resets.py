"""What `status` and `health` say of requests that vanished from the server at once."""

from pathlib import Path

from list_sync.api.mediaserver.address import check_address
from list_sync.config import Settings
from list_sync.database.looking import count_vanished
from list_sync.errors import ConfigError
from list_sync.model.report import describe_vanished


def get_server_url(settings: Settings) -> str:
    """Return the server's address as the database has it; raise ConfigError if no server is set."""
    key = settings.overseerr_api_key.get_secret_value() if settings.overseerr_api_key else None
    return check_address(settings.overseerr_url, key, settings.overseerr_user_id).url


def find_reset(settings: Settings, database: Path) -> str:
    """Return the message about requests that vanished and wait for the user's answer, "" if there are none."""
    try:
        server = get_server_url(settings)
    except ConfigError:
        return ""
    return describe_vanished(count_vanished(database, server))
