"""What every request passes before a route: sockets and connections, host, rate, credentials, body, audit log."""
