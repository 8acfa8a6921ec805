"""The names of all settings, and which of them are secrets."""

from collections.abc import Iterable, Mapping

from pydantic import SecretStr

from list_sync.config.environment import PASSPHRASE, Environment
from list_sync.config.settings import FIELDS, GENERAL_CREDENTIALS, is_key, parse_settings
from list_sync.model.sources import ProviderInfo

# These are needed to find and open config.enc, or before that, so they cannot be in it.
OUTSIDE = ("DATA_DIR", "CONFIG_DIR", PASSPHRASE)


def setting_names(providers: Iterable[ProviderInfo]) -> tuple[str, ...]:
    """Return the name of every setting."""
    names = [name.upper() for name in FIELDS]
    for provider in providers:
        stem = provider.lists_setting.removesuffix("_LISTS")
        names += [provider.lists_setting, f"{stem}_BASE_URL", *provider.credentials]
    return tuple(dict.fromkeys([*names, *GENERAL_CREDENTIALS]))


def secret_names(providers: Iterable[ProviderInfo]) -> tuple[str, ...]:
    """Return the names of the secret settings that can be stored in config.enc."""
    fields = [name.upper() for name, field in FIELDS.items() if _holds_secret(field.annotation)]
    credentials = [*GENERAL_CREDENTIALS, *(name for provider in providers for name in provider.credentials)]
    names = dict.fromkeys([*fields, *filter(is_key, credentials)])
    return tuple(name for name in names if name not in OUTSIDE)


def _holds_secret(annotation: object) -> bool:
    return annotation == SecretStr | None


def check_value(name: str, text: str, providers: Mapping[str, ProviderInfo]) -> None:
    """Raise ConfigError if a setting cannot have this value."""
    parse_settings(Environment(layers=({name: text},)), providers)
