"""One HTTP client for every service: limits, retries, errors, and checked reading of JSON.

What needs requests and urllib3 is imported where it is used: providers name clients in their signatures, and a command
that reads only settings makes none.
"""
