"""The beginning of most commands: loading the settings."""

import logging

from list_sync.commands.printing import complain
from list_sync.config import Settings, load_settings
from list_sync.files.modes import use_umask


def load_for_command() -> Settings:
    """Return the settings without those of providers, and print their warnings on stderr.

    Raise ConfigError with all problems.
    """
    return introduce(load_settings(providers={}))


def introduce(settings: Settings) -> Settings:
    """Follow LOG_LEVEL and UMASK, print the warnings of the settings on stderr, and return the settings."""
    logging.getLogger("list_sync").setLevel(settings.process.log_level)
    use_umask(settings.process.umask)
    for warning in settings.warnings:
        complain(f"warning: {warning}")
    return settings
