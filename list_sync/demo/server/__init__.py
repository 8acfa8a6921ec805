"""An Overseerr-compatible server on loopback, as strict as the real ones."""
