"""Writes the lines of an import into lists.yaml, or gives them to the user where the file cannot be written."""

from difflib import ndiff

from list_sync.config import Settings
from list_sync.config.policy.editing import Change, Edit, Entries, Stated, add_list
from list_sync.config.policy.saving import draft, find_obstacle, save
from list_sync.config.policy.writing import FIRST_LINES
from list_sync.errors import ConfigError
from list_sync.importing.arrs.lines import Lines
from list_sync.importing.report import Report
from list_sync.providers import available_providers


def write_lines(settings: Settings, lines: Lines, report: Report) -> None:
    """Write new lines; in a dry run, and where the file cannot be written, the report has them.

    Raise ConfigError if the file is changed by other hands meanwhile.
    """
    if not lines.entries and not lines.exclusions:
        return
    edit = draft(settings, available_providers(), _build_change(lines))
    obstacle = find_obstacle(edit.path)
    if obstacle:
        report.notes.append(f"Nothing was written: {obstacle}.")
    if obstacle or report.is_dry_run:
        report.lines_for, report.lines = str(edit.path), _find_new_lines(edit)
        return
    if not save(edit):
        raise ConfigError(f"{edit.path} was changed meanwhile; run the import again")
    report.notes.append(f"Written into {edit.path}.")


def _build_change(lines: Lines) -> Change:
    def change(stated: Stated, entries: Entries) -> Stated:
        for source, terms in lines.entries:
            stated = add_list(source, terms)(stated, entries)
        if lines.exclusions:
            before = stated.get("exclusions")
            stated = stated | {"exclusions": [*(before if isinstance(before, list) else []), *lines.exclusions]}
        return stated

    return change


def _find_new_lines(edit: Edit) -> list[str]:
    before = FIRST_LINES if edit.before is None else edit.before
    changes = ndiff(before.splitlines(), edit.after.splitlines())
    return [line[2:] for line in changes if line.startswith("+ ")]
