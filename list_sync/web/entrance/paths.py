"""Which paths ask for no log-in, and what is expected at the others."""

from list_sync.config.sign_on import RETURN_PATH

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
# Single sign-on: the way to the issuer, the way back, and the log-out there.
SIGN_ON = "/login/oidc"
SIGN_ON_RETURN = RETURN_PATH
SIGN_OUT = "/login/oidc/end"
DOORS = (LOGIN, CLAIM, SIGN_ON, SIGN_ON_RETURN, SIGN_OUT)
ASSETS = "/static/"
# Bodies are JSON here, and forms of pages elsewhere.
API = "/api/"
