"""Requests and media rows of the demo server: their creation, their changes, their JSON."""
