"""Stage 3: matched titles, what the server knows and the user's policy become decisions; no I/O at all."""
