"""What people configure with: the store of settings, and what goes on beside it."""

from dataclasses import dataclass, field

from list_sync.config.changing import SettingsStore
from list_sync.web.configuring.checkup import Checkup
from list_sync.web.configuring.drafts import Drafts
from list_sync.web.configuring.log_ins import LogIns
from list_sync.web.configuring.trials import Trials


@dataclass(frozen=True, slots=True)
class Desk:
    """One for all routes and pages about settings."""

    store: SettingsStore
    trials: Trials
    checkup: Checkup
    log_ins: LogIns
    drafts: Drafts = field(default_factory=Drafts)

    def stop(self) -> None:
        """End what is at work in threads."""
        self.trials.stop()
        self.log_ins.stop()
        self.checkup.stop()
