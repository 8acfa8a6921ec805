"""Writing data to the disk itself, so that it survives a power cut."""

import os
from pathlib import Path


def sync_to_disk(path: Path) -> None:
    """Return when a file, or the list of names in a folder, is safe from a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
