"""One HTTP client for every service: limits, retries, errors, and checked reading of JSON."""
