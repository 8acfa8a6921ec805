"""`import`: takes over what people have elsewhere, and prints what was taken, changed and left."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from list_sync.commands.config import read_value
from list_sync.commands.json_output import print_json
from list_sync.commands.loading import introduce
from list_sync.commands.printing import say
from list_sync.config.environment import PASSPHRASE, Environment
from list_sync.errors import ConfigError
from list_sync.importing.folder import import_folder
from list_sync.importing.report import Fate, Finding, Report
from list_sync.model.exit_codes import ExitCode
from list_sync.model.titles import counted
from list_sync.preparation import prepare_settings


def import_all(folder: Path | None, source: str | None, *, exclusions: bool, dry_run: bool, as_json: bool) -> ExitCode:
    """Import a folder of ListSync 0.6, or from another program; print the report."""
    if folder is not None and source is not None:
        raise ConfigError("name a folder of ListSync 0.6, or a program with --from, not both")
    if exclusions and source is None:
        raise ConfigError("--exclusions belongs to --from radarr and --from sonarr")
    if source is not None:
        report = _import_program(source, exclusions=exclusions, dry_run=dry_run)
        return print_report(report, as_json=as_json)
    return print_report(import_folder(folder, dry_run=dry_run, passwords=_passwords), as_json=as_json)


def _passwords(path: Path, may_ask: bool) -> Iterator[str]:
    """Yield the passwords that may open a config.enc of 0.6: the one that is set, then one that is typed or sent."""
    if known := Environment.open().find(PASSPHRASE):
        yield known
    if may_ask and _has_input():
        yield read_value(f"Password of {path} in ListSync 0.6: ")


def _has_input() -> bool:
    """Return whether a password may be read from stdin; a program that sends none gives the null device, or nothing."""
    with suppress(OSError, AttributeError):
        mode = os.fstat(sys.stdin.fileno()).st_mode
        return sys.stdin.isatty() or stat.S_ISFIFO(mode) or stat.S_ISREG(mode)
    return False


def _import_program(source: str, *, exclusions: bool, dry_run: bool) -> Report:
    # Imported here, because it needs the providers.
    from list_sync.importing.arrs.taking import PROGRAMS, import_arr

    media_type = PROGRAMS.get(source.strip().lower())
    if media_type is None:
        raise ConfigError(f"--from {source}: there is no such program to import from; write {' or '.join(PROGRAMS)}")
    settings = introduce(prepare_settings())
    return import_arr(settings, media_type, with_exclusions=exclusions, dry_run=dry_run)


def print_report(report: Report, *, as_json: bool) -> ExitCode:
    """Print a report, and return the exit code that it stands for."""
    code = report.exit_code
    if as_json:
        print_json(_to_json(report, code))
        return code
    say(f"{report.source}{': a dry run, nothing is written' if report.is_dry_run else ''}")
    for fate in Fate:
        findings = list(report.of(fate))
        if findings:
            say(f"{fate.value}:")
        for finding in findings:
            say(*_describe(finding))
    if report.notes:
        say(*report.notes)
    if report.lines:
        say(f"put into {report.lines_for}:", *(f"  {line}" for line in report.lines))
    return code


def _describe(finding: Finding) -> list[str]:
    more = finding.count - len(finding.examples)
    names = ", ".join(finding.examples) + (f" and {more} more" if finding.examples and more else "")
    line = f"  {counted(finding.count, finding.thing.value)}{f': {finding.reason}' if finding.reason else ''}"
    return [line, f"    {names}"] if names else [line]


def _to_json(report: Report, code: ExitCode) -> dict[str, object]:
    findings = [
        {
            "fate": one.fate.value,
            "thing": one.thing.value,
            "count": one.count,
            "reason": one.reason,
            "examples": one.examples,
        }
        for fate in Fate
        for one in report.of(fate)
    ]
    return {
        "source": report.source,
        "dry_run": report.is_dry_run,
        "findings": findings,
        "notes": report.notes,
        "lines_for": report.lines_for,
        "lines": report.lines,
        "exit_code": int(code),
    }
