"""What readers of feeds and calendars subscribe to: the entries, and how they are written; pure."""
