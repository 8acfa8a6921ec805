"""The file by which other processes wake the daemon of a data folder."""

import time
from contextlib import suppress
from pathlib import Path

from list_sync.files.modes import write_own
from list_sync.files.written import give_to_owner_of

WAKE_NAME = "daemon.wake"


def wake_daemon(folder: Path) -> None:
    """Make the daemon of a data folder look into its queue at once; without that it looks once a minute."""
    with suppress(OSError):
        write_own(folder / WAKE_NAME, f"{time.time_ns()}\n")
        give_to_owner_of(folder, folder / WAKE_NAME)
