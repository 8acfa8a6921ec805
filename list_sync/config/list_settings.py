"""The lists in <NAME>_LISTS and <NAME>_LISTS_FILE, read at the start and again while a daemon runs."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from list_sync.config.environment import DROP_FOLDER, Environment
from list_sync.config.outdated import find_misspelt_lists
from list_sync.config.splitting import find_spellings, find_stray_quotes
from list_sync.config.values import drop_outer_quotes
from list_sync.errors import ConfigError
from list_sync.model.sources import ListRef, ProviderInfo


@dataclass(frozen=True, slots=True)
class ListSetting:
    """The lists of one provider, the file that they were read from if there is one, and warnings for the user."""

    lists: tuple[ListRef, ...]
    file: Path | None = None
    warnings: tuple[str, ...] = ()


def read_lists(environment: Environment, providers: Iterable[ProviderInfo]) -> dict[str, ListSetting]:
    """Return the lists of every provider by its name, in the order of the providers and of their settings.

    The lists of a misspelt name are lists of a provider that does not exist.
    """
    every = (*providers, *find_misspelt_lists(environment, providers))
    return {provider.name: _read_lists_of(provider, environment) for provider in every}


def load_lists(provider: ProviderInfo) -> ListSetting:
    """Return the lists that the setting of one provider names now; raise ConfigError if it cannot be read."""
    environment = Environment.open()
    environment.add_secrets()
    found = _read_lists_of(provider, environment)
    if environment.problems:
        raise ConfigError(tuple(dict.fromkeys(environment.problems)))
    return found


def _read_lists_of(provider: ProviderInfo, environment: Environment) -> ListSetting:
    """Return the lists of one provider, by their ids and with their spellings; two spellings of one list are one."""
    name = provider.lists_setting
    text = environment.find(name, unquote=drop_outer_quotes) or ""
    folder = environment.find_data_dir() / DROP_FOLDER
    file = environment.files.get(name)
    spellings = find_spellings(text, provider, folder, has_comments=file is not None)
    warnings = []
    for spelling in find_stray_quotes(text, spellings, has_comments=file is not None):
        shown = provider.build_ref(spelling).shown_id
        advice = "put quotes around the whole name, or none"
        warnings.append(f'{name}: "{shown}" has a quote on one side only: {advice}')
    return ListSetting(tuple(dict.fromkeys(map(provider.build_ref, spellings))), file, tuple(warnings))
