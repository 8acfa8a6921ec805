"""Keeps one issue on GitHub for each route to a source that does not work, from what `check --sources --json` said.

python .ci/canary_issues.py READINGS.json MEMORY.json

An issue is opened on the second bad day in a row, and closed when the route works again. People may change its title
and its text; one that they close stays closed until the route has worked again. GITHUB_REPOSITORY and GITHUB_TOKEN say
where the issues are.
"""

import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

LABEL = "canary"
# More routes than this fail together for one reason, which is seldom that of the sources.
MOST_NEW_ISSUES = 4
MANY = "many"
WORKS = "ok"
# These say nothing about the route.
UNKNOWN = ("not_tried", "rate_limited")
LONGEST_PAUSE_SECONDS = 90.0
TIMEOUT_SECONDS = 30.0
LARGEST_ANSWER = 8 * 1024 * 1024
MOST_PAGES = 20
TRIES = 3
_NEXT = re.compile(r'<([^>]+)>\s*;\s*rel="next"')
_SERVER_ERROR = 500


class Refused(Exception):
    """GitHub did not do what was asked; `is_open` if it is not known whether it did."""

    def __init__(self, text: str, *, is_open: bool = False) -> None:
        super().__init__(text)
        self.is_open = is_open


@dataclass(frozen=True, slots=True)
class Route:
    """What a route came to."""

    name: str
    state: str
    text: str


@dataclass(slots=True)
class Spell:
    """Since when a route does not work; `told` is the state that its issue tells, and `issue` its number."""

    since: str
    told: str = ""
    issue: int = 0


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue of ours."""

    number: int
    is_open: bool
    closed_at: str
    body: str

    @property
    def order(self) -> tuple[bool, int]:
        """Return the place among issues of one route: open ones first, of these the oldest."""
        return (not self.is_open, self.number if self.is_open else -self.number)


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """The token goes to the address that was given, and to no other."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


@dataclass(slots=True)
class GitHub:
    """The issues of one repository."""

    base: str
    repository: str
    token: str = field(repr=False)
    wait: Callable[[float], None] = time.sleep

    def find_issues(self) -> list[Issue]:
        """Return every issue with our label, open or closed."""
        query = urlencode({"labels": LABEL, "state": "all", "per_page": 100})
        url, found = f"{self._issues}?{query}", list[Issue]()
        for _ in range(MOST_PAGES):
            page, headers = self._ask("GET", url)
            for one in page if isinstance(page, list) else ():
                if "pull_request" not in one:
                    closed_at, body = one.get("closed_at") or "", one.get("body") or ""
                    found.append(Issue(one["number"], one["state"] == "open", closed_at, body))
            following = _NEXT.search(headers.get("Link") or "")
            if following is None or not following[1].startswith(f"{self.base}/"):
                break
            url = following[1]
        return sorted(found, key=lambda one: one.order)

    def open_issue(self, name: str, title: str, body: str) -> int:
        """Open an issue and return its number: of several with one name, the first one stays."""
        text = f"{_mark(name)}\n{body}"
        try:
            self._ask("POST", self._issues, {"title": title, "body": text, "labels": [LABEL]})
        except Refused as error:
            if not error.is_open:
                raise
            # It may have been opened all the same.
            if not [one for one in self.find_issues() if one.is_open and _mark(name) in one.body]:
                self._ask("POST", self._issues, {"title": title, "body": text, "labels": [LABEL]})
        same = [one for one in self.find_issues() if one.is_open and _mark(name) in one.body]
        for one in same[1:]:
            self.close_issue(one.number, f"The same as #{same[0].number}.", reason="not_planned")
        return same[0].number if same else 0

    def close_issue(self, number: int, text: str, *, reason: str = "completed") -> None:
        """Close an issue with a comment."""
        self.comment(number, text)
        self._ask("PATCH", f"{self._issues}/{number}", {"state": "closed", "state_reason": reason})

    def reopen_issue(self, number: int, text: str) -> None:
        """Open an issue again with a comment."""
        self._ask("PATCH", f"{self._issues}/{number}", {"state": "open"})
        self.comment(number, text)

    def comment(self, number: int, text: str) -> None:
        """Write a comment; one whose fate is not known is not written twice."""
        try:
            self._ask("POST", f"{self._issues}/{number}/comments", {"body": text})
        except Refused as error:
            if not error.is_open:
                raise
            print(f"whether the comment on #{number} was written is not known: {error}")

    @property
    def _issues(self) -> str:
        return f"{self.base}/repos/{self.repository}/issues"

    def _ask(self, method: str, url: str, content: object = None) -> tuple[Any, Mapping[str, str]]:
        """Return the answer and its headers; only what may be asked twice is asked again after an error."""
        for tried in range(1, TRIES + 1):
            try:
                return self._exchange(method, url, content)
            except urllib.error.HTTPError as error:
                pause = _find_pause(error, tried)
                words, is_open = f"{error.code} {self._plain(error.read(300))}", error.code >= _SERVER_ERROR
            except (OSError, ValueError) as error:
                pause, words, is_open = 2.0**tried, self._plain(str(error)), True
            if pause is None or tried == TRIES or (is_open and method == "POST"):
                raise Refused(f"{method} {url.removeprefix(self.base)}: {words}", is_open=is_open)
            self.wait(pause)
        raise AssertionError

    def _exchange(self, method: str, url: str, content: object) -> tuple[Any, Mapping[str, str]]:
        body = None if content is None else json.dumps(content).encode()
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/vnd.github+json",
            "Content-Type": "application/json",
            "User-Agent": "list-sync-canary",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310
        with urllib.request.build_opener(NoRedirects).open(request, timeout=TIMEOUT_SECONDS) as answer:
            text = answer.read(LARGEST_ANSWER)
            return (json.loads(text) if text else None), answer.headers

    def _plain(self, text: str | bytes) -> str:
        """Return a text in one line, and without the token, which an answer might repeat."""
        text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        return " ".join(text.replace(self.token, "***").split())


def _find_pause(error: urllib.error.HTTPError, tried: int) -> float | None:
    """Return how long to wait before asking again; None if that is no use."""
    if error.code >= _SERVER_ERROR:
        return 2.0**tried
    if error.code not in (403, 429):
        return None
    asked_for = error.headers.get("Retry-After", "")
    if not asked_for and error.headers.get("X-RateLimit-Remaining") == "0":
        reset = error.headers.get("X-RateLimit-Reset", "")
        asked_for = str(max(1, int(reset) - int(time.time()))) if reset.isdigit() else ""
    seconds = float(asked_for) if asked_for.isdigit() else None
    return seconds if seconds is not None and seconds <= LONGEST_PAUSE_SECONDS else None


def main(names: Sequence[str], *, wait: Callable[[float], None] = time.sleep) -> int:
    """Bring the issues in line with the readings; return 1 if that is not possible."""
    readings, kept = map(Path, names)
    try:
        document = json.loads(readings.read_text(encoding="utf-8"))
        routes = list(find_routes(document))
        at = document["at"]
        datetime.fromisoformat(at)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"{readings} is not what `list-sync check --sources --json` prints ({type(error).__name__})")
        return 1
    if document.get("offline") or all(one.state in UNKNOWN for one in routes):
        print("no source answered, so nothing is known about them: no issue is changed")
        return 1
    before = load_spells(kept)
    spells = count_days(routes, before, at)
    base = os.environ.get("GITHUB_API_URL", "https://api.github.com").rstrip("/")
    repository, token = os.environ.get("GITHUB_REPOSITORY", ""), os.environ.get("GITHUB_TOKEN", "")
    if not repository or not token:
        print("set GITHUB_REPOSITORY and GITHUB_TOKEN")
        return 1
    github = GitHub(base, repository, token, wait)
    try:
        faults = list(settle(github, routes, spells, before, document))
    except Refused as error:
        faults = [str(error)]
    finally:
        kept.write_text(json.dumps({name: asdict(spell) for name, spell in spells.items()}), encoding="utf-8")
    for fault in faults:
        print(f"GitHub refused: {fault}")
    return int(bool(faults))


def find_routes(document: Mapping[str, Any]) -> Iterator[Route]:
    """Yield the routes of the document."""
    for one in document["routes"]:
        yield Route(f"{one['provider']}/{one['route']}", str(one["state"]), str(one["text"]))


def load_spells(kept: Path) -> dict[str, Spell]:
    """Return what the last run kept; nothing if that is lost or damaged, so that bad days are counted anew."""
    try:
        document = json.loads(kept.read_text(encoding="utf-8"))
        return {name: Spell(f"{one['since']}", f"{one['told']}", int(one["issue"])) for name, one in document.items()}
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return {}


def count_days(routes: Sequence[Route], before: Mapping[str, Spell], at: str) -> dict[str, Spell]:
    """Return since when each route that does not work has not worked."""
    states = {one.name: one.state for one in routes}
    spells = {name: spell for name, spell in before.items() if states.get(name) != WORKS}
    for one in filter(is_bad, routes):
        spells.setdefault(one.name, Spell(at))
    return spells


def settle(
    github: GitHub,
    routes: Sequence[Route],
    spells: dict[str, Spell],
    before: Mapping[str, Spell],
    document: Mapping[str, Any],
) -> Iterator[str]:
    """Open, comment and close issues; yield what was refused."""
    issues, at = github.find_issues(), document["at"]
    due = [one for one in routes if one.name in spells and is_bad(one) and spells[one.name].since[:10] < at[:10]]
    new = [one for one in due if is_news(find_issue(issues, one.name, before), spells[one.name])]
    together = Route(MANY, WORKS, "each route that fails has its own issue")
    if len(new) > MOST_NEW_ISSUES:
        names = ", ".join(f"{one.name} {one.state}" for one in new)
        together = Route(MANY, "failing together", f"so the reason may be here and not there: {names}")
        spells.setdefault(MANY, Spell(at))
        due = [*(one for one in due if one not in new), together]
    else:
        spells.pop(MANY, None)
    for one in (*routes, together):
        issue = find_issue(issues, one.name, before)
        try:
            if one.state == WORKS and issue is not None and issue.is_open:
                github.close_issue(issue.number, f"It works again: {describe(one, document)}")
            elif one in due:
                tell(github, one, issue, spells[one.name], document)
        except Refused as error:
            yield f"{one.name}: {error}"


def is_bad(one: Route) -> bool:
    """Return whether a route was tried and does not work."""
    return one.state not in (WORKS, *UNKNOWN)


def is_news(issue: Issue | None, spell: Spell) -> bool:
    """Return whether no issue tells of a route yet; one that a person closed meanwhile has told of it."""
    return issue is None or (not issue.is_open and issue.closed_at < spell.since)


def tell(github: GitHub, one: Route, issue: Issue | None, spell: Spell, document: Mapping[str, Any]) -> None:
    """Say in the issue of a route that it does not work, or in another way than before."""
    text = describe(one, document)
    if issue is None:
        spell.issue = github.open_issue(one.name, f"Sources: {one.name} is {one.state.replace('_', ' ')}", text)
    elif is_news(issue, spell):
        github.reopen_issue(issue.number, f"It does not work again: {text}")
    elif issue.is_open and spell.told not in ("", one.state):
        github.comment(issue.number, f"It fails in another way: {text}")
    spell.told = one.state
    spell.issue = spell.issue if issue is None else issue.number


def find_issue(issues: Sequence[Issue], name: str, before: Mapping[str, Spell]) -> Issue | None:
    """Return the issue of a route: by its marker, or by its number if a person removed the marker."""
    number = before[name].issue if name in before else 0
    return next((one for one in issues if _mark(name) in one.body or one.number == number), None)


def describe(one: Route, document: Mapping[str, Any]) -> str:
    """Return what a route came to; words of a source cannot call people, nor look like our markers."""
    words = re.sub(r"[`<>]", "'", " ".join(one.text.split()))[:600]
    said = f": `{words}`" if words else ""
    return f"{one.state.replace('_', ' ')} on {document['at'][:10]} with ListSync {document.get('version')}{said}"


def _mark(name: str) -> str:
    return f"<!-- {LABEL}: {name} -->"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
