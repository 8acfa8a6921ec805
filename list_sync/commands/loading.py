"""The beginning of most commands: loading the settings."""

import logging

from list_sync.commands.printing import complain
from list_sync.config import Settings, load_settings
from list_sync.config.policy.joining import has_policy_file
from list_sync.errors import ConfigError
from list_sync.files.modes import use_umask
from list_sync.model.households import HOME


def load_for_command(household: str = HOME) -> Settings:
    """Return the settings without those of providers, and print their warnings on stderr.

    Raise ConfigError with all problems. The file of a further household is read with those of providers.
    """
    if household == HOME:
        return introduce(load_settings(providers={}))
    # Imported here, because most commands need no provider.
    from list_sync.main import prepare_settings

    return introduce(prepare_settings(household))


def load_with_policy(household: str = HOME) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings joined with lists.yaml, if there is one; if that is wrong, those without it, and its faults.

    Raise ConfigError if other settings are wrong.
    """
    settings = load_for_command(household)
    if household != HOME or not has_policy_file(settings.process.config_dir):
        return settings, ()
    # Imported here, because only the lists of a file need the providers.
    from list_sync.preparation import prepare_settings

    try:
        return prepare_settings(), ()
    except ConfigError as error:
        return settings, error.problems


def introduce(settings: Settings) -> Settings:
    """Follow LOG_LEVEL and UMASK, print the warnings of the settings on stderr, and return the settings."""
    logging.getLogger("list_sync").setLevel(settings.process.log_level)
    use_umask(settings.process.umask)
    for warning in settings.warnings:
        complain(f"warning: {warning}")
    return settings
