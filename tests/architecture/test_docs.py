"""What the documents say of providers, settings, commands and states is what the program has."""

import re
from pathlib import Path

import typer

from list_sync.cli import app
from list_sync.config.described import find_default
from list_sync.config.settings import FIELDS, GENERAL_CREDENTIALS
from list_sync.model.decisions import ItemStatus
from list_sync.model.exit_codes import ExitCode
from list_sync.model.releases import parse_mends
from list_sync.providers import available_providers, get_provider

ROOT = Path(__file__).parents[2]
README, SETTINGS, LISTS, COMMANDS = (
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("README.md", "docs/settings.md", "docs/lists.md", "docs/commands.md")
)
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("benchmarks/*.md"))]
READ_BY_PEOPLE = [
    *PAGES,
    *(ROOT / name for name in (".env.example", "Dockerfile", "Makefile", "docker-compose.yml", ".ci/run")),
    *(path for path in ROOT.glob("docker/**/*") if path.is_file() and path.suffix != ".png"),
    *ROOT.glob("list_sync/**/*.py"),
]

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
NOTHING = "–"


def own_providers():
    return {
        name: info
        for name, info in available_providers().items()
        if get_provider(name).routes[0].fetch.__module__.startswith("list_sync.")
    }


def plain_settings():
    return sorted(name.upper() for name in FIELDS)


def settings_of(provider):
    stem = provider.lists_setting.removesuffix("_LISTS")
    return [provider.lists_setting, f"{stem}_BASE_URL", *provider.credentials]


def section(page, heading):
    return re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)[1]


def rows(text):
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def codes(text):
    return re.findall(r"`([^`]+)`", text)


def provider_row(name):
    return next(row for row in rows(LISTS) if row[0].strip() == name)


def anchors(page):
    prose = CODE_BLOCK.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_broken(page, link):
    if re.match(r"[a-z]+:", link):
        return False
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return not target.exists() or (anchor != "" and anchor not in anchors(target))


def test_every_setting_is_on_its_page_and_in_the_example():
    names = [*plain_settings(), *GENERAL_CREDENTIALS]

    assert [name for name in names if f"`{name}`" not in SETTINGS] == []
    assert [name for name in names if f"\n#{name}=" not in EXAMPLE] == []


def test_every_provider_and_its_settings_are_in_the_documents_and_in_the_example():
    for name, info in own_providers().items():
        assert f"`{info.lists_setting}`" in provider_row(name)[1]
        assert {setting for setting in settings_of(info) if f"`{setting}`" not in SETTINGS} == set()
        assert f"`{info.lists_setting}=" in section(README, "Lists")
        names = (info.lists_setting, *info.credentials)
        assert {setting for setting in names if f"\n#{setting}=" not in EXAMPLE} == set()


def test_every_spelling_in_the_documents_is_accepted():
    for name in own_providers():
        spellings = [spelling for spelling in codes(provider_row(name)[2]) if not spelling.startswith("DATA_DIR")]
        assert len(spellings) >= 2, name
        for spelling in spellings:
            get_provider(name).check(spelling)


def test_every_default_in_the_documents_is_the_default():
    shown = {codes(row[0])[0]: row[1] for row in rows(SETTINGS) if codes(row[0])}

    wrong = {}
    for name in plain_settings():
        default = find_default(name)
        text = f"`{default}`" if default else NOTHING
        if shown[name] != text:
            wrong[name] = f"{shown[name]} is {text}"
    assert wrong == {}


def test_every_command_and_its_options_are_on_their_page():
    root = typer.main.get_command(app)

    assert [name for name in root.commands if f"`list-sync {name}" not in COMMANDS] == []
    options = {option for command in (root, *root.commands.values()) for option in options_of(command)}
    assert {option for option in options if option not in COMMANDS} == set()


def options_of(command):
    return {option for parameter in command.params for option in parameter.opts if option.startswith("--")}


def test_every_exit_code_is_on_the_page_of_the_commands():
    shown = {number for row in rows(section(COMMANDS, "Exit codes")) for number in re.findall(r"\d+", row[0])}

    assert {str(int(code)) for code in ExitCode} <= shown


def test_every_state_of_a_title_is_on_the_page_of_the_commands_and_none_that_is_not():
    shown = {name for row in rows(section(COMMANDS, "States of a title"))[1:] for name in codes(row[0])}

    assert shown == {status.value for status in ItemStatus}


def test_every_part_of_the_package_is_on_the_page_about_the_architecture():
    parts = {
        path.stem for path in (ROOT / "list_sync").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }

    assert {part for part in parts - {"__init__"} if not re.search(rf"`{part}(`|/|\.py`)", ARCHITECTURE)} == set()


def test_every_path_on_the_page_about_the_architecture_exists():
    paths = re.findall(r"`([\w/]+(?:/|\.py))`", ARCHITECTURE)

    assert len(paths) > 50
    assert [path for path in paths if not (ROOT / "list_sync" / path).exists()] == []


def test_links_lead_somewhere():
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in PAGES
        for link in LINK.findall(CODE_BLOCK.sub("", page.read_text(encoding="utf-8")))
        if is_broken(page, link)
    ]

    assert broken == []


def test_no_file_installs_the_program_that_has_our_name_on_pypi():
    installs = re.compile(r"\b(?:pipx?|pip3|uvx?)\b.*\b(?:install|run|add)\b.*list[-_]?sync|list-sync\[")

    assert [path.name for path in READ_BY_PEOPLE if installs.search(path.read_text(encoding="utf-8"))] == []


def test_what_people_read_has_common_words_only():
    rare = re.compile(r"\b(?:whoever|whatever|somebody|nobody|whereof|whom|for ever)\b", re.IGNORECASE)

    found = {path.name: rare.findall(path.read_text(encoding="utf-8")) for path in READ_BY_PEOPLE}
    assert {name: words for name, words in found.items() if words} == {}


def test_decisions_are_numbered_without_gaps():
    assert [int(page.name[:3]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_a_decision_is_one_page_with_its_four_parts():
    for page in DECISIONS:
        text = page.read_text(encoding="utf-8")
        parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert parts == ["Context", "Options", "Decision", "Consequences"], page.name
        assert text.startswith(f"# {page.name[:3]}: "), page.name
        assert len(text.splitlines()) <= 60, page.name


def test_changes_are_listed_under_unreleased():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert re.search(r"^## \[Unreleased\]\n\n### Added\n\n- ", changelog, re.MULTILINE)


def test_routes_that_the_changelog_says_to_mend_are_there():
    known = {f"{name}/{route.name}" for name in available_providers() for route in get_provider(name).routes}

    assert set(parse_mends((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))) <= known
    assert "imdb/graphql" in known
