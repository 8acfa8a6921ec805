"""`config schema`, `config init` and `check --config`: the file lists.yaml."""

import json
from pathlib import Path

from list_sync.commands.json_output import print_json
from list_sync.commands.printing import complain, say
from list_sync.commands.tables import print_table
from list_sync.config import find_config_dir
from list_sync.config.environment import PROVIDERS_FOLDER, Environment
from list_sync.config.household_files import FOLDER
from list_sync.config.policy.reading import LISTS_NAME, find_lists_file, read_household, read_policy
from list_sync.config.policy.schema import SCHEMA_LINE, build_schema
from list_sync.config.policy.words import describe_policy, describe_terms
from list_sync.config.policy.writing import write_first_file, write_schema
from list_sync.config.values import parse_umask
from list_sync.errors import ConfigError
from list_sync.files.modes import DEFAULT_UMASK, use_umask
from list_sync.files.opening import read_file
from list_sync.model.exit_codes import ExitCode
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.titles import counted
from list_sync.preparation import prepare_settings
from list_sync.providers import available_providers
from list_sync.providers.custom import load_custom_providers


def print_schema(*, write: bool) -> ExitCode:
    """Print the JSON Schema of lists.yaml, or `write` it beside the file."""
    if not write:
        print(json.dumps(build_schema(), indent=1))
        return ExitCode.OK
    _use_umask()
    folder = find_config_dir()
    say(f"{write_schema(folder)} is written")
    file = folder / LISTS_NAME
    try:
        is_named = SCHEMA_LINE.encode() in read_file(file, 4096)
    except OSError:
        is_named = False
    if not is_named:
        say(f"write this as the first line of {file}, so that editors read it:", SCHEMA_LINE)
    return ExitCode.OK


def init_file() -> ExitCode:
    """Write CONFIG_DIR/lists.yaml from what is set today, and say which settings it replaces."""
    folder = find_config_dir()
    if file := find_lists_file(folder):
        raise ConfigError(f"{file} is there already: edit it, or move it away first")
    settings = prepare_settings()
    use_umask(settings.process.umask)
    replaced = write_first_file(folder, settings.household, settings.list_files)
    say(f"{folder / LISTS_NAME} is written, and beside it the schema that editors read")
    environment = Environment.open_checked()
    if replaced:
        say("It states what these settings say, so they may be removed, unless scripts of yours read them:")
        say(*(f"  {name} ({environment.place_of(name) or 'config.enc'})" for name in replaced))
    say("With this file, a sync that wants far more than usual stops first (brake: on). Next: list-sync check")
    return ExitCode.OK


def check_file(path: Path, *, as_json: bool = False) -> ExitCode:
    """Print what a file states, in words; raise ConfigError with all its faults. No server is asked."""
    load_custom_providers(find_config_dir() / PROVIDERS_FOLDER)
    providers = available_providers()
    if path.absolute().parent.name == FOLDER:
        _, file = read_household(path, providers=providers, policy=HouseholdPolicy())
    else:
        file = read_policy(path, providers=providers, policy=HouseholdPolicy())
    rows = [(ref.name, ref.terms.name, describe_terms(ref.terms, file.policy.defaults)) for ref in file.lists]
    rows += [(ref.name, ref.terms.name, "off") for ref in file.disabled]
    usual = describe_terms(file.policy.defaults)
    if as_json:
        lists = [dict(zip(("list", "name", "terms"), row, strict=True)) for row in rows]
        told = {"file": str(path), "defaults": usual, "lists": lists, "policy": [*describe_policy(file.policy)]}
        print_json({**told, "warnings": list(file.warnings), "exit_code": ExitCode.OK})
        return ExitCode.OK
    say(f"ok  {path}: {counted(len(rows), 'list')}{f'; by default: {usual}' if usual else ''}")
    if rows:
        print_table(("list", "name", "terms"), rows)
    say(*describe_policy(file.policy))
    complain(*file.warnings)
    return ExitCode.OK


def _use_umask() -> None:
    text = Environment.open().find("UMASK")
    try:
        use_umask(parse_umask(text or DEFAULT_UMASK))
    except ValueError as error:
        raise ConfigError(f"UMASK: {error}") from None
