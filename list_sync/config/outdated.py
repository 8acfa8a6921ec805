"""Settings that have no effect: old names of 0.6.x, and lists of providers that do not exist."""

from collections.abc import Iterable

from list_sync.config.environment import Environment
from list_sync.model.names import find_near
from list_sync.model.sources import ProviderInfo

OUTDATED_NAMES = {
    "AUTO_SYNC": "it is called AUTOMATED_MODE now",
    "DISCORD_WEBHOOK": "it is called DISCORD_WEBHOOK_URL",
    "SINGLE_LIST_SYNC": "it is not read any more; use: list-sync sync --list PROVIDER:ID",
    "LISTSYNC_SEQUENTIAL_MODE": "it is not read any more; MAX_WORKERS=1 reads one list at a time",
    "LISTSYNC_BATCH_SIZE": "it is not read any more and can be removed",
}


def find_outdated_names(environment: Environment) -> tuple[str, ...]:
    """Return one line for each name of 0.6.x that is still set."""
    return tuple(f"{name}: {advice}" for name, advice in OUTDATED_NAMES.items() if environment.is_set(name))


def find_unread_lists(environment: Environment, providers: Iterable[ProviderInfo]) -> tuple[str, ...]:
    """Return a warning for each <NAME>_LISTS that no provider reads and that is not a misspelt name."""
    known = _stems(providers)
    return tuple(
        f"{name}_LISTS: there is no provider {name.lower()}; correct the name, or remove the setting"
        for name in _unread_names(environment, providers)
        if not find_near(name.lower(), known)
    )


def find_misspelt_lists(environment: Environment, providers: Iterable[ProviderInfo]) -> list[ProviderInfo]:
    """Return the providers that do not exist and whose <NAME>_LISTS is set, with a name close to one that exists."""
    known = _stems(providers)
    names = _unread_names(environment, providers)
    return [ProviderInfo(name.lower(), f"{name}_LISTS") for name in names if find_near(name.lower(), known)]


def find_own_names(environment: Environment, providers: Iterable[ProviderInfo]) -> tuple[str, ...]:
    """Return the names of <NAME>_LISTS that no provider reads and that hold no name of a provider."""
    names, known = _unread_names(environment, providers), _stems(providers)
    return tuple(name.lower() for name in names if not any(f"_{one}_" in f"_{name.lower()}_" for one in known))


def _stems(providers: Iterable[ProviderInfo]) -> tuple[str, ...]:
    return tuple(provider.lists_setting.removesuffix("_LISTS").lower() for provider in providers)


def _unread_names(environment: Environment, providers: Iterable[ProviderInfo]) -> list[str]:
    """Return the names before _LISTS that no provider reads; none if the providers were not loaded."""
    known = {provider.lists_setting for provider in providers}
    if not known:
        return []
    found = {name.removesuffix("_FILE") for layer in environment.layers for name in layer}
    names = {name for name in found - known if name.endswith("_LISTS") and name != "_LISTS"}
    return sorted(name.removesuffix("_LISTS") for name in names if environment.is_set(name))
