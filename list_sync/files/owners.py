"""Whom files belong to: `docker exec` is root where the container, and the user before it, are not."""

import os
from pathlib import Path


def give_to_owner_of(folder: Path, *paths: Path) -> None:
    """Let whom a folder belongs to have what root made there; raise OSError where that cannot be."""
    if os.geteuid() != 0:
        return
    owner = folder.stat()
    for path in paths:
        os.chown(path, owner.st_uid, owner.st_gid)
