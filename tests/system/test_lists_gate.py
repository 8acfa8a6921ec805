"""The ready workflow for lists in git checks a change, tells its plan in one comment, and applies it."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from list_sync.demo.catalogue.synthetic import synthetic_title
from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.shelf import synthetic
from tests.fakes.workflow_steps import Runner, script_of

GATE = Path(__file__).parents[2] / "docs" / "examples" / "lists-gate.yml"
MARK = "<!-- list-sync plan of home -->"
REPOSITORY = {"GITHUB_REPOSITORY": "me/lists", "NUMBER": "7", "GH_TOKEN": "unused"}

# The comments of pull request 7, two on a page; jq is that of the system, as gh has one of its own.
GH = f"""#!{sys.executable}
import json, pathlib, subprocess, sys
store = pathlib.Path(__file__).parent.parent / "comments.json"
comments = json.loads(store.read_text())
arguments = sys.argv[1:]
option = lambda name: arguments[arguments.index(name) + 1] if name in arguments else None
address = next(one for one in arguments if one.startswith("repos/me/lists/issues/"))
if field := option("--field"):
    body = pathlib.Path(field.removeprefix("body=@")).read_text()
    assert body.strip() and len(body) < 65536
    if option("--method") == "PATCH":
        next(one for one in comments if address.endswith(f"/comments/{{one['id']}}"))["body"] = body
    else:
        assert address.endswith("/7/comments")
        comments.append({{"id": len(comments) + 1, "user": {{"login": "github-actions[bot]"}}, "body": body}})
    store.write_text(json.dumps(comments))
else:
    for first in range(0, len(comments), 2):
        page = json.dumps(comments[first : first + 2])
        subprocess.run(["jq", "-r", option("--jq")], input=page, text=True, check=True)
"""
DOCKER = 'while [ "$1" != "$IMAGE" ]; do shift; done; shift; HOME=$CONTAINER exec "$@"\n'


@pytest.fixture
def server():
    with DemoServer(synthetic_films=10) as running:
        yield running


@pytest.fixture
def gate(tmp_path, server):
    """A runner beside a household that syncs one list of two films; returns a function that carries out a step."""
    runner = Runner(tmp_path)
    runner.add_program("list-sync", f'exec "{sys.executable}" -m list_sync "$@"\n')
    runner.add_program("docker", DOCKER)
    runner.add_program("gh", GH, recorder="")
    (tmp_path / "container").mkdir()
    (runner.work / "config").mkdir()
    (runner.work / "data" / "drop").mkdir(parents=True)
    for name, numbers in (("a", (0, 1)), ("b", (2, 3))):
        films = [
            {"title": synthetic_title(number), "tmdb_id": synthetic(number).ids.tmdb, "media_type": "movie"}
            for number in numbers
        ]
        (runner.work / "data" / "drop" / f"{name}.json").write_text(json.dumps(films))
    (runner.work / "config" / "lists.yaml").write_text("lists: ['file:a.json']\n")
    (tmp_path / "comments.json").write_text(
        json.dumps(
            [
                {"id": 1, "user": {"login": "ann"}, "body": f"{MARK}\nnot the bot's"},
                {"id": 2, "user": {"login": "github-actions[bot]"}, "body": f"of another workflow: {MARK}"},
            ]
        )
    )
    environment = {
        "THERE": "env",
        "FOLDER": "config",
        "IMAGE": "image",
        "CONTAINER": str(tmp_path / "container"),
        "OVERSEERR_URL": server.url,
        "OVERSEERR_API_KEY": server.api_key,
        "RETRY_ATTEMPTS": "0",
        "PYTHONPATH": str(GATE.parents[2]),
        **REPOSITORY,
    }

    def carry_out(job, name, **options):
        return runner.run(script_of(GATE, job, name), **environment, **options)

    carry_out.runner = runner
    carry_out.comments = lambda: json.loads((tmp_path / "comments.json").read_text())
    return carry_out


def change(gate, text):
    (gate.runner.work / "lists.yaml").write_text(text)


def requested(server):
    return sorted(row["tmdb_id"] - synthetic(0).ids.tmdb for row in server.requests())


def test_a_change_is_checked_without_a_server_and_its_faults_stand_beside_their_lines(gate):
    change(gate, "lists: ['file:a.json', 'file:b.json']\n")
    assert "2 lists" in gate("check", "Check lists.yaml")

    change(gate, "lists: ['file:a.json']\nbrake: perhaps\ncaps: {per_rum: 1}\n")
    said = gate("check", "Check lists.yaml", code=2).splitlines()
    assert said[0].startswith("::error file=lists.yaml,line=2,col=8::brake")
    assert said[1].startswith("::error file=lists.yaml,line=3,col=8::")


@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
def test_one_comment_tells_the_plan_of_the_last_change_and_the_merge_applies_exactly_that(gate, server):
    for text in ("lists: ['file:b.json']\n", "lists: ['file:a.json', 'file:b.json']\nbrake: off\n"):
        change(gate, text)
        gate("plan", "Plan")
        gate("comment", "Write the comment, or change the one that is there")

    *others, comment = gate.comments()
    assert [one["id"] for one in others] == [1, 2]
    assert all(f"\n+ {synthetic_title(number)}  movie\n" in comment["body"] for number in range(4))
    assert "It can be applied until 20" in comment["body"]
    assert server.writes == 0

    old = gate.runner.work / "data" / "gate-old.json"
    old.write_text("{}")
    os.utime(old, (0, 0))
    gate("apply", "Apply the plan, and put lists.yaml in its place")

    assert requested(server) == [0, 1, 2, 3]
    assert (gate.runner.work / "config" / "lists.yaml").read_text() == text
    assert not old.exists()


def test_a_merge_without_its_plan_requests_nothing_itself_and_hands_the_file_over(gate, server):
    change(gate, "lists: ['file:b.json']\n")
    said = gate("apply", "Apply the plan, and put lists.yaml in its place")

    assert "::warning::The plan was not applied" in said
    assert requested(server) == []
    assert (gate.runner.work / "config" / "lists.yaml").read_text() == "lists: ['file:b.json']\n"


def test_a_wrong_file_takes_no_place(gate):
    change(gate, "brake: perhaps\n")
    gate("apply", "Apply the plan, and put lists.yaml in its place", code=2)

    assert (gate.runner.work / "config" / "lists.yaml").read_text() == "lists: ['file:a.json']\n"


def test_a_server_that_is_down_fails_the_step_and_is_told_in_the_comment(gate, server):
    change(gate, "lists: ['file:b.json']\n")
    server.faults.down_status, server.faults.down_calls = 503, 500
    gate("plan", "Plan", code=1)

    told = (gate.runner.work / "plan.md").read_text()
    assert told.startswith(f"{MARK}\n")
    assert "there is no plan" in told
