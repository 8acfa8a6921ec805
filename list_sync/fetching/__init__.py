"""The first stage, from lists to titles: several lists are read at once, and each is checked for completeness."""

from list_sync.fetching.pool import fetch_lists
from list_sync.fetching.reuse import Reuse

__all__ = ["Reuse", "fetch_lists"]
