"""What the command line does, one module a command; the only place that prints."""
