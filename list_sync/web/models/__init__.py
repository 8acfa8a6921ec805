"""The answers of the service, built from records by pure functions; API and pages use the same."""
