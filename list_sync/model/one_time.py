"""A list that is synced once, and is no list of the settings."""

import hashlib
from dataclasses import dataclass

from list_sync.model.sources import ListRef

# The provider of lists that are synced once, which no setting names.
ONE_TIME = "custom_list"


@dataclass(frozen=True, slots=True)
class OneTimeList:
    """A list that is synced once: the name of a file below DATA_DIR, or a JSON array of titles as text."""

    file: str = ""
    entries: str = ""

    @property
    def ref(self) -> ListRef:
        """Return the list; equal entries are one list."""
        digest = hashlib.sha256(self.entries.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return ListRef(ONE_TIME, self.file or f"entries-{digest}")
