"""The demo on loopback: an Overseerr-compatible server as strict as the real ones, and sample sources."""
