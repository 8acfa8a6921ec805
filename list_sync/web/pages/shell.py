"""What stands around every page: the server, the run at work, what needs a decision, and who is logged in."""

import re
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from list_sync.model.access import Scope
from list_sync.storage.attention import count_attention
from list_sync.version import __version__
from list_sync.web.entrance.access import Caller, caller_of
from list_sync.web.models.progress import RunAtWork, build_run_at_work
from list_sync.web.pages.toasts import Toast
from list_sync.web.parts import Parts
from list_sync.web.watching.server_watch import Sight

THEME_COOKIE = "listsync_theme"
THEMES = ("auto", "light", "dark")
# The pages that only people open who may change everything, below WEB_BASE_PATH.
_OF_ADMINS = re.compile(
    r"/(settings|add|policy|start|password|runs/log|runs\?tab=log)\b|/lists/.+/change(\?|$)|/runs/\d+/undo$"
)


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame of a page."""

    caller: Caller
    server: Sight | None
    run: RunAtWork | None
    next_sync: datetime | None
    paused_until: datetime | None
    to_review: int
    toast: Toast | None
    now: datetime
    is_dry: bool
    is_open: bool
    has_server: bool
    last_event: str
    base: str
    version: str = __version__

    @property
    def may_ask(self) -> bool:
        """Return whether the person may ask for syncs, stop and pause them."""
        return self.caller.may(Scope.TRIGGER)

    @property
    def may_change(self) -> bool:
        """Return whether the person may change everything."""
        return self.caller.may(Scope.ADMIN)

    def may_open(self, address: str) -> bool:
        """Return whether the person may open a page of ours."""
        return self.may_change or not _OF_ADMINS.match(address.removeprefix(self.base))


def build_shell(parts: Parts, request: Request, toast: Toast | None) -> Shell:
    """Return the frame of a page; raise StorageError."""
    with parts.store.reading() as connection:
        attention = count_attention(connection, parts.store.household)
    current = parts.feed.current
    return Shell(
        caller=caller_of(request.scope),
        server=parts.server.find_last(),
        run=build_run_at_work(current) if current else None,
        next_sync=parts.daemon.find_next_sync(),
        paused_until=parts.daemon.find_pause(),
        to_review=attention.to_review,
        toast=toast,
        now=parts.now(),
        is_dry=parts.present.household.dry_run,
        is_open=parts.settings.web.is_open,
        has_server=not parts.present.needs_set_up,
        last_event=parts.feed.last_id,
        base=parts.settings.web.web_base_path,
    )


def find_theme(request: Request) -> str:
    """Return the appearance that the browser keeps, which also pages without the frame have."""
    theme = request.cookies.get(THEME_COOKIE, "")
    return theme if theme in THEMES else THEMES[0]
