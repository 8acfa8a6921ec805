"""A plan as Markdown: a comment that GitHub takes, in which what others wrote is text alone."""

import json
import re

import pytest

from list_sync.commands.plan_markdown import MOST_BYTES, build_markdown
from list_sync.demo.catalogue.synthetic import synthetic_title
from list_sync.model.plans import PlannedServer, SavedPlan
from tests.builders import NOON
from tests.unit.commands.test_plan import applied, film, house, requested, running, server, write  # noqa: F401


def a_plan(**given):
    facts = {
        "made_by": "list-sync",
        "made_at": NOON,
        "expires_at": NOON,
        "lists": (),
        "policy": "",
        "household": "home",
    }
    return SavedPlan(**facts | {"server": PlannedServer("a", "seerr"), "lines": (), "summary": "1 title"} | given)


def markdown(*rows, name="Films", notes=()):
    return build_markdown(a_plan(), notes=notes, groups=[(name, rows)], until=None)


def blocks(lines):
    """Return what stands outside of the block of code, and the lines in it."""
    fences = [number for number, line in enumerate(lines) if re.fullmatch("`{3,}(diff)?", line)]
    assert len(fences) == 2
    opening, closing = fences
    assert lines[opening].removesuffix("diff") == lines[closing]
    return "\n".join(lines[:opening] + lines[closing + 1 :]), lines[opening + 1 : closing]


@pytest.mark.parametrize(
    "title",
    [
        "<img src=x onerror=alert(1)>",
        "@octocat #12 :smile: https://example.org www.example.org",
        "``` ````` x",
        "a\n```\n# Heading",
        "a\r```\u2028```\x1b[31m",
        "</details><details>",
        "| a | b |\\|",
        "[link](javascript:alert(1)) ![](https://example.org/a.png)",
    ],
)
def test_a_hostile_title_stays_in_the_block(title):
    around, inside = blocks(markdown((f"+ {title}", "movie", title), name=title, notes=[title]))

    assert len(inside) == 3
    assert [line[:2] for line in inside] == ["! ", "@@", "+ "]
    longest = max(map(len, re.findall("`+", "".join(inside))), default=0)
    assert len(re.search("`{3,}", "\n".join(markdown((f"+ {title}", "", ""))))[0]) > longest or longest < 3
    assert around == "\n".join(
        [
            "<!-- list-sync plan of home -->",
            "### What ListSync would do",
            "",
            "1 title",
            "",
            "<details open><summary>Line by line</summary>",
            "",
            "",
            "</details>",
            "",
            "Nothing was requested.",
        ]
    )


@pytest.mark.parametrize("title", ["x" * 100, "`" * 500, "\N{CLAPPER BOARD}" * 500, "é" * 20_000])
def test_a_comment_is_never_longer_than_github_takes(title):
    lines = markdown(*[(f"+ {number} {title}", "movie", "") for number in range(3000)])
    _, inside = blocks(lines)

    assert MOST_BYTES - 2000 < len("\n".join(lines).encode()) <= MOST_BYTES < 65_536
    told = int(re.fullmatch(r"… and (\d+) more lines", inside[-1])[1])
    assert told + len(inside) - 1 == 3001


def test_a_plan_with_nothing_to_do_has_no_block():
    lines = build_markdown(a_plan(summary="nothing to do"), notes=[], groups=[], until=None)

    assert lines[-3:] == ["nothing to do", "", "Nothing was requested."]


def test_the_markdown_alone_is_on_stdout_and_the_plan_is_saved(house, home):  # noqa: F811
    answer = house("plan", "--markdown", "-o", "plan.json")

    around, inside = blocks(answer.lines)
    assert answer.code == 0
    assert around.startswith("<!-- list-sync plan of home -->\n### What ListSync would do\n\n5 titles\n")
    assert "It can be applied until 20" in around
    assert inside[0] == "@@ file:films.json: 5 to request @@"
    assert inside[1] == f"+ {synthetic_title(0)}  movie"
    assert (home / "plan.json").exists()
    assert house("plan", "--markdown", "--json").code == 2


def test_a_run_that_ends_early_and_a_list_that_is_not_read_in_full_are_told(house, server, monkeypatch):  # noqa: F811
    monkeypatch.setenv("FILE_LISTS", "films.json,gone.json,http://127.0.0.1:9/x.json?apikey=S3CRET")
    monkeypatch.setenv("RETRY_ATTEMPTS", "0")
    answer = house("plan", "--markdown")
    _, inside = blocks(answer.lines)
    assert inside[0].startswith("! file:gone.json is failed: ")
    assert inside[1].startswith("! file:http://127.0.0.1:9/x.json?apikey=*** is failed: ")
    assert "S3CRET" not in answer.out + answer.err

    server.faults.down_status, server.faults.down_calls = 503, 500
    answer = house("plan", "--markdown")
    around, inside = blocks(answer.lines)
    assert answer.code == 3
    assert "there is no plan" in around
    assert any("503" in line for line in inside)


@pytest.fixture
def two_files(house, home, monkeypatch):  # noqa: F811
    """A household that syncs one list, and a file of a change that has another one in its place."""
    monkeypatch.delenv("FILE_LISTS")
    for name, numbers in (("a", (0, 1)), ("b", (2, 3))):
        (home / "data" / "drop" / f"{name}.json").write_text(json.dumps([film(number) for number in numbers]))
    (home / "config").mkdir()
    (home / "config" / "lists.yaml").write_text("lists: ['file:a.json']\n")
    (home / "new.yaml").write_text("lists: ['file:b.json']\n")
    assert house("sync").code == 0
    return house


def test_a_plan_of_another_file_leaves_no_trace(two_files, home, server):  # noqa: F811
    def state():
        return [
            two_files(*command).out for command in (["status"], ["history"], ["lists"], ["why", synthetic_title(2)])
        ]

    before, writes = state(), server.writes
    answer = two_files("plan", "--lists-file", "new.yaml", "-o", "plan.json", "--check")

    assert answer.code == 5
    assert [line for line in answer.lines if line.startswith("+")] == [f"+ {synthetic_title(n)}  movie" for n in (2, 3)]
    assert (state(), server.writes) == (before, writes)
    assert sorted(path.name for path in (home / "data").glob(".p*")) == []


def test_a_plan_of_another_file_is_applied_with_this_file_alone(two_files, home, server):  # noqa: F811
    two_files("plan", "--lists-file", "new.yaml", "-o", "plan.json")

    assert "the policy" in two_files("apply", "plan.json").err
    assert requested(server) == [0, 1]
    assert two_files("apply", "plan.json", "--lists-file", "new.yaml").code == 0
    assert requested(server) == [0, 1, 2, 3]

    (home / "config" / "lists.yaml").write_text((home / "new.yaml").read_text())
    writes = server.writes
    assert (two_files("sync").code, server.writes) == (0, writes)


def test_a_plan_of_another_file_needs_no_database_and_leaves_none(house, home):  # noqa: F811
    (home / "new.yaml").write_text("lists: ['file:films.json']\n")
    answer = house("plan", "--lists-file", "new.yaml")

    assert (answer.code, answer.lines[-1]) == (0, "5 titles")
    assert list((home / "data").glob("*.db")) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan", "--lists-file", "nowhere.yaml"],
        ["plan", "--lists-file", "wrong.yaml"],
        ["apply", "--pending", "--lists-file", "a"],
    ],
)
def test_a_file_that_is_wrong_is_refused(house, home, arguments):  # noqa: F811
    (home / "wrong.yaml").write_text("lists: [imdb:nonsense]\nbrake: perhaps\n")
    answer = house(*arguments)

    assert answer.code == 2
    assert ("wrong.yaml:1:9" in answer.err and "wrong.yaml:2:8" in answer.err) or "wrong" not in arguments[-1]
