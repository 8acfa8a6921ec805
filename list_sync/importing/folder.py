"""Imports a data folder of ListSync 0.6; its files are only read."""

from pathlib import Path

from list_sync.config.environment import Environment
from list_sync.config.folders import DATABASE_NAME
from list_sync.errors import ConfigError
from list_sync.importing.report import Report


def import_folder(folder: Path | None, *, dry_run: bool) -> Report:
    """Take over a folder (DATA_DIR if None) and return the report; raise ConfigError if it is not one of 0.6."""
    folder = folder or Environment.open_checked().find_data_dir()
    if not (folder / DATABASE_NAME).is_file():
        raise ConfigError(f"{folder} has no {DATABASE_NAME}: name the data folder of ListSync 0.6")
    return Report(f"{folder} (ListSync 0.6)", is_dry_run=dry_run)
