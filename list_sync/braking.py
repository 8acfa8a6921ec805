"""The brake on a run: stops one that wants very many titles more than usual, and says so."""

import logging
from collections.abc import Sequence

from list_sync.errors import BrakeApplied
from list_sync.model.decisions import Decision
from list_sync.model.sources import FetchResult
from list_sync.planning.brake import ALWAYS_ALLOWED, brake, find_wanted
from list_sync.storage.record import Record

logger = logging.getLogger(__name__)


class Brake:
    """The brake on one run; `applied` is set once it stopped the run. A dry run only says so."""

    def __init__(self, record: Record, *, is_on: bool, dry_run: bool) -> None:
        self._record = record
        self._is_on = is_on
        self._dry_run = dry_run
        self.applied: BrakeApplied | None = None

    def check(self, decisions: Sequence[Decision], fetched: Sequence[FetchResult]) -> Sequence[Decision]:
        """Return the decisions, or those of a run that requests nothing."""
        if not self._is_on or len(find_wanted(decisions)) <= ALWAYS_ALLOWED:
            return decisions
        braked = brake(decisions, self._record.load_brake_facts(), fetched)
        if braked is None:
            return decisions
        if self._dry_run:
            logger.warning("a sync would end here: %s", braked.reason)
            return decisions
        if braked.is_news:
            logger.warning("%s", braked.reason)
        self.applied = BrakeApplied(braked.reason)
        return braked.decisions
