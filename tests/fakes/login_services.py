"""Trakt, Plex and SIMKL as far as logging in goes: one loopback server with the state that such a service keeps."""

import itertools
import json
import threading
import time

from tests.fakes.scripted_server import ScriptedServer, Served

CLIENT_ID, CLIENT_SECRET = "client-id-of-the-test", "client-secret-of-the-test"
DEVICE_CODE = "device-code-of-the-test"
WEEK_SECONDS = 7 * 24 * 3600
FILM = {"type": "movie", "movie": {"title": "Private Film", "year": 2000, "ids": {"tmdb": 603}}}


class LoginServices:
    """Answers polls with `polls` in turn (a status, or a Served), the last one again and again; 200 means approved.

    Refresh tokens can be used once. `before_renewal` and `after_renewal` are called with every renewal, the second
    once the old token is used up and before the answer is sent.
    """

    def __init__(self, *, polls=(400, 200), interval=0, expires_in=600, token_lifetime=WEEK_SECONDS):
        self.polls, self.interval, self.expires_in = list(polls), interval, expires_in
        self.token_lifetime = token_lifetime
        self.access_tokens, self.refresh_tokens, self.used = set(), set(), []
        self.before_renewal = self.after_renewal = lambda: None
        self.renewal_answer = None
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._server = ScriptedServer(self._answer)
        self.asked = self._server.asked
        self.url = self._server.url
        self.poll_times = []

    def __enter__(self):
        self._server.__enter__()
        return self

    def __exit__(self, *error):
        self._server.__exit__(*error)

    def paths(self):
        return [asked.path for asked in self.asked]

    def env(self, data_dir):
        return {
            "DATA_DIR": str(data_dir),
            "TRAKT_CLIENT_ID": CLIENT_ID,
            "TRAKT_CLIENT_SECRET": CLIENT_SECRET,
            "SIMKL_CLIENT_ID": CLIENT_ID,
            "TRAKT_BASE_URL": self.url,
            "PLEX_BASE_URL": self.url,
            "SIMKL_BASE_URL": self.url,
        }

    def grant(self):
        number = next(self._numbers)
        access, refresh = f"access-token-{number}", f"refresh-token-{number}"
        self.access_tokens.add(access)
        self.refresh_tokens.add(refresh)
        return {"access_token": access, "refresh_token": refresh, "expires_in": self.token_lifetime}

    def _next_poll(self):
        self.poll_times.append(time.monotonic())
        return self.polls.pop(0) if len(self.polls) > 1 else self.polls[0]

    def _answer(self, asked):
        if asked.path.startswith("/oauth/pin"):
            return self._answer_simkl(asked)
        if asked.path.startswith("/api/v2/pins"):
            return self._answer_plex(asked)
        return self._answer_trakt(asked)

    def _answer_trakt(self, asked):
        if asked.path.startswith("/users/me/"):
            token = asked.headers.get("Authorization", "").removeprefix("Bearer ")
            headers = {"X-Pagination-Page-Count": "1", "X-Pagination-Item-Count": "1"}
            return Served([FILM], headers=headers) if token in self.access_tokens else Served("", status=401)
        body = json.loads(asked.body)
        if body["client_id"] != CLIENT_ID or body.get("client_secret", CLIENT_SECRET) != CLIENT_SECRET:
            return Served({"error": "invalid_client"}, status=401)
        if asked.path == "/oauth/device/code":
            code = {
                "device_code": DEVICE_CODE,
                "user_code": "ABCD1234",
                "verification_url": "https://trakt.tv/activate",
            }
            return Served({**code, "expires_in": self.expires_in, "interval": self.interval})
        if asked.path == "/oauth/device/token":
            assert body["code"] == DEVICE_CODE
            poll = self._next_poll()
            return poll if isinstance(poll, Served) else Served(self.grant() if poll == 200 else "", status=poll)
        assert asked.path == "/oauth/token"
        return self._renew(body)

    def _renew(self, body):
        # Read first: the hook may end the process that the test waits for before it sets the next answer.
        answer = self.renewal_answer
        self.before_renewal()
        if answer is not None:
            return answer
        if body["refresh_token"] not in self.refresh_tokens:
            return Served({"error": "invalid_grant"}, status=400)
        self.refresh_tokens.remove(body["refresh_token"])
        self.used.append(body["refresh_token"])
        answer = Served(self.grant())
        self.after_renewal()
        return answer

    def _answer_plex(self, asked):
        assert asked.headers["X-Plex-Product"] == "ListSync"
        identifier = asked.headers["X-Plex-Client-Identifier"]
        pin = {"id": 4711, "code": "strongcode", "clientIdentifier": identifier, "expiresIn": self.expires_in}
        if asked.method == "POST":
            assert asked.query == {"strong": "true"}
            return Served({**pin, "authToken": None}, status=201)
        assert asked.path == "/api/v2/pins/4711"
        poll = self._next_poll()
        if isinstance(poll, Served):
            return poll
        if poll == 404:
            return Served({"errors": [{"code": 1020, "message": "Code not found or expired"}]}, status=404)
        return Served({**pin, "authToken": "plex-token" if poll == 200 else None})

    def _answer_simkl(self, asked):
        if asked.query["client_id"] != CLIENT_ID:
            return Served({"error": "client_id_failed"}, status=412)
        if asked.path == "/oauth/pin":
            code = {"result": "OK", "device_code": "DEVICE_CODE", "user_code": "5G6JAH"}
            address = {"verification_url": "https://simkl.com/pin"}
            return Served({**code, **address, "expires_in": self.expires_in, "interval": self.interval})
        assert asked.path == "/oauth/pin/5G6JAH"
        poll = self._next_poll()
        if isinstance(poll, Served):
            return poll
        return Served(
            {"result": "OK", "access_token": "simkl-token"}
            if poll == 200
            else {"result": "KO", "message": "Authorization pending"}
        )
