"""The token of the owner: API_TOKEN, or one that is made at the first start and kept in the data folder."""

import errno
import logging
import os
import stat
from pathlib import Path

from list_sync.config.web import WebSettings
from list_sync.files.modes import SECRET_MODE, create_file
from list_sync.files.written import give_to_owner_of
from list_sync.storage.tokens import make_token

logger = logging.getLogger(__name__)

TOKEN_NAME = "api_token"
_SIZE_BYTES = 1000


def find_owner_token(settings: WebSettings, folder: Path) -> str | None:
    """Return the token that may do everything; None if WEB_AUTH is none, or if its file cannot be used.

    A file that cannot be used opens nothing: tokens of `list-sync web token` still count.
    """
    if settings.is_open:
        return None
    if settings.api_token is not None:
        return settings.api_token.get_secret_value()
    path = folder / TOKEN_NAME
    try:
        if not os.path.lexists(path):
            _make(path)
        token = _read(path).decode("ascii").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it holds no token"
        logger.warning("%s cannot be used (%s): set API_TOKEN, or delete it and restart", path, reason)
        return None
    if not token:
        logger.warning("%s is empty: delete it and restart, and a new token is made", path)
    return token or None


def _read(path: Path) -> bytes:
    """Return what only we can have written: no link, and no file that is another user's or that others can write."""
    _require_own(path.lstat(), path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        _require_own(os.fstat(descriptor), path)
        return os.read(descriptor, _SIZE_BYTES)
    finally:
        os.close(descriptor)


def _require_own(status: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise PermissionError(errno.EPERM, "it is no file", str(path))
    if status.st_uid not in (os.geteuid(), path.parent.stat().st_uid, 0):
        raise PermissionError(errno.EPERM, "it belongs to another user", str(path))
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(errno.EPERM, "other users can write it", str(path))


def name_token_place(settings: WebSettings, folder: Path) -> str:
    """Return where people find the token that may do everything, "" if none is needed."""
    if settings.is_open:
        return ""
    return "API_TOKEN" if settings.api_token is not None else str(folder / TOKEN_NAME)


def _make(path: Path) -> None:
    descriptor = create_file(path, SECRET_MODE)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{make_token()}\n")
    give_to_owner_of(path.parent, path)
