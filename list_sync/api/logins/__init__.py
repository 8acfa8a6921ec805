"""Log-ins at sources, by a code that the user approves in a browser."""
