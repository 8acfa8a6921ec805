"""Locks on files, folders for unfinished work, and replacing several files in one step."""
