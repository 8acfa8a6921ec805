"""ListSync keeps film and TV lists in step with an Overseerr-compatible media-request server."""

from list_sync.version import __version__

__all__ = ["__version__"]
