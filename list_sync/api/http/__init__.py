"""One HTTP client for every service: limits, retries, errors, and checked reading of JSON.

What needs requests and urllib3 is loaded when it is first used: providers name clients in their signatures, and a
command that reads only settings makes none.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from list_sync.api.http import conditional, exchanging, failures

__all__ = ["conditional", "exchanging", "failures"]


def __getattr__(name: str) -> ModuleType:
    """Load one of the modules in __all__."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")
