"""A title that was put on a list again after the server had refused it."""

from dataclasses import dataclass
from datetime import datetime

from list_sync.model.moments import shown
from list_sync.model.rules import RuleResult
from list_sync.model.sources import ListRef
from list_sync.model.terms import Again


@dataclass(frozen=True, slots=True)
class Readded:
    """On which list it is again, and since when: by the list's own date, or because it was gone and came back."""

    source: ListRef
    at: datetime
    by_own_date: bool

    @property
    def rule(self) -> RuleResult:
        """Return the rule that lets the title be requested again, as `why` tells it."""
        if self.by_own_date:
            value = f"the list states that it was added on {shown(self.at)}, after it was refused"
        else:
            value = f"it came back by {shown(self.at)}, after two complete readings without it"
        return RuleResult(f"again: {Again.WHEN_READDED}", passed=True, value=value, source=self.source.label)
