"""Configuration: environment, secret files, .env and config.enc become Settings (of the process and of its
household), checked once, at the start.

PUBLIC: load_env_config, used as `url, key, user, interval, automated, is_4k = load_env_config()`.

The settings themselves are loaded when they are first used: `health` needs only folders, and no pydantic.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from list_sync.config.environment import SECRETS_NAME, find_container
from list_sync.config.folders import StateFolder, find_state_folder

if TYPE_CHECKING:
    from list_sync.config.encrypted import EncryptedStore
    from list_sync.config.env_config import EnvConfig, load_env_config
    from list_sync.config.settings import (
        HouseholdSettings,
        ProcessSettings,
        Settings,
        find_config_dir,
        load_settings,
    )

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
    "load_env_config",
    "load_settings",
    "open_secrets",
]


def __getattr__(name: str) -> Any:
    """Load a name of __all__ that was not imported above."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "env_config" if name in ("EnvConfig", "load_env_config") else "settings"
    return getattr(import_module(f"{__name__}.{module}"), name)


def has_secrets(process: "ProcessSettings") -> bool:
    """Return whether there is a config.enc."""
    # Path.exists raises for a folder that we may not enter; os.path does not.
    return os.path.exists(process.data_dir / SECRETS_NAME)  # noqa: PTH110


def open_secrets(process: "ProcessSettings") -> "EncryptedStore":
    """Return the encrypted store of the data folder, which need not exist yet; raise ConfigError."""
    # Imported here, because most users have no such file and need no cryptography.
    from list_sync.config.encrypted import open_encrypted

    passphrase = process.config_passphrase
    return open_encrypted(process.data_dir / SECRETS_NAME, passphrase.get_secret_value() if passphrase else None)
