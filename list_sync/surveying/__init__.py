"""Known state: what the server knows is remembered between runs, and is fresh before any write."""
