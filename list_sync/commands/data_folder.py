"""The folder for `backup` and `restore`. They need only DATA_DIR, so that other wrong settings do not stop them."""

from pathlib import Path

from list_sync.config import find_config_dir
from list_sync.config.encrypted import KEY_NAME, LARGEST_BYTES
from list_sync.config.environment import PASSPHRASE, SECRETS_NAME, Environment
from list_sync.errors import ConfigError

DOTENV = Path(".env")
# The small files in a backup beside the database, each with a size limit that is never reached.
SMALL_FILES = {SECRETS_NAME: LARGEST_BYTES, KEY_NAME: 4096, DOTENV.name: 1024**2}


def find_data_dir() -> tuple[Path, str | None]:
    """Return DATA_DIR and the passphrase of config.enc, if it is set; raise ConfigError if they cannot be read."""
    environment = Environment.open(None, DOTENV)
    data_dir, passphrase = environment.find_data_dir(), environment.find(PASSPHRASE)
    if environment.problems:
        raise ConfigError(environment.problems)
    return data_dir, passphrase


def find_dotenv() -> Path | None:
    """Return the .env file in the working folder or in CONFIG_DIR: in a container, wherever it is mounted."""
    return next((path for path in (DOTENV, find_config_dir() / DOTENV.name) if path.is_file()), None)
