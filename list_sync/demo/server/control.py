"""Control of a demo server over HTTP, only under /_demo/; these calls are not counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from list_sync.demo.server.backstage import Backstage
from list_sync.demo.server.calls.answers import Answer, json_answer, message_answer
from list_sync.demo.server.calls.traffic import PostKey, Traffic
from list_sync.demo.server.faults import change, current

Values = Mapping[str, Any]


class Control:
    """Shows and changes the state of one server."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        traffic = backstage.backend.traffic
        self._reads: dict[str, Callable[[], object]] = {
            "counts": lambda: counts_body(traffic),
            "calls": lambda: [_call_body(traffic_call) for traffic_call in traffic.calls()],
            "requests": backstage.requests,
            "media": backstage.media,
            "arrs": backstage.in_arrs,
            "faults": lambda: current(backstage.faults),
            "settings": lambda: current(backstage.settings),
        }
        self._writes: dict[str, Callable[[Values], object]] = {
            "faults": lambda values: change(backstage.faults, values),
            "settings": lambda values: change(backstage.settings, values),
            "reset-counts": lambda _: traffic.reset(),
            "wipe": lambda _: backstage.wipe(),
            "let-pass": lambda values: backstage.let_pass(values["seconds"]),
            "users": lambda values: {"id": backstage.add_user(**values)},
            "delete-user": lambda values: backstage.delete_user(values["id"]),
            "change-user": lambda values: backstage.change_user(**values),
            "scan": lambda _: backstage.scan(),
            "media": lambda values: {"id": backstage.set_media(**_with_season_numbers(values))},
            "available": lambda values: backstage.make_available(**values),
            "blocklist": lambda values: backstage.blocklist(values["kind"], values["tmdb"]),
            "approve": lambda values: backstage.approve(values["id"]),
            "decline": lambda values: backstage.decline(values["id"]),
            "fail": lambda values: backstage.fail_request(values["id"]),
            "delete-request": lambda values: backstage.delete_request(values["id"]),
            "delete-media": lambda values: backstage.delete_media(values["kind"], values["tmdb"]),
        }

    def answer(self, method: str, name: str, content: bytes) -> Answer:
        """Answer one call; a wrong call gets a 400 that names the mistake."""
        if method == "GET" and name in self._reads:
            return json_answer(200, self._reads[name]())
        if method != "POST" or name not in self._writes:
            return message_answer(404, f"no control: {method} {name}")
        try:
            result = self._writes[name](json.loads(content or b"{}"))
        except (KeyError, TypeError, ValueError) as error:
            return message_answer(400, f"{type(error).__name__}: {error}")
        return json_answer(200, result if result is not None else {})


def counts_body(traffic: Traffic) -> dict[str, object]:
    """Return the counts as JSON, titles as `movie:603:hd`."""
    return {
        "reads": traffic.reads,
        "writes": traffic.writes,
        "deaths": traffic.deaths,
        "posts_by_title": {_key_text(key): count for key, count in traffic.posts_by_title().items()},
        "answers_by_title": {_key_text(key): statuses for key, statuses in traffic.answers_by_title().items()},
    }


def _key_text(key: PostKey) -> str:
    kind, tmdb, is_4k = key
    return f"{kind}:{tmdb}:{'4k' if is_4k else 'hd'}"


def _call_body(call: Any) -> dict[str, object]:
    return {
        "method": call.method,
        "path": call.path,
        "query": call.query,
        "user": call.user,
        "body": call.body,
        "status": call.status,
    }


def _with_season_numbers(values: Values) -> dict[str, Any]:
    seasons = values.get("seasons") or {}
    return {**values, "seasons": {int(number): status for number, status in seasons.items()}}
