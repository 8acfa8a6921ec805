"""Posters: found at the server, kept on the disk, drawn where there is none."""
