"""The names of all settings, which of them are secrets, and where each comes from."""

import difflib
from collections.abc import Collection, Iterable, Mapping

from pydantic import SecretStr

from list_sync.config.environment import SECRETS_NAME, Environment
from list_sync.config.settings import (
    FIELDS,
    FORMER_NAMES,
    GENERAL_CREDENTIALS,
    OUTSIDE,
    is_key,
    parse_settings,
    setting_names,
)
from list_sync.errors import ConfigError
from list_sync.model.sources import ProviderInfo


def secret_names(providers: Iterable[ProviderInfo]) -> tuple[str, ...]:
    """Return the names of the secret settings that can be stored in config.enc."""
    fields = [name.upper() for name, field in FIELDS.items() if field.annotation == SecretStr | None]
    credentials = [*GENERAL_CREDENTIALS, *(name for provider in providers for name in provider.credentials)]
    names = dict.fromkeys([*fields, *filter(is_key, credentials)])
    return tuple(name for name in names if name not in OUTSIDE)


def is_hidden(name: str) -> bool:
    """Return whether the value of a setting is never shown: a secret, or a credential that is no address or user."""
    field = FIELDS.get(name.lower())
    if field is not None:
        return "SecretStr" in str(field.annotation)
    return not name.endswith(("_LISTS", "_URL", "_USER"))


def check_name(name: str, providers: Iterable[ProviderInfo]) -> None:
    """Raise ConfigError if the name is no setting, or a setting that cannot be in config.enc."""
    names = setting_names(providers)
    if name in OUTSIDE:
        raise ConfigError(f"{name} cannot be in config.enc: it is needed to open it; set it in the environment or .env")
    if name not in names:
        near = difflib.get_close_matches(name, names)
        advice = f"do you mean {' or '.join(near)}?" if near else "`list-sync config show` lists those that are set"
        raise ConfigError(f"there is no setting {name}; {advice}")


def check_value(name: str, text: str, providers: Mapping[str, ProviderInfo]) -> None:
    """Raise ConfigError if a setting cannot have this value."""
    parse_settings(Environment(layers=({name: text},)), providers)


def find_places(
    environment: Environment, stored: Collection[str], providers: Iterable[ProviderInfo]
) -> list[tuple[str, str]]:
    """Return every setting that is set, in config.enc or elsewhere, each with the place that it comes from."""
    found = []
    for name in dict.fromkeys([*setting_names(providers), *stored]):
        place = environment.place_of(name) or (SECRETS_NAME if name in stored else None)
        former = FORMER_NAMES.get(name)
        if former and place is None and environment.place_of(former):
            place = f"{former} ({environment.place_of(former)})"
        if place:
            found.append((name, place))
    return found
