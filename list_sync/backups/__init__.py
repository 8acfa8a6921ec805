"""Backups: archives of the data folder, and what is restored from them."""
