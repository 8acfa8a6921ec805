"""Having what was written on the disk before anything builds on it."""

import os
from pathlib import Path


def sync_to_disk(path: Path) -> None:
    """Return once a file, or the names in a folder, would be there after a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
