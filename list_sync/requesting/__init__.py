"""Stage 4: decisions become outcomes; the only code that changes the server, and the only `if dry_run`."""
