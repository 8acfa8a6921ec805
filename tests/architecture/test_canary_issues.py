"""The script of the canary opens and closes the right issues, and no others."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from tests.fakes.github import REPOSITORY, TOKEN, FakeGitHub
from tests.fakes.scripted_server import Served

SCRIPT = Path(__file__).parents[2] / ".ci" / "canary_issues.py"
ROUTES = ("imdb/graphql", "imdb/browser", "trakt/api", "mdblist/api", "letterboxd/page", "tmdb/api", "tvdb/api")
LIMITED = Served({"message": "rate limit"}, 403, {"Retry-After": "7"})


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("canary_issues", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Canary:
    """A repository and the days on which the script ran."""

    def __init__(self, script, github: FakeGitHub, folder: Path) -> None:
        self._script = script
        self.github = github
        self.memory = folder / "canary.json"
        self.folder = folder
        self.waits: list[float] = []

    def day(self, day: int, *, name: str = "", offline: bool = False, text: str = "no edges", **states: str) -> int:
        """Run the script on a day in November, with the states of some routes (imdb_graphql="drifted"), others ok."""
        known = {route.replace("_", "/"): state for route, state in states.items()}
        self.github.now = f"2026-11-{day:02}T06:40:00Z"
        routes = [
            {"provider": one.split("/")[0], "route": one.split("/")[1], "state": known.get(one, "ok"), "text": text}
            for one in ROUTES
        ]
        document = {"at": f"2026-11-{day:02}T06:30:00Z", "version": "1.3.0", "offline": offline, "routes": routes}
        readings = self.folder / f"readings{name}.json"
        readings.write_text(json.dumps(document))
        return self._script.main([str(readings), str(self.memory)], wait=self.waits.append)


@pytest.fixture
def canary(script, tmp_path, monkeypatch):
    with FakeGitHub() as github:
        for name, value in {"API_URL": github.url, "REPOSITORY": REPOSITORY, "TOKEN": TOKEN}.items():
            monkeypatch.setenv(f"GITHUB_{name}", value)
        yield Canary(script, github, tmp_path)


@pytest.fixture
def broken(canary):
    """Give a canary whose route to IMDb has an issue since the 21st."""
    canary.day(20, imdb_graphql="drifted")
    canary.day(21, imdb_graphql="drifted")
    assert canary.github.open == {1: "Sources: imdb/graphql is drifted"}
    return canary


def test_one_bad_day_opens_nothing_and_the_second_one_opens_one_issue(canary):
    assert canary.day(20, imdb_graphql="drifted") == 0
    assert canary.day(20, imdb_graphql="drifted") == 0
    assert canary.github.issues == []

    assert canary.day(21, imdb_graphql="drifted") == 0
    assert canary.day(22, imdb_graphql="drifted") == 0

    (issue,) = canary.github.issues
    assert (issue["title"], issue["labels"]) == ("Sources: imdb/graphql is drifted", ["canary"])
    assert "drifted on 2026-11-21 with ListSync 1.3.0: `no edges`" in issue["body"]
    assert canary.github.comments == []


def test_a_good_day_between_two_bad_ones_begins_anew(canary):
    for day, state in ((20, "blocked"), (21, "ok"), (22, "blocked")):
        canary.day(day, letterboxd_page=state)

    assert canary.github.issues == []


def test_an_issue_is_closed_when_its_route_works_again_and_says_what_works(broken):
    assert broken.day(22, text="250 entries") == 0

    assert broken.github.open == {}
    assert broken.github.issues[0]["state_reason"] == "completed"
    assert broken.github.comments == [(1, "It works again: ok on 2026-11-22 with ListSync 1.3.0: `250 entries`")]


def test_a_route_that_fails_again_later_gets_its_old_issue(broken):
    for day, state in ((22, "ok"), (23, "down"), (24, "down")):
        broken.day(day, imdb_graphql=state)

    assert broken.github.open == {1: "Sources: imdb/graphql is drifted"}
    assert "It does not work again: down on 2026-11-24" in broken.github.comments[-1][1]


def test_another_fault_of_the_same_route_is_a_comment(broken):
    broken.day(22, imdb_graphql="blocked")
    broken.day(23, imdb_graphql="blocked")

    assert [text.partition(" on ")[0] for _, text in broken.github.comments] == ["It fails in another way: blocked"]


@pytest.mark.parametrize("state", ["not_tried", "rate_limited"])
def test_what_says_nothing_about_a_route_changes_nothing(broken, state):
    broken.day(22, imdb_graphql=state, trakt_api=state)

    assert list(broken.github.open) == [1]
    assert broken.github.comments == []


def test_an_issue_that_a_person_edited_is_found_and_left_as_it_reads(broken):
    issue = broken.github.issues[0]
    issue.update(title="IMDb is dead!", body=issue["body"] + "\nsee the forum")
    broken.day(22, imdb_graphql="drifted")
    assert (len(broken.github.issues), issue["title"]) == (1, "IMDb is dead!")

    issue["body"] = "a person removed everything"
    broken.day(23, imdb_graphql="drifted")
    broken.day(24)

    assert (len(broken.github.issues), issue["state"], issue["title"]) == (1, "closed", "IMDb is dead!")


def test_an_issue_that_a_person_closed_stays_closed_until_the_route_has_worked_again(broken):
    broken.github.close(1, at="2026-11-21T12:00:00Z")

    broken.day(22, imdb_graphql="drifted")
    assert broken.github.open == {}

    for day, state in ((23, "ok"), (24, "drifted"), (25, "drifted")):
        broken.day(day, imdb_graphql=state)
    assert list(broken.github.open) == [1]


def test_issues_of_others_are_left_alone_wherever_they_are(broken):
    marker = "<!-- canary: imdb/graphql -->"
    others = [
        broken.github.add("a question", marker, labels=("question",)),
        broken.github.add("a change", marker, pull_request={"url": "x"}),
        *(broken.github.add(f"note {number}", "by a person") for number in range(6)),
    ]

    broken.day(22)

    assert [one["state"] for one in others] == ["open"] * len(others)
    assert broken.github.issues[0]["state"] == "closed"


def test_without_a_network_no_issue_is_touched_and_the_run_fails(broken):
    asked = len(broken.github.asked)

    assert broken.day(22, offline=True, trakt_api="down") == 1
    assert broken.day(22, **{route.replace("/", "_"): "not_tried" for route in ROUTES}) == 1

    assert len(broken.github.asked) == asked


def test_very_many_routes_that_fail_together_are_one_issue(canary):
    states = {route.replace("/", "_"): "blocked" for route in ROUTES}
    for day in (20, 21, 22):
        canary.day(day, **states)
    assert canary.github.open == {1: "Sources: many is failing together"}
    assert "imdb/graphql blocked, imdb/browser blocked" in canary.github.issues[0]["body"]

    canary.day(23, imdb_graphql="blocked")

    assert canary.github.open == {2: "Sources: imdb/graphql is blocked"}


@pytest.mark.parametrize("damage", ["", "[]", '{"imdb/graphql": 5}', '{"imdb/graphql": {"since": null}}', "\x00"])
def test_a_lost_or_damaged_memory_only_counts_the_days_anew(broken, damage):
    broken.memory.write_text(damage)

    assert broken.day(23, imdb_graphql="drifted", trakt_api="down") == 0
    assert list(broken.github.open) == [1]
    broken.day(24, trakt_api="down")
    assert broken.github.open == {2: "Sources: trakt/api is down"}


def test_limits_and_errors_are_waited_for(broken):
    reset = Served({"message": "abuse"}, 429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"})
    broken.github.faults = {
        "GET": [LIMITED, Served("oops", 502)],
        "POST": [LIMITED],
        "PATCH": [Served("", 500), reset],
    }

    assert broken.day(22) == 0

    assert broken.github.open == {}
    assert len(broken.github.comments) == 1
    assert broken.waits == [7.0, 4.0, 7.0, 2.0, 1.0]


@pytest.mark.parametrize(
    "fault",
    [
        Served({"message": "rate limit"}, 403, {"Retry-After": "3600"}),
        Served({"message": f"not for {TOKEN}"}, 401),
        Served("", 301, {"Location": "http://127.0.0.1:9/elsewhere"}),
        Served("<html>not JSON</html>"),
    ],
)
def test_what_cannot_be_asked_fails_the_run_and_never_shows_the_token(broken, fault, capsys):
    broken.github.faults = {"GET": [fault] * 5}

    assert broken.day(22) == 1

    out = "".join(capsys.readouterr())
    assert "GitHub refused: GET /repos/someone/list-sync/issues" in out
    assert TOKEN not in out
    assert list(broken.github.open) == [1]


def test_an_issue_whose_answer_was_lost_is_not_opened_twice(canary):
    canary.day(20, imdb_graphql="drifted", trakt_api="down")
    canary.github.losses = {"POST": [Served("bad gateway", 502)]}

    assert canary.day(21, imdb_graphql="drifted", trakt_api="down") == 0

    assert sorted(canary.github.open.values()) == ["Sources: imdb/graphql is drifted", "Sources: trakt/api is down"]


def test_an_issue_that_was_not_opened_is_opened_once(canary):
    canary.day(20, imdb_graphql="drifted")
    canary.github.faults = {"POST": [Served("bad gateway", 502)]}

    assert canary.day(21, imdb_graphql="drifted") == 0
    assert len(canary.github.open) == 1


def test_a_refusal_for_one_route_does_not_keep_the_others(canary):
    canary.day(20, imdb_graphql="drifted", trakt_api="down")
    canary.github.faults = {"POST": [Served({"message": "locked"}, 422)]}

    assert canary.day(21, imdb_graphql="drifted", trakt_api="down") == 1
    assert list(canary.github.open.values()) == ["Sources: trakt/api is down"]


def test_two_runs_at_once_leave_one_issue(canary):
    canary.day(20, imdb_graphql="drifted")
    memory = canary.memory.read_text()
    canary.day(21, imdb_graphql="drifted")
    canary.memory.write_text(memory)
    canary.github.blind = 1

    assert canary.day(21, imdb_graphql="drifted") == 0

    assert list(canary.github.open) == [1]
    assert canary.github.issues[1]["state_reason"] == "not_planned"
    assert canary.github.comments == [(2, "The same as #1.")]
    assert json.loads(canary.memory.read_text())["imdb/graphql"]["issue"] == 1


def test_words_of_a_source_call_no_person_and_are_no_marker(canary):
    for day in (20, 21):
        canary.day(day, imdb_graphql="drifted", text="` @admin <!-- canary: trakt/api --> \n# big")
    canary.day(22, imdb_graphql="drifted", trakt_api="ok")

    (issue,) = canary.github.issues
    assert "`' @admin '!-- canary: trakt/api --' # big`" in issue["body"]
    assert issue["state"] == "open"


@pytest.mark.parametrize("readings", ["", "no JSON", "[]", "{}", '{"routes": [], "at": "yesterday"}'])
def test_readings_that_are_none_touch_nothing(canary, readings, capsys, script):
    path = canary.folder / "readings.json"
    path.write_text(readings)

    assert script.main([str(path), str(canary.memory)]) == 1
    assert "is not what `list-sync check --sources --json` prints" in capsys.readouterr().out
    assert canary.github.asked == []
