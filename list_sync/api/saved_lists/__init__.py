"""Lists saved as files: CSV, JSON, RSS and plain text, from any program."""
