"""Stage 1, lists to titles: every list is read in a pool of threads, and how far it was read is judged in one place."""

from list_sync.fetching.pool import fetch_lists
from list_sync.fetching.reuse import Reuse

__all__ = ["Reuse", "fetch_lists"]
