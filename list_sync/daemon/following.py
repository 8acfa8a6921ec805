"""Settings that changed while the daemon runs: what it can follow counts from the next sync."""

import logging
from collections.abc import Iterator
from typing import Protocol

from list_sync.config import Settings, load_settings
from list_sync.config.policy.joining import FOLLOWED, follow
from list_sync.errors import ConfigError
from list_sync.providers import available_providers

logger = logging.getLogger(__name__)

KEPT = "the settings stay as they were"


class Configured(Protocol):
    """A session, as changed settings are applied to it."""

    @property
    def settings(self) -> Settings:
        """Return the present settings."""
        ...

    def use(self, settings: Settings) -> None:
        """Go by other settings from now on."""
        ...


def follow_settings(session: Configured) -> tuple[str, ...]:
    """Read the settings again and go by them; if they are wrong, all stay as they were: return what is wrong."""
    before = session.settings
    try:
        fresh = load_settings(before.variables, providers=available_providers(), dotenv=before.dotenv)
    except ConfigError as error:
        return (f"{error.problems[0]}; {KEPT}", *error.problems[1:])
    if not fresh.is_daemon:
        return (f"SYNC_INTERVAL and AUTOMATED_MODE ask for one sync and no daemon; {KEPT}",)
    after = follow(before, fresh)
    if names := sorted(_find_changed(before, after)):
        session.use(after)
        logger.info("settings changed: %s", ", ".join(names))
    return ()


def _find_changed(before: Settings, after: Settings) -> Iterator[str]:
    """Yield the names of the settings that are not the same."""
    old, new = (settings.environment or settings.household for settings in (before, after))
    names = old.credentials.keys() | new.credentials.keys()
    yield from (name for name in names if old.credentials.get(name) != new.credentials.get(name))
    for field in FOLLOWED:
        if field == "lists":
            of_one_only = set(old.lists) ^ set(new.lists)
            yield from {ref.origin for ref in of_one_only}
        elif field != "credentials" and getattr(old, field) != getattr(new, field):
            yield field.upper()
