"""The way of a call through the demo server: connection, checks, endpoint, answer, and what is counted of it."""
