"""Backups: which there are, and a new one. They are neither sent nor restored here, because they hold all secrets."""

import threading
from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, Request

from list_sync.backups.archive import back_up, name_backup
from list_sync.database.known_backups import Backup, find_backups
from list_sync.errors import StorageError
from list_sync.model.access import PERSON, Scope
from list_sync.web.entrance.access import caller_of, needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.access import BackupAnswer, BackupsAnswer
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer

_AT_WORK = threading.Lock()


def routes(parts: Parts) -> APIRouter:
    """Return the routes of backups."""
    router = APIRouter(prefix="/api/backups", tags=["access"], dependencies=[needs(Scope.ADMIN)])

    @router.get("", response_model=BackupsAnswer)
    def backups() -> BackupsAnswer:
        """List the backups in the data folder."""
        return find_answers(parts)

    @router.post("", response_model=BackupAnswer, status_code=HTTPStatus.CREATED, responses=may_answer(409, 422, 503))
    def make(request: Request) -> BackupAnswer:
        """Make a backup in `DATA_DIR/backups`, as `list-sync backup` does; browsers use the page, which asks again."""
        if caller_of(request.scope).name == PERSON:
            detail = "in a browser, back up on /settings/backups, which asks for the password again"
            raise Problem(HTTPStatus.FORBIDDEN, detail)
        return make_backup(parts, request)

    return router


def find_answers(parts: Parts) -> BackupsAnswer:
    """Return the backups, the newest first."""
    process = parts.settings.process
    return BackupsAnswer(
        items=[_build(one) for one in find_backups(parts.folder)],
        schedule=process.backup_schedule.describe() if process.backup_schedule else None,
        keep=process.backup_keep,
        next_at=parts.daemon.find_next_backup(),
        trouble=parts.daemon.find_backup_trouble(),
    )


def make_backup(parts: Parts, request: Request) -> BackupAnswer:
    """Make a backup; raise Problem while another one is made, or if it cannot be written."""
    tell_deed(request.scope, "backup")
    if not _AT_WORK.acquire(blocking=False):
        raise Problem(HTTPStatus.CONFLICT, "another backup is being made: wait for it")
    try:
        now = parts.now()
        target = name_backup(parts.folder, now)
        manifest, notes = back_up(target, parts.settings.open_environment(), made_at=now)
    except StorageError as error:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from None
    finally:
        _AT_WORK.release()
    made = _build(Backup(target, manifest.made_at, manifest.schema, manifest.is_verified))
    return made.model_copy(update={"notes": notes})


def _build(backup: Backup) -> BackupAnswer:
    return BackupAnswer(
        path=str(backup.path),
        made_at=backup.made_at,
        size=_find_size(backup.path),
        verified=backup.is_verified,
        scheduled=bool(backup.scheduled_by),
    )


def _find_size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
