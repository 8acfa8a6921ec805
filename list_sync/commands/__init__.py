"""The commands of the command line, one module per command; the only layer that prints."""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from list_sync.commands import progress_bar, sessions

__all__ = ["progress_bar", "sessions"]


def __getattr__(name: str) -> ModuleType:
    """Load what only some calls of a command need: bars on a terminal, and a session with the server."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")
