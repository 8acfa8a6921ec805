"""Settings together with the providers, which bring settings of their own."""

import os
from dataclasses import replace
from pathlib import Path

from list_sync.config import ProcessSettings, Settings, find_config_dir, load_settings
from list_sync.config.environment import PROVIDERS_FOLDER, export_proxies
from list_sync.config.household_files import describe_closed
from list_sync.config.policy.joining import has_policy_file, read_joined
from list_sync.errors import ConfigError
from list_sync.model.households import HOME
from list_sync.providers import available_providers
from list_sync.providers.custom import find_untold, load_custom_providers


def prepare_settings(household: str = HOME) -> Settings:
    """Load the providers in CONFIG_DIR, then the settings, because each provider brings settings of its own.

    Join them with lists.yaml, if there is one; raise ConfigError with the problems of both. For a further household,
    return its settings.
    """
    export_proxies()
    folder = find_config_dir()
    problems = load_custom_providers(folder / PROVIDERS_FOLDER)
    settings = _load_joined(folder) if has_policy_file(folder) else load_settings(providers=available_providers())
    settings = settings if household == HOME else find_further(settings, household)
    of_file = settings.policy_file.warnings if settings.policy_file else ()
    if folder.is_dir() and not os.access(folder, os.X_OK):
        of_file = (f"CONFIG_DIR: {folder} cannot be entered: a lists.yaml in it does not count",)
    elif closed := describe_closed(folder):
        of_file += (f"CONFIG_DIR: {closed}; until then no household in it begins",)
    untold = find_untold(problems, settings.household.lists)
    return replace(settings, warnings=(*settings.warnings, *of_file, *untold))


def prepare_with(file: Path | None, household: str) -> Settings:
    """Return the settings, with `file` in the place of the file of the household if it is given."""
    settings = prepare_settings(household)
    return read_instead(settings, file, household) if file else settings


def read_instead(settings: Settings, file: Path, household: str) -> Settings:
    """Return settings that are joined with another file of a household; raise ConfigError with its faults."""
    if household == HOME:
        return read_joined(settings, available_providers(), file)
    from list_sync.config.households import read_settings

    return read_settings(settings, household, available_providers(), file)


def find_further(settings: Settings, household: str) -> Settings:
    """Return the settings of a further household in the process; raise ConfigError with all problems of its file."""
    # Imported here, because most users have one household.
    from list_sync.config.households import read_settings

    return read_settings(settings, household, available_providers())


def _load_joined(folder: Path) -> Settings:
    wrong: tuple[str, ...] = ()
    try:
        settings = load_settings(providers=available_providers())
    except ConfigError as error:
        settings, wrong = Settings(ProcessSettings(config_dir=folder)), tuple(error.problems)
    try:
        settings = read_joined(settings, available_providers())
    except ConfigError as error:
        wrong += tuple(error.problems)
    if wrong:
        raise ConfigError(wrong)
    return settings
