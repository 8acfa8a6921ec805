"""Whether the files of further households can be used."""

from collections.abc import Iterator

from list_sync.checking.findings import Finding
from list_sync.config import Settings
from list_sync.config.household_files import find_files
from list_sync.errors import ConfigError
from list_sync.model.exit_codes import ExitCode
from list_sync.model.households import HOME
from list_sync.model.titles import counted
from list_sync.preparation import find_further


def look_at_households(settings: Settings) -> Iterator[Finding]:
    """Yield what is wrong with the file of each further household, or how many lists it states."""
    for name in find_files(settings.process.config_dir) if settings.household.name == HOME else ():
        try:
            lists = find_further(settings, name).household.lists
        except ConfigError as error:
            yield from (Finding(f"household {name}: {problem}", ExitCode.CONFIGURATION) for problem in error.problems)
        else:
            yield Finding(f"household {name}: {counted(len(lists), 'list')} (list-sync check --household {name})")
