"""The compose files and scripts of the image fit the program, and the tools that read them accept them."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from list_sync.config.settings import FIELDS, GENERAL_CREDENTIALS
from list_sync.providers import available_providers, get_provider

ROOT = Path(__file__).parents[2]
MAIN = ROOT / "docker-compose.yml"
SCENARIOS = sorted((ROOT / "docker").glob("*.yml"))

# The two folders are where the container's mounts are; outside, their settings say which folders are mounted there.
MOUNTED = {"DATA_DIR", "CONFIG_DIR"}
NOT_OURS = {"PUID", "PGID", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"}
VARIABLE = re.compile(r"^ +(?:- )?([A-Z][A-Z0-9_]*)(?:=|: )", re.MULTILINE)
REQUIRED = re.compile(r"\$\{([A-Z_]+):\?")


def all_settings():
    own = [
        name for name in available_providers() if get_provider(name).routes[0].fetch.__module__.startswith("list_sync.")
    ]
    infos = [available_providers()[name] for name in own]
    stems = [info.lists_setting.removesuffix("_LISTS") for info in infos]
    return {
        *(name.upper() for name in FIELDS),
        *GENERAL_CREDENTIALS,
        *(info.lists_setting for info in infos),
        *(f"{stem}_BASE_URL" for stem in stems),
        *(credential for info in infos for credential in info.credentials),
    }


def text_of(path):
    return path.read_text(encoding="utf-8")


def is_overlay(path):
    return re.search(r"^  listsync:$", text_of(path), re.MULTILINE) is not None


def find_compose():
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) and not subprocess.run([*command, "version"], capture_output=True).returncode:
            return command
    return None


COMPOSE = find_compose()


def test_every_setting_reaches_the_container_from_the_shell_and_from_dotenv():
    passed = {
        name
        for name, value in re.findall(r"^      - (\w+)=\$\{(\w+):-\}$", text_of(MAIN), re.MULTILINE)
        if name == value
    }

    assert passed == all_settings() - MOUNTED | NOT_OURS
    assert {name for name in MOUNTED if f"${{{name}:-" in text_of(MAIN)} == MOUNTED


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_sets_nothing_that_the_program_does_not_read(path):
    names = {name.removesuffix("_FILE") for name in VARIABLE.findall(text_of(path))}

    assert names <= all_settings() | NOT_OURS


@pytest.mark.parametrize("path", [path for path in SCENARIOS if not is_overlay(path)], ids=lambda path: path.stem)
def test_what_limits_requests_reaches_the_instances_of_a_scenario_that_stands_alone(path):
    text = text_of(path)

    # Left out, a DRY_RUN=true in .env would change nothing, and everything would be requested.
    for name in ("DRY_RUN", "MAX_REQUESTS_PER_RUN", "MAX_REQUESTS_PER_DAY", "CONFIG_PASSPHRASE"):
        assert f"  {name}: ${{{name}:-}}\n" in text
    # Left out, titles would be requested as user 1, who is the owner; each server has numbers of its own.
    urls = re.findall(r"OVERSEERR_URL: \$\{(\w+)_URL:\?", text)
    assert re.findall(r"OVERSEERR_USER_ID: \$\{(\w+)_USER_ID:-\}\n", text) == urls
    assert len(urls) == text.count("<<: *settings")


@pytest.mark.skipif(COMPOSE is None, reason="needs docker compose or docker-compose")
@pytest.mark.parametrize("path", [MAIN, *SCENARIOS], ids=lambda path: path.stem)
def test_compose_accepts_it(path):
    files = ["-f", MAIN, "-f", path] if path != MAIN and is_overlay(path) else ["-f", path]
    # As if nothing but what the file itself insists on were set.
    given = {"PATH": os.environ["PATH"], **dict.fromkeys(REQUIRED.findall(text_of(path)), "given")}
    command = [*COMPOSE, "--project-directory", ROOT, *files, "config", "-q"]
    done = subprocess.run(command, env=given, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_is_described_and_begins_with_its_own_command(path):
    name = path.relative_to(ROOT).as_posix()

    assert f"`{name}`" in text_of(ROOT / "docs" / "deployment.md")
    assert re.search(rf"^#.*docker compose .*-f {name} up -d$", text_of(path), re.MULTILINE)


def test_the_image_gets_every_file_that_it_is_made_of():
    copied = re.findall(r"^COPY (?!--from)(?:--\S+ )*(.+) \S+$", text_of(ROOT / "Dockerfile"), re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    allowed = {line.removeprefix("!") for line in text_of(ROOT / ".dockerignore").splitlines() if line.startswith("!")}

    assert {source for source in sources if not (ROOT / source).exists()} == set()
    assert {source for source in sources if not any(Path(source).match(pattern) for pattern in allowed)} == set()


def test_the_lock_of_the_compose_linter_pins_by_hash_and_names_no_registry():
    lock = json.loads(text_of(ROOT / ".ci" / "package-lock.json"))
    installed = [package for place, package in lock["packages"].items() if place]

    assert [package for package in installed if "integrity" not in package or "resolved" in package] == []
    assert installed
