"""Writes a changed lists.yaml: whole or not at all, and only over the text that the change was made of."""

import os
from collections.abc import Mapping
from pathlib import Path

from list_sync.config.folders import is_lost_with_container
from list_sync.config.policy.editing import Change, Edit, build_edit, version_of
from list_sync.config.policy.reading import LISTS_NAME, find_lists_file, load_text
from list_sync.config.policy.writing import FIRST_LINES, writing_to
from list_sync.config.settings import Settings
from list_sync.errors import ConfigError
from list_sync.files.lock import FileLock
from list_sync.files.modes import file_mode, make_folder, replace_file
from list_sync.model.sources import ProviderInfo

BACKUP_SUFFIX = ".bak"


def load_present(folder: Path) -> tuple[Path, str | None]:
    """Return the path of lists.yaml in CONFIG_DIR, and its text, None if there is no file; raise ConfigError."""
    path = find_lists_file(folder)
    return (folder / LISTS_NAME, None) if path is None else (path, load_text(path))


def draft(settings: Settings, providers: Mapping[str, ProviderInfo], change: Change) -> Edit:
    """Return what a change makes of the file as it is now; raise ConfigError with all faults."""
    path, text = load_present(settings.process.config_dir)
    policy = (settings.environment or settings.household).policy
    return build_edit(path, text, change, providers=providers, policy=policy)


def save(edit: Edit) -> bool:
    """Write a change; return False if the file is another one by now. Raise ConfigError if it cannot be written."""
    return _replace(edit.path, edit.before, edit.after)


def take_back(folder: Path, version: str) -> bool:
    """Write the text before the last change again; return False if `version` is not that of the file any more."""
    path, present = load_present(folder)
    backup = path.with_name(path.name + BACKUP_SUFFIX)
    if present is None or version_of(present) != version or not backup.is_file():
        return False
    return _replace(path, present, load_text(backup))


def find_obstacle(path: Path) -> str:
    """Return what prevents a change of the file, and the one change that would allow it; "" if nothing does."""
    folder = path.parent
    if path.is_symlink():
        return f"{path} is a link: edit the file that it leads to, or put that file in its place"
    if os.path.ismount(path):
        return f"{path} is mounted as a single file: mount its folder at {folder} instead"
    if is_lost_with_container(folder):
        return f"{folder} is in the container alone and is lost with it: mount a folder of the host there"
    nearest = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if os.statvfs(nearest).f_flag & os.ST_RDONLY:
        return f"{folder} is mounted read-only: mount it without :ro"
    if not os.access(nearest, os.W_OK | os.X_OK):
        return f"{nearest} cannot be written by user {os.geteuid()}, who runs ListSync: chown {os.geteuid()} it"
    return _find_foreign(path) if path.exists() else ""


def _find_foreign(path: Path) -> str:
    """Return that a new file could not have the owner and the group of the present one."""
    status, user = path.stat(), os.geteuid()
    if user == 0:
        return ""
    if status.st_uid != user:
        return f"{path} belongs to user {status.st_uid}, and user {user} runs ListSync: chown {user} it"
    if status.st_gid not in (os.getegid(), *os.getgroups()):
        return f"{path} belongs to group {status.st_gid}, to which user {user} does not belong: chgrp {os.getegid()} it"
    return ""


def _replace(path: Path, before: str | None, after: str) -> bool:
    if obstacle := find_obstacle(path):
        raise ConfigError(f"nothing was written: {obstacle}")
    with writing_to(path.parent):
        make_folder(path.parent)
        with FileLock(path.with_name(f".{path.name}.lock"), is_optional=True):
            if load_present(path.parent) != (path, before):
                return False
            mode, owner = file_mode(), None
            if before is not None:
                status = path.stat()
                mode, owner = status.st_mode & 0o7777, (status.st_uid, status.st_gid)
            former = FIRST_LINES if before is None else before
            replace_file(path.with_name(path.name + BACKUP_SUFFIX), former.encode(), mode, owner=owner)
            replace_file(path, after.encode(), mode, owner=owner)
    return True
