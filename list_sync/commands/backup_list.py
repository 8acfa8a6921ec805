"""`restore --list`: the backups that there are; and what `status` says of them."""

from list_sync.commands.json_output import print_json
from list_sync.commands.printing import say
from list_sync.commands.tables import print_table
from list_sync.config import Settings, StateFolder
from list_sync.config.environment import Environment
from list_sync.config.folders import find_known_folder
from list_sync.daemon.heartbeat import find_backup_trouble, has_daemon
from list_sync.database.known_backups import Backup, find_backups, find_newest_verified
from list_sync.model.exit_codes import ExitCode
from list_sync.model.moments import shown_age, utc_now
from list_sync.model.shown import shown_bytes, shown_time

_COLUMNS = ("made", "size", "verified", "by", "file")
_NONE = "none in the data folder: `list-sync backup FILE.tar.gz` makes one, BACKUP_SCHEDULE makes them by themselves"


def list_backups(*, as_json: bool) -> ExitCode:
    """Print the backups of the data folder, the newest first."""
    folder = find_known_folder(Environment.open_checked().find_data_dir())
    backups = find_backups(folder.path) if folder else ()
    if as_json:
        print_json({"backups": [_build(one) for one in backups]})
    elif backups:
        print_table(_COLUMNS, [_build_row(one) for one in backups], extras=("size", "by"))
    else:
        say(_NONE)
    return ExitCode.OK


def _build(one: Backup) -> dict[str, object]:
    return {
        "path": one.path,
        "made_at": one.made_at,
        "size": one.path.stat().st_size,
        "verified": one.is_verified,
        "scheduled": bool(one.scheduled_by),
    }


def _build_row(one: Backup) -> tuple[object, ...]:
    maker = "schedule" if one.scheduled_by else "hand" if one.is_archive else "migration"
    made = f"{one.made_at:%Y-%m-%d %H:%M} UTC"
    return made, shown_bytes(one.path.stat().st_size), "yes" if one.is_verified else "-", maker, one.path


def describe_last_backup(settings: Settings, folder: StateFolder | None) -> dict[str, str]:
    """Say how old the newest verified backup is, or what is wrong; nothing where there is none and none is wanted."""
    newest, trouble = _look(folder)
    if trouble:
        return {"backup": f"no new one could be made: {trouble}"}
    if newest is None:
        return {"backup": "none that was verified so far"} if folder and settings.process.backup_schedule else {}
    made = shown_time(newest.made_at, settings.process.zone)
    return {"backup": f"{made} ({shown_age(utc_now() - newest.made_at)} ago), {newest.path}"}


def build_last_backup(folder: StateFolder | None) -> dict[str, object] | None:
    """Return the same as JSON has it."""
    newest, trouble = _look(folder)
    if newest is None:
        return {"path": None, "made_at": None, "age_seconds": None, "trouble": trouble} if trouble else None
    age = max(0, int((utc_now() - newest.made_at).total_seconds()))
    return {"path": newest.path, "made_at": newest.made_at, "age_seconds": age, "trouble": trouble or None}


def _look(folder: StateFolder | None) -> tuple[Backup | None, str]:
    """Return the newest verified backup, and why a living daemon could not make another one."""
    if folder is None:
        return None, ""
    trouble = find_backup_trouble(folder.heartbeat) if has_daemon(folder) else ""
    return find_newest_verified(folder.path, now=utc_now()), trouble
