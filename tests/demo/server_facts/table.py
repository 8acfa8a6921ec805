"""The form of the tables: cases made of steps, each a raw request with its answer or a change behind the scenes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from list_sync.demo.server.demo_server import DemoServer, Dialect
from tests.fakes.patience import PATIENCE_SECONDS

ALL = "OJS"
LETTERS = {"O": Dialect.OVERSEERR, "J": Dialect.JELLYSEERR, "S": Dialect.SEERR}
UNSET: Any = object()
KEY = "the key of user 1"


class Missing:
    """Stands for a field that must not be there."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


@dataclass(frozen=True)
class By:
    """A value that differs from dialect to dialect."""

    values: dict[str, Any]


def by(**values: Any) -> By:
    """Return a value by the letters of its dialects: by(O=1, JS=2)."""
    return By({letter: value for letters, value in values.items() for letter in letters})


@dataclass(frozen=True)
class Ask:
    """One raw request; what is None is not looked at, and `body` need only be a part of the answer's."""

    method: str
    path: str
    status: Any = None
    body: Any = UNSET
    text: str | None = None
    json: Any = UNSET
    data: str | None = None
    key: str | None = KEY
    user: str | None = None
    key_header: str = "X-Api-Key"
    headers: dict[str, str] = field(default_factory=dict)
    answer_headers: dict[str, Any] = field(default_factory=dict)
    drops: bool = False
    root: str = "/api/v1"


@dataclass(frozen=True)
class Do:
    """Something that happens on the server without a request."""

    change: Callable[[DemoServer], object]


Step = Ask | Do


@dataclass(frozen=True)
class Case:
    """One fact: a name that says it, the section it stands in, and the steps that show it."""

    section: str
    name: str
    steps: tuple[Step, ...]
    dialects: str = ALL


def case(section: str, name: str, *steps: Step, dialects: str = ALL) -> Case:
    """Return a case for all dialects, or for some."""
    return Case(section, name, steps, dialects)


def get(path: str, status: Any = 200, body: Any = UNSET, **other: Any) -> Ask:
    """Return a GET under /api/v1."""
    return Ask("GET", path, status, body, **other)


def post(path: str, json: Any = UNSET, status: Any = 200, body: Any = UNSET, **other: Any) -> Ask:
    """Return a POST of JSON under /api/v1."""
    return Ask("POST", path, status, body, json=json, **other)


def delete(path: str, status: Any = 204, body: Any = UNSET, **other: Any) -> Ask:
    """Return a DELETE under /api/v1."""
    return Ask("DELETE", path, status, body, **other)


def film(tmdb: int, **other: Any) -> dict[str, Any]:
    """Return the body of a request for a film in HD."""
    return {"mediaType": "movie", "mediaId": tmdb, "is4k": False} | other


def show(tmdb: int, seasons: Any, **other: Any) -> dict[str, Any]:
    """Return the body of a request for seasons of a show in HD."""
    return {"mediaType": "tv", "mediaId": tmdb, "seasons": seasons, "is4k": False} | other


def ask(body: dict[str, Any], status: Any = 201, answer: Any = UNSET, **other: Any) -> Ask:
    """Return a POST /request."""
    return post("/request", body, status, answer, **other)


def do(change: Callable[[DemoServer], object]) -> Do:
    """Return a change behind the scenes."""
    return Do(change)


def fault(**values: Any) -> Do:
    """Return the setting of faults."""

    def change(server: DemoServer) -> None:
        for name, value in values.items():
            setattr(server.faults, name, value)

    return Do(change)


def run(server: DemoServer, session: requests.Session, one: Case) -> None:
    """Carry out a case's steps and compare each answer."""
    letter = next(letter for letter, dialect in LETTERS.items() if dialect is server.dialect)
    for number, step in enumerate(one.steps, start=1):
        if isinstance(step, Do):
            step.change(server)
        else:
            _run_step(server, session, step, letter, f"step {number}: {step.method} {step.path}")


def _run_step(server: DemoServer, session: requests.Session, step: Ask, letter: str, where: str) -> None:
    if _resolve(step.drops, letter):
        try:
            answer = _send(server, session, step)
        except requests.ConnectionError:
            return
        raise AssertionError(f"{where}: answered {answer.status_code}, not dropped")
    answer = _send(server, session, step)
    status, body = _resolve(step.status, letter), _resolve(step.body, letter)
    assert status is None or answer.status_code == status, f"{where}: {answer.status_code} {answer.text[:300]}"
    if body is not UNSET:
        _compare(answer.json(), body, letter, f"{where}: body")
    if step.text is not None:
        assert answer.text == step.text, f"{where}: {answer.text[:300]}"
    for name, value in step.answer_headers.items():
        _compare(answer.headers.get(name, MISSING), _resolve(value, letter), letter, f"{where}: header {name}")


def _send(server: DemoServer, session: requests.Session, step: Ask) -> requests.Response:
    headers = dict(step.headers)
    if step.key is not None:
        headers[step.key_header] = server.api_key if step.key is KEY else step.key
    if step.user is not None:
        headers["X-API-User"] = step.user
    options: dict[str, Any] = {"headers": headers, "timeout": PATIENCE_SECONDS, "allow_redirects": False}
    if step.json is not UNSET:
        options["json"] = step.json
    if step.data is not None:
        options["data"] = step.data
    return session.request(step.method, f"{server.url}{step.root}{step.path}", **options)


def _resolve(value: Any, letter: str) -> Any:
    return value.values[letter] if isinstance(value, By) else value


def _compare(actual: Any, expected: Any, letter: str, where: str) -> None:
    expected = _resolve(expected, letter)
    if isinstance(expected, dict):
        assert isinstance(actual, dict), f"{where}: {actual!r}"
        for name, value in expected.items():
            _compare(actual.get(name, MISSING), value, letter, f"{where}.{name}")
    elif isinstance(expected, list):
        assert isinstance(actual, list), f"{where}: {actual!r}"
        assert len(actual) == len(expected), f"{where}: {actual!r}"
        for index, value in enumerate(expected):
            _compare(actual[index], value, letter, f"{where}[{index}]")
    elif isinstance(expected, type):
        assert isinstance(actual, expected), f"{where}: {actual!r}"
    elif callable(expected):
        assert expected(actual), f"{where}: {actual!r}"
    else:
        assert actual == expected, f"{where}: {actual!r}, not {expected!r}"
