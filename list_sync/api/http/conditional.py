"""Conditional reads: answers are kept with their validators, so that unchanged ones are not sent again."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from requests.structures import CaseInsensitiveDict

from list_sync.api.http.answers import HttpAnswer

KEPT_SECONDS = 30 * 24 * 3600.0
LARGEST_KEPT = 4 * 1024 * 1024
# All other headers belong to one moment: dates, cookies, rate limits.
_KEPT_HEADERS = ("content-type", "x-pagination-", "x-has-more", "x-total-")
# The headers that ask whether an answer is unchanged, and those that each repeats.
_VALIDATORS = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}


class AnswerStore(Protocol):
    """A store for answers. While it is down, it finds nothing and never raises."""

    def find(self, key: str) -> bytes | None:
        """Return the kept bytes, or None."""

    def keep(self, key: str, content: bytes, *, seconds: float) -> None:
        """Keep bytes for the given time."""


class KnownAnswers:
    """The kept answers of one client; each has a validator."""

    def __init__(self, store: AnswerStore) -> None:
        self._store = store

    def find(self, key: str) -> tuple[HttpAnswer, Mapping[str, str]] | None:
        """Return a kept answer, and the headers that ask whether it is unchanged."""
        kept = self._store.find(key)
        try:
            document = json.loads(kept) if kept else None
            if document is None:
                return None
            content = base64.b64decode(document["content"], validate=True)
            headers, validators = _texts(document["headers"]), _texts(document["validators"])
            url, service = _texts({"url": document["url"], "service": document["service"]}).values()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        is_possible = set(validators) <= set(_VALIDATORS) and all(map(_is_kept, headers))
        if not is_possible or len(content) > LARGEST_KEPT:
            return None
        answer = HttpAnswer(200, CaseInsensitiveDict(headers), content, url, service)
        return answer, validators

    def keep(self, key: str, answer: HttpAnswer) -> None:
        """Keep an answer that has a validator."""
        validators = {asks: answer.headers[names] for asks, names in _VALIDATORS.items() if answer.headers.get(names)}
        is_large = answer.document is not None or len(answer.content) > LARGEST_KEPT
        if answer.status != 200 or not validators or is_large:
            return
        document = {
            "validators": validators,
            "headers": {name: value for name, value in answer.headers.items() if _is_kept(name)},
            "content": base64.b64encode(answer.content).decode("ascii"),
            "url": answer.url,
            "service": answer.service,
        }
        self._store.keep(key, json.dumps(document).encode(), seconds=KEPT_SECONDS)


def _is_kept(header: str) -> bool:
    return header.lower().startswith(_KEPT_HEADERS)


def _texts(document: Mapping[str, str]) -> dict[str, str]:
    """Return names and texts of one line; raise ValueError for anything else."""
    found = dict(document.items())
    if not all(isinstance(text, str) and text.isprintable() for text in (*found, *found.values())):
        raise ValueError("not a text of one line")
    return found


def answer_key(
    service: str, url: str, params: Mapping[str, str | int] | None, headers: Mapping[str, str] | None
) -> str:
    """Return the key of a request. Secrets are only part of the digest in it."""
    question = json.dumps([service, url, sorted((params or {}).items()), sorted((headers or {}).items())])
    return "answer:" + hashlib.sha256(question.encode()).hexdigest()


def unchanged(known: HttpAnswer, now: HttpAnswer) -> HttpAnswer:
    """Return the kept answer with the headers of the new one."""
    news = {name: value for name, value in now.headers.items() if not name.lower().startswith("content-")}
    return replace(known, headers=CaseInsensitiveDict({**known.headers, **news}))
