"""What the demo server keeps: rows, their indexes, the state file."""
