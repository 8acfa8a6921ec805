"""Configuration: environment, secret files, .env and config.enc become Settings (of the process and of its
household), checked once, at the start.

PUBLIC: load_env_config, used as `url, key, user, interval, automated, is_4k = load_env_config()`.
"""

import os
from typing import TYPE_CHECKING, NamedTuple

from list_sync.config.environment import SECRETS_NAME, find_container
from list_sync.config.folders import StateFolder, find_state_folder
from list_sync.config.settings import (
    HouseholdSettings,
    ProcessSettings,
    Settings,
    find_config_dir,
    load_settings,
)
from list_sync.config.values import hide_credentials

if TYPE_CHECKING:
    from list_sync.config.encrypted import EncryptedStore

__all__ = [
    "EnvConfig",
    "HouseholdSettings",
    "ProcessSettings",
    "Settings",
    "StateFolder",
    "find_config_dir",
    "find_container",
    "find_state_folder",
    "has_secrets",
    "hide_credentials",
    "load_env_config",
    "load_settings",
    "open_secrets",
]


class EnvConfig(NamedTuple):
    """What scripts need of the environment; only `url` and `api_key` can be None."""

    url: str | None
    api_key: str | None
    user_id: int
    sync_interval: float
    automated_mode: bool
    is_4k: bool


def load_env_config() -> EnvConfig:
    """Return the server's settings from the environment, secret files and .env, without any network call.

    Raise ConfigError with every problem at once.
    """
    settings = load_settings(providers={})
    key = settings.household.overseerr_api_key
    return EnvConfig(
        url=settings.household.overseerr_url,
        api_key=key.get_secret_value() if key else None,
        user_id=settings.household.overseerr_user_id,
        sync_interval=settings.household.sync_interval,
        automated_mode=settings.process.automated_mode,
        is_4k=settings.household.overseerr_4k,
    )


def has_secrets(process: ProcessSettings) -> bool:
    """Return whether there is a config.enc."""
    # Path.exists raises for a folder that we may not enter; os.path does not.
    return os.path.exists(process.data_dir / SECRETS_NAME)  # noqa: PTH110


def open_secrets(process: ProcessSettings) -> "EncryptedStore":
    """Return the encrypted store of the data folder, which need not exist yet; raise ConfigError."""
    # Imported here, because most users have no such file and need no cryptography.
    from list_sync.config.encrypted import open_encrypted

    passphrase = process.config_passphrase
    return open_encrypted(process.data_dir / SECRETS_NAME, passphrase.get_secret_value() if passphrase else None)
