"""The posters on the disk: a folder with a limit of size, from which those go that were not shown for longest."""

import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from list_sync.api.mediaserver.images import MOST_BYTES, find_image_type
from list_sync.files.modes import file_mode, make_folder, replace_file
from list_sync.files.opening import read_file
from list_sync.files.written import give_to_owner_of

logger = logging.getLogger(__name__)

FOLDER = "posters"
MOST_KEPT_BYTES = 200 * 1024 * 1024
# So much goes at once that the folder is looked through rarely.
KEPT_SHARE = 0.9
NEW_ONES_BETWEEN_LOOKS = 100
FRESH_SECONDS = 30 * 86_400.0
DAY_SECONDS = 86_400.0


class Shelf:
    """Keeps posters by names of ours; a folder that cannot be written keeps none, and that is no fault.

    The time of the last access says when a poster was shown last, that of the last change when it was read.
    """

    def __init__(
        self, folder: Path, *, most_bytes: int = MOST_KEPT_BYTES, now: Callable[[], float] = time.time
    ) -> None:
        self._folder = folder / FOLDER
        self._most_bytes = most_bytes
        self._now = now
        self._until_look = 0

    def find(self, name: str, *, is_old_enough: bool = False) -> bytes | None:
        """Return a kept poster; one that was read a month ago only if `is_old_enough`."""
        path = self._folder / name
        try:
            content, times = read_file(path, MOST_BYTES + 1), path.stat()
        except OSError:
            return None
        now = self._now()
        if not find_image_type(content) or (now - times.st_mtime > FRESH_SECONDS and not is_old_enough):
            return None
        if now - times.st_atime > DAY_SECONDS:
            with suppress(OSError):
                os.utime(path, (now, times.st_mtime))
        return content

    def keep(self, name: str, content: bytes) -> None:
        """Keep a poster, and now and then remove those that were not shown for longest."""
        try:
            if not self._folder.is_dir():
                make_folder(self._folder)
                give_to_owner_of(self._folder.parent, self._folder)
            replace_file(self._folder / name, content, file_mode())
            if self._until_look <= 0:
                self._remove_some()
            self._until_look -= 1
        except OSError as error:
            logger.debug("the poster %s was not kept: %s", name, error)

    def _remove_some(self) -> None:
        self._until_look = NEW_ONES_BETWEEN_LOOKS
        kept = [(path, path.lstat()) for path in self._folder.iterdir()]
        size = sum(times.st_size for _, times in kept)
        if size <= self._most_bytes:
            return
        for path, times in sorted(kept, key=lambda pair: max(pair[1].st_atime, pair[1].st_mtime)):
            if size <= self._most_bytes * KEPT_SHARE:
                break
            path.unlink(missing_ok=True)
            size -= times.st_size
