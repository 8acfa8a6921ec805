"""The commands of the command line, one module per command; the only layer that prints."""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from list_sync.commands import progress_bar

__all__ = ["progress_bar"]


def __getattr__(name: str) -> ModuleType:
    """Load the module of the bars, and Rich with it, when a terminal needs them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")
