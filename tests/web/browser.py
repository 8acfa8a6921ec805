"""A browser without script: it keeps cookies as the standard says, and sends forms with what the page gave it."""

import re
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

import requests
from selectolax.lexbor import LexborHTMLParser

from tests.fakes.patience import PATIENCE_SECONDS


@dataclass
class Browser:
    """One person's browser; `https` is a proxy before the service, which tells of it and of the client."""

    running: object
    headers: dict = field(default_factory=dict)
    cookies: dict = field(default_factory=dict)
    attributes: dict = field(default_factory=dict)

    def ask(self, method, path, *, fields=None, headers=None, **options):
        sent = {"Accept": "text/html", "Host": "localhost", **self.headers}
        if method != "GET":
            sent["Origin"] = f"http://{sent['Host']}"
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent |= headers or {}
        sent = {name: value for name, value in sent.items() if value is not None}
        answer = requests.request(
            method,
            self.running.address + path,
            headers=sent,
            data=fields,
            timeout=PATIENCE_SECONDS,
            allow_redirects=False,
            **options,
        )
        for line in answer.raw.headers.getlist("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.attributes[name] = morsel
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, fields=(), *, csrf=None, **options):
        """Send a form with the token of a page of ours, unless another is given."""
        token = self.csrf() if csrf is None else csrf
        return self.ask("POST", path, fields={**dict(fields), **({"csrf": token} if token else {})}, **options)

    def csrf(self, page="/lists"):
        """Return the token of the forms of a page."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(page).text)
        return found[1] if found else ""

    def log_in(self, password, *, to="", **fields):
        return self.ask("POST", "/login", fields={"password": password, "to": to, **fields})

    def is_in(self):
        """Return whether a page is shown, and not the log-in."""
        return self.get("/lists").status_code == 200

    def copy(self):
        return Browser(self.running, dict(self.headers), dict(self.cookies))


def words_of(answer):
    """Return the words of a page."""
    return " ".join(LexborHTMLParser(answer.text).body.text(separator=" ").split())
