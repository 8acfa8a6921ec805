"""Settings that have no effect: old names of 0.6.x, and lists of providers that do not exist."""

from collections.abc import Iterable

from list_sync.config.environment import Environment
from list_sync.model.sources import ProviderInfo

OUTDATED_NAMES = {
    "AUTO_SYNC": "it is called AUTOMATED_MODE now",
    "DISCORD_WEBHOOK": "it is called DISCORD_WEBHOOK_URL now and is not read under the old name",
    "SINGLE_LIST_SYNC": "it is not read any more; use: list-sync sync --list PROVIDER:ID",
    "LISTSYNC_SEQUENTIAL_MODE": "it is not read any more; MAX_WORKERS=1 reads one list at a time",
    "LISTSYNC_BATCH_SIZE": "it is not read any more and can be removed",
}


def find_outdated_names(environment: Environment) -> tuple[str, ...]:
    """Return one line for each name of 0.6.x that is still set."""
    return tuple(f"{name}: {advice}" for name, advice in OUTDATED_NAMES.items() if environment.is_set(name))


def find_unread_lists(environment: Environment, providers: Iterable[ProviderInfo]) -> tuple[str, ...]:
    """Return a warning for each <NAME>_LISTS that no provider reads."""
    known = {provider.lists_setting for provider in providers}
    found = {name.removesuffix("_FILE") for layer in environment.layers for name in layer}
    names = {name for name in found if name.endswith("_LISTS") and name != "_LISTS"}
    return tuple(
        f"{name}: there is no provider {name.removesuffix('_LISTS').lower()}; correct the name, or remove the setting"
        for name in sorted(names - known)
        if environment.is_set(name)
    )
