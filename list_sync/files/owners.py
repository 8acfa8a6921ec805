"""The owner of files: `docker exec` runs as root, while the container itself does not."""

import os
from pathlib import Path


def give_to_owner_of(folder: Path, *paths: Path) -> None:
    """Give files created by root to the owner of the folder; raise OSError if that fails."""
    if os.geteuid() != 0:
        return
    owner = folder.stat()
    for path in paths:
        present = path.stat()
        # Without this check, each look at a lock would write to the disk.
        if (present.st_uid, present.st_gid) != (owner.st_uid, owner.st_gid):
            os.chown(path, owner.st_uid, owner.st_gid)
