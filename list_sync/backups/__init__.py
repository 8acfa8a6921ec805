"""Backups: archives of the data folder, and restoring from them."""
