"""Writes the lines of an import into lists.yaml, or gives them to the user where the file cannot be written."""

from collections.abc import Sequence
from difflib import unified_diff

from list_sync.config import Settings
from list_sync.config.policy.editing import Change, Edit, Entries, Stated, add_list
from list_sync.config.policy.saving import draft, find_obstacle, save
from list_sync.config.policy.writing import FIRST_LINES
from list_sync.errors import ConfigError
from list_sync.importing.arrs.lines import NewExclusion, NewList
from list_sync.importing.report import Fate, Report, Thing
from list_sync.providers import available_providers


def write_lines(
    settings: Settings, lists: Sequence[NewList], exclusions: Sequence[NewExclusion], report: Report
) -> bool:
    """Write new lines and return True; in a dry run, and where the file cannot be written, the report has them.

    Raise ConfigError if the file is changed by other hands meanwhile.
    """
    if not lists and not exclusions:
        return not report.is_dry_run
    edit = draft(settings, available_providers(), _build_change(lists, exclusions))
    obstacle = find_obstacle(edit.path)
    if not obstacle and not report.is_dry_run and not save(edit):
        raise ConfigError(f"{edit.path} was changed meanwhile: import again")
    words = f"add the lines below to {edit.path}; {obstacle}" if obstacle else f"into {edit.path}"
    fate = Fate.OPEN if obstacle else Fate.TAKEN
    report.add(fate, Thing.LIST, words, *(one.label for one in lists))
    report.add(fate, Thing.EXCLUSION, words, *(one.label for one in exclusions))
    if obstacle or report.is_dry_run:
        report.show(str(edit.path), _find_new_lines(edit))
    return not obstacle and not report.is_dry_run


def _build_change(lists: Sequence[NewList], exclusions: Sequence[NewExclusion]) -> Change:
    def change(stated: Stated, entries: Entries) -> Stated:
        for one in lists:
            stated = add_list(one.source, one.terms)(stated, entries)
        if exclusions:
            before = stated.get("exclusions")
            known = before if isinstance(before, list) else []
            stated = stated | {"exclusions": [*known, *(one.stated for one in exclusions)]}
        return stated

    return change


def _find_new_lines(edit: Edit) -> list[str]:
    before = FIRST_LINES if edit.before is None else edit.before
    changes = list(unified_diff(before.splitlines(), edit.after.splitlines(), n=0, lineterm=""))
    # The first two lines name the files.
    return [line[1:] for line in changes[2:] if line.startswith("+")]
