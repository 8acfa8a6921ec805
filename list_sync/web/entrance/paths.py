"""Which paths ask for no log-in, and what is expected at the others."""

SAFE = ("GET", "HEAD", "OPTIONS")
WATCHED = ("/health", "/health/live", "/health/ready", "/health/badge.svg", "/metrics")
# They check a secret of their own: a signature, or the Authorization header of the server's webhook agent.
SIGNED = ("/sync-trigger", "/hooks/overseerr")
# Readers of feeds and calendars send no headers: a token with the scope `feed` may stand in these addresses.
FEEDS = ("/feed/requests.xml", "/feed/waiting.ics")
KEY = "key"
# People who are not logged in see these, and what those pages load.
LOGIN = "/login"
CLAIM = "/claim"
LOGOUT = "/logout"
DOORS = (LOGIN, CLAIM)
ASSETS = "/static/"
# Bodies are JSON here, and forms of pages elsewhere.
API = "/api/"
