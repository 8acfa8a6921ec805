"""The issues of a repository at GitHub, as unkind as the real ones: short pages, old lists, limits, lost answers."""

import json
import threading
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.fakes.scripted_server import Asked, ScriptedServer, Served

REPOSITORY = "someone/list-sync"
TOKEN = "token-of-the-test"
PATH = f"/repos/{REPOSITORY}/issues"
# The real one gives at most 100, and fewer if it likes.
PAGE = 2


@dataclass
class FakeGitHub:
    """A repository; `faults` are answered in place of the next calls of their method, `losses` after carrying them out.

    The next lists up to `blind` do not have an issue yet, because another run opens it just now.
    """

    now: str = "2026-11-27T06:30:00Z"
    issues: list[dict] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)
    faults: dict[str, list[Served]] = field(default_factory=dict)
    losses: dict[str, list[Served]] = field(default_factory=dict)
    blind: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._server = ScriptedServer(self._answer)

    def __enter__(self) -> "FakeGitHub":
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def asked(self) -> list[Asked]:
        return self._server.asked

    @property
    def open(self) -> dict[int, str]:
        """Return the titles of open issues by their numbers."""
        return {one["number"]: one["title"] for one in self.issues if one["state"] == "open"}

    def add(self, title: str, body: str, *, labels=("canary",), state="open", **more: object) -> dict:
        number = len(self.issues) + 1
        issue = {"number": number, "title": title, "body": body, "state": state, "labels": list(labels)}
        self.issues.append({**issue, "closed_at": None, **more})
        return self.issues[-1]

    def close(self, number: int, *, at: str) -> None:
        self.issues[number - 1].update(state="closed", closed_at=at)

    def _answer(self, asked: Asked) -> Served:
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Served({"message": "Bad credentials"}, 401)
        if waiting := self.faults.get(asked.method):
            return waiting.pop(0)
        with self._lock:
            answer = self._do(asked)
        if self.losses.get(asked.method):
            return self.losses[asked.method].pop(0)
        return answer

    def _do(self, asked: Asked) -> Served:
        if asked.method == "GET" and asked.path == PATH and self.blind:
            self.blind -= 1
            return Served([])
        if asked.method == "GET" and asked.path == PATH:
            return self._list(asked)
        if asked.method == "POST" and asked.path == PATH:
            return Served(self.add(**asked.json), 201)
        number = int(asked.path.removeprefix(f"{PATH}/").partition("/")[0])
        issue = self.issues[number - 1]
        if asked.method == "POST":
            self.comments.append((number, asked.json["body"]))
            return Served({"id": len(self.comments)}, 201)
        issue.update(asked.json)
        issue["closed_at"] = self.now if issue["state"] == "closed" else None
        return Served(issue)

    def _list(self, asked: Asked) -> Served:
        named = [one for one in reversed(self.issues) if asked.query["labels"] in one["labels"]]
        page = int(asked.query.get("page", "1"))
        rest = named[page * PAGE :]
        following = f"{self.url}{PATH}?{urlencode({**asked.query, 'page': page + 1})}"
        headers = {"Link": f'<{following}>; rel="next", <{following}>; rel="last"'} if rest else {}
        return Served(json.loads(json.dumps(named[(page - 1) * PAGE : page * PAGE])), headers=headers)
