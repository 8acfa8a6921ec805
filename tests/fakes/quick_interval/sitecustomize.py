"""On the path of a process, lets its SYNC_INTERVAL be a second, as no test waits for a minute."""

from datetime import timedelta

from list_sync.config import values

values.SHORTEST_INTERVAL = timedelta(seconds=1)
