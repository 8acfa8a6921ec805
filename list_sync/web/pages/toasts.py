"""Toasts: what came of a form, shown once on the page that follows."""

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from list_sync.web.pages.phrases import show_directions

COOKIE = "listsync_toast"
# Of people who never open the page that follows.
MOST_KEPT = 200


@dataclass(frozen=True, slots=True)
class Undo:
    """The form that takes back what was done: its path, and its fields."""

    path: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Toast:
    """An answer to what a person did; `tone` is ok, wait, bad or info."""

    text: str
    tone: str = "ok"
    undo: Undo | None = None

    def state(self) -> dict[str, Any]:
        """Return the toast as the script takes it."""
        undo = self.undo and {"path": self.undo.path, "fields": dict(self.undo.fields)}
        return {"text": show_directions(self.text), "tone": self.tone, "undo": undo}


class Toasts:
    """Keeps each toast until the page that shows it; a restart forgets them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Toast] = OrderedDict()

    def keep(self, toast: Toast) -> str:
        """Keep a toast and return the text of its cookie."""
        name = secrets.token_urlsafe(12)
        self._kept[name] = toast
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return name

    def take(self, name: str) -> Toast | None:
        """Return a toast and forget it."""
        return self._kept.pop(name, None)
