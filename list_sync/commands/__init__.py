"""The commands of the command line, one module per command; the only layer that prints."""
