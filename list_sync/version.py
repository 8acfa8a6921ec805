"""The version, in the one place that packaging, the CLI and the User-Agent read."""

__version__ = "1.0.0.dev0"
