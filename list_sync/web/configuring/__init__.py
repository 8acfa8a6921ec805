"""What the service keeps while people change settings: drafts, the results of tests, log-ins that wait."""
