"""The page for operators claims nothing without the test, file or command that holds it."""

import re
from pathlib import Path

import pytest
import typer

from list_sync.cli import app
from tests.architecture.sources_table import own_providers

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "enterprise.md").read_text(encoding="utf-8")
CODES = re.findall(r"`([^`\n]+)`", PAGE)
FOLDERS = ("tests/", "docker/", "benchmarks/", "docs/", "requirements/", ".github/")
# Constants that name where requests go; other addresses are for people, or names of formats.
ADDRESS = re.compile(r'^(?:[A-Z_]*URL|SHORT_LINKS|PAGE_URL)(?::.*)? = "https://([^/"]+)', re.MULTILINE)
FOR_PEOPLE = {"github.com", "app.plex.tv", "listsync.example.com"}


def section(heading):
    return re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]


def rows(text):
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def holds(code):
    """Return whether what the page points at exists."""
    path, _, name = code.partition("::")
    if path.startswith(FOLDERS) or path in ("SECURITY.md",):
        file = ROOT / path
        return file.exists() and (not name or f"def {name}(" in file.read_text(encoding="utf-8"))
    if code.startswith("make "):
        return f"\n{code.split()[1]}:" in (ROOT / "Makefile").read_text(encoding="utf-8")
    words = code.split()[1:]
    command = typer.main.get_command(app)
    while words and hasattr(command, "commands") and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    return not hasattr(command, "commands")


def is_pointer(code):
    return code.startswith((*FOLDERS, "make ", "list-sync ")) or code == "SECURITY.md"


@pytest.mark.parametrize("code", sorted(filter(is_pointer, set(CODES))))
def test_everything_that_the_page_points_at_exists(code):
    assert holds(code)


@pytest.mark.parametrize("heading", ["What there is", "Upgrade and rollback"])
def test_every_row_says_what_holds_it(heading):
    found = rows(section(heading))

    assert len(found) >= 4
    assert [row for row in found if not any(map(is_pointer, re.findall(r"`([^`]+)`", row[-1])))] == []


def test_every_source_has_its_hosts_and_every_address_in_the_program_is_among_them():
    network = section("The network")
    hosts = {host for path in (ROOT / "list_sync").rglob("*.py") for host in ADDRESS.findall(path.read_text("utf-8"))}
    shown = {name: row[1] for row in rows(network) if len(row) == 2 for name in re.findall(r"`([a-z_]+)`", row[0])}

    for provider in own_providers():
        name = provider.info.name
        host = re.sub(r"^https://|/.*$", "", provider.base_url)
        assert name in shown, name
        assert f"`{host}`" in shown[name] or not host, name
    assert {host for host in hosts - FOR_PEOPLE if f"`{host}`" not in network} == set()
