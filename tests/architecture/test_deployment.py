"""The compose files and scripts of the image fit the program, and the tools that read them accept them."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from defusedxml import ElementTree

from list_sync.config.settings import FIELDS, GENERAL_CREDENTIALS
from list_sync.providers import available_providers, get_provider
from list_sync.web.models.summary import Summary
from tests.fakes.patience import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
MAIN = ROOT / "docker-compose.yml"
SCENARIOS = sorted((ROOT / "docker").glob("*.yml"))

# The two folders are where the container's mounts are; outside, their settings say which folders are mounted there.
MOUNTED = {"DATA_DIR", "CONFIG_DIR"}
# The image sets them, because Docker publishes this port: there, WEB_PORT is the port of the host.
OF_THE_IMAGE = {"WEB_HOST", "WEB_PORT"}
NOT_OURS = {"PUID", "PGID", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"}
RIGHTS = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID", "KILL"}
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
    return f"-f docker-compose.yml -f {path.relative_to(ROOT).as_posix()}" in text_of(path)


def services_of(path):
    """Return the services of a compose file, each with its environment as a mapping; None is what the shell has."""
    services = yaml.safe_load(text_of(path))["services"]
    return {name: {**service, "environment": mapping_of(service)} for name, service in services.items()}


def mapping_of(service):
    given = service.get("environment", {})
    if isinstance(given, dict):
        return given
    return {name: text if sign else None for name, sign, text in (entry.partition("=") for entry in given)}


def find_compose():
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) and not subprocess.run([*command, "version"], capture_output=True).returncode:
            return command
    return None


COMPOSE = find_compose()
ALONE = [MAIN, *(path for path in SCENARIOS if not is_overlay(path))]


def compose_config(*files, folder=ROOT, options=(), **settings):
    named = [option for path in files for option in ("-f", path)]
    command = [*COMPOSE, "--project-directory", folder, *named, "config", *options]
    given = {"PATH": os.environ["PATH"], **settings}
    return subprocess.run(command, env=given, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)


def test_every_setting_reaches_the_container_from_the_shell_and_from_dotenv():
    environment = services_of(MAIN)["listsync"]["environment"]

    assert environment == dict.fromkeys(all_settings() - MOUNTED - OF_THE_IMAGE | NOT_OURS)
    assert {name for name in MOUNTED if f"${{{name}:-" in text_of(MAIN)} == MOUNTED


@pytest.mark.skipif(COMPOSE is None, reason="needs docker compose or docker-compose")
def test_compose_takes_a_setting_from_the_shell_or_from_dotenv_and_passes_on_no_other(tmp_path):
    (tmp_path / ".env").write_text("IMDB_LISTS=top,ls123456789\nMEM_LIMIT=2g\nTZ=UTC\n")
    done = compose_config(MAIN, folder=tmp_path, TZ="Europe/Berlin")

    service = yaml.safe_load(done.stdout)["services"]["listsync"]
    given = {name: text for name, text in mapping_of(service).items() if text is not None}
    assert given == {"IMDB_LISTS": "top,ls123456789", "TZ": "Europe/Berlin"}
    assert service["mem_limit"] in ("2g", "2147483648")


@pytest.mark.parametrize(
    ("path", "ports"),
    [
        (MAIN, ["${WEB_BIND:-127.0.0.1}:${WEB_PORT:-5000}:5000"]),
        (ROOT / "docker" / "multi.yml", [f"${{WEB_BIND:-127.0.0.1}}:{port}:5000" for port in (5000, 5001, 5002)]),
        (ROOT / "docker" / "secure.yml", []),
    ],
    ids=lambda value: getattr(value, "stem", None),
)
def test_the_service_is_published_for_this_machine_alone(path, ports):
    assert [port for service in services_of(path).values() for port in service.get("ports", ())] == ports


def test_the_image_listens_where_docker_publishes():
    text = text_of(ROOT / "Dockerfile")

    assert "\nENV WEB_HOST=0.0.0.0 WEB_PORT=5000\nEXPOSE 5000\n" in text
    assert services_of(ROOT / "docker" / "secure.yml")["listsync"]["environment"]["WEB_HOST"] == "127.0.0.1"


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_sets_nothing_that_the_program_does_not_read(path):
    ours = [service for name, service in services_of(path).items() if name.startswith("listsync")]
    names = {name.removesuffix("_FILE") for service in ours for name in service["environment"]}

    assert names <= all_settings() | NOT_OURS


@pytest.mark.parametrize("path", ALONE, ids=lambda path: path.stem)
def test_a_container_has_only_the_rights_memory_and_processes_that_it_needs(path):
    for service in services_of(path).values():
        assert service["cap_drop"] == ["ALL"]
        assert set(service["cap_add"]) == RIGHTS
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert (service["read_only"], service["pids_limit"]) == (True, 512)
        assert service["mem_limit"] == "${MEM_LIMIT:-512m}"


@pytest.mark.parametrize("path", ALONE[1:], ids=lambda path: path.stem)
def test_what_limits_requests_reaches_the_instances_of_a_scenario_that_stands_alone(path):
    instances = [service["environment"] for service in services_of(path).values() if "command" not in service]

    assert len(instances) >= 2
    for environment in instances:
        # Left out, a DRY_RUN=true in .env would change nothing, and everything would be requested.
        for name in ("DRY_RUN", "MAX_REQUESTS_PER_RUN", "MAX_REQUESTS_PER_DAY", "CONFIG_PASSPHRASE"):
            assert environment[name] is None
        # Left out, titles would be requested as user 1, who is the owner; each server has numbers of its own.
        server = re.match(r"\$\{(\w+)_URL:\?", environment["OVERSEERR_URL"])[1]
        wanted = None if server == "OVERSEERR" else f"${{{server}_USER_ID:-}}"
        assert environment["OVERSEERR_USER_ID"] == wanted


@pytest.mark.skipif(COMPOSE is None, reason="needs docker compose or docker-compose")
@pytest.mark.parametrize("path", [MAIN, *SCENARIOS], ids=lambda path: path.stem)
def test_compose_accepts_it(path):
    files = [path] if path in ALONE else [MAIN, path]
    # As if nothing but what the file itself insists on were set.
    given = dict.fromkeys(REQUIRED.findall(text_of(path)), "given")
    done = compose_config(*files, options=["-q"], **given)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_is_described_and_begins_with_its_own_command(path):
    name = path.relative_to(ROOT).as_posix()

    assert f"`{name}`" in text_of(ROOT / "docs" / "deployment.md")
    assert re.search(rf"^#.*docker compose .*-f {name} up -d$", text_of(path), re.MULTILINE)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_file_that_a_scenario_mounts_from_here_is_here(path):
    mounted = re.findall(r"^ *- \./(docker/[^:]+):/", text_of(path), re.MULTILINE)

    assert [name for name in mounted if not (ROOT / name).exists()] == []


def test_the_labels_of_homepage_name_fields_of_the_summary():
    (service,) = services_of(ROOT / "docker" / "labels.yml").values()
    named = {value for key, value in service["labels"].items() if key.endswith(".field")}

    assert len(named) == 4
    assert named <= Summary.model_fields.keys()
    assert not any(re.search("(?i)key|token", value) and "{{" not in value for value in service["labels"].values())


def test_the_template_for_unraid_has_what_the_compose_file_has():
    template = ElementTree.fromstring(text_of(ROOT / "docker" / "unraid" / "listsync.xml"))
    configs = template.findall("Config")
    by_type = {kind: [one.get("Target") for one in configs if one.get("Type") == kind] for kind in ("Port", "Path")}
    variables = {one.get("Target"): one for one in configs if one.get("Type") == "Variable"}
    (service,) = services_of(MAIN).values()

    assert by_type == {"Port": ["5000"], "Path": ["/usr/src/app/data", "/usr/src/app/config"]}
    assert variables.keys() <= service["environment"].keys()
    assert all((one.get("Mask") == "true") == bool(re.search("KEY|PASSWORD", name)) for name, one in variables.items())
    assert all((one.text or "") == one.get("Default") for one in configs)
    given = template.findtext("ExtraParams")
    for right in RIGHTS:
        assert f"--cap-add {right}" in given
    assert len(re.findall("--cap-add", given)) == len(RIGHTS)
    for words in (
        "--read-only",
        "--cap-drop ALL",
        f"--tmpfs {service['tmpfs'][0]}",
        "--memory 512m",
        "--pids-limit 512",
    ):
        assert words in given
    assert f"--security-opt {service['security_opt'][0]}" in given
    for address in (template.findtext("TemplateURL"), template.findtext("Icon")):
        assert (ROOT / address.partition("/main/")[2]).is_file()


def test_the_dashboard_leaves_the_data_source_to_its_reader_and_has_no_ids():
    dashboard = json.loads(text_of(ROOT / "docker" / "monitoring" / "grafana" / "dashboards" / "listsync.json"))

    assert "id" not in dashboard.keys() | {name for panel in dashboard["panels"] for name in panel}
    assert [variable["type"] for variable in dashboard["templating"]["list"]] == ["datasource"]
    assert {panel["datasource"]["uid"] for panel in dashboard["panels"]} == {"${datasource}"}


def test_the_image_gets_every_file_that_it_is_made_of():
    copied = re.findall(r"^COPY (?!--from)(?:--\S+ )*(.+) \S+$", text_of(ROOT / "Dockerfile"), re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    allowed = {line.removeprefix("!") for line in text_of(ROOT / ".dockerignore").splitlines() if line.startswith("!")}

    assert {source for source in sources if not (ROOT / source).exists()} == set()
    assert {source for source in sources if not any(Path(source).match(pattern) for pattern in allowed)} == set()


def test_nothing_that_may_hold_a_secret_reaches_the_builder_or_a_layer():
    rules = [line for line in text_of(ROOT / ".dockerignore").splitlines() if not line.startswith("#")]
    allowed = [line.removeprefix("!") for line in rules if line.startswith("!")]
    text = text_of(ROOT / "Dockerfile")
    given = set(re.findall(r"^(?:ARG|ENV) +(.+?)(?<!\\\\)$", text.replace("\\\n", " "), re.MULTILINE))
    names = {name for line in given for name in re.findall(r"([A-Z_]+)=?", line)}

    assert rules[0] == "*"
    assert [name for name in allowed if not name.startswith(("docker/", "list_sync", "requirements/"))] == [
        "pyproject.toml",
        "README.md",
        "LICENSE",
    ]
    assert [name for name in names if re.search("KEY|TOKEN|SECRET|PASS", name)] == []
    assert {"VERSION", "PATH", "WEB_HOST"} <= names


def test_an_image_names_its_source_its_base_its_version_and_its_commit():
    text = text_of(ROOT / "Dockerfile")
    labels = set(re.findall(r"org\.opencontainers\.image\.([a-z.]+)=", text))

    assert labels == {"title", "description", "source", "base.name", "licenses", "version", "revision"}
    for target in ("slim", "full"):
        stage = text.partition(f" AS {target}\n")[2].partition("\nFROM ")[0]
        assert 'image.version="$VERSION" org.opencontainers.image.revision="$REVISION"' in stage


def test_the_image_builds_without_buildkit_and_slim_without_the_stages_of_full():
    text = text_of(ROOT / "Dockerfile")
    stages = re.findall(r"^FROM \S+ AS (\S+)$", text, re.MULTILINE)

    # Debian's docker.io knows none of these.
    assert re.findall(r"--(?:chmod|link|mount|parents|exclude)\b|<<|^# *syntax *=", text, re.MULTILINE) == []
    # The older builder makes every stage above its target; without --target it ends with the last one.
    assert stages[: stages.index("slim") + 1] == ["build", "build-slim", "runtime", "slim"]
    assert text.endswith("\nFROM slim\n")


@pytest.mark.parametrize("path", [MAIN, *SCENARIOS], ids=lambda path: path.stem)
def test_every_build_by_compose_tells_whether_the_name_fits_what_it_builds(path):
    targets = re.findall(r"^ *target: (.+)$", text_of(path), re.MULTILINE)
    names = re.findall(r"^ *args:\n *IMAGE: (.+)\n(?: *FULL_IMAGE: (.+)\n)?", text_of(path), re.MULTILINE)

    assert names == [{"slim": ("${IMAGE:-}", ""), "full": ('""', "${IMAGE:-}")}[target] for target in targets]


@pytest.mark.parametrize(("argument", "wrong"), [("IMAGE", "full"), ("FULL_IMAGE", "slim")])
def test_no_image_is_built_under_the_name_of_the_other(argument, wrong):
    guard = re.search(rf'\{{ test "\${{{argument}##.*?exit 1; \}}; \}}', text_of(ROOT / "Dockerfile"))[0]
    for name in ("", "list-sync:slim", "list-sync:full", "other", "host:5000/list-sync:2"):
        done = subprocess.run(["sh", "-c", guard], env={argument: name}, capture_output=True, text=True, check=False)
        assert (done.returncode, bool(done.stderr)) == ((1, True) if name.endswith(f":{wrong}") else (0, False)), name


@pytest.mark.parametrize("pinned", ["", "@sha256:0f0f"])
def test_the_base_image_is_pinned_to_the_digest_of_the_registry(tmp_path, pinned):
    digest = f"sha256:{'ab' * 32}"
    name = re.search(r"^ARG PYTHON_IMAGE=([^@\n]+)", text_of(ROOT / "Dockerfile"), re.MULTILINE)[1]
    (tmp_path / "Dockerfile").write_text(f"ARG PYTHON_IMAGE={name}{pinned}\n\nFROM ${{PYTHON_IMAGE}} AS build\n")
    program = tmp_path / "docker"
    program.write_text(f'#!/bin/sh\necho "$*" >>calls\n[ "$1" = pull ] || echo python@{digest}\n')
    program.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    command = ["make", "-f", ROOT / "Makefile", "update-base"]
    done = subprocess.run(command, cwd=tmp_path, env={"PATH": path}, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, f"ARG PYTHON_IMAGE={name}@{digest}\n"), done.stderr
    assert text_of(tmp_path / "Dockerfile") == f"{done.stdout}\nFROM ${{PYTHON_IMAGE}} AS build\n"
    assert f"pull --quiet {name}\n" in text_of(tmp_path / "calls")


@pytest.mark.parametrize("answer", ["exit 1", '[ "$1" = pull ] || echo', '[ "$1" = pull ] || exit 1'])
def test_the_base_image_stays_as_it_was_if_the_registry_gives_no_digest(tmp_path, answer):
    (tmp_path / "Dockerfile").write_text("ARG PYTHON_IMAGE=python:3\n")
    program = tmp_path / "docker"
    program.write_text(f"#!/bin/sh\n{answer}\n")
    program.chmod(0o755)
    command = ["make", "-f", ROOT / "Makefile", "update-base"]
    done = subprocess.run(command, cwd=tmp_path, env={"PATH": f"{tmp_path}:{os.environ['PATH']}"}, capture_output=True)

    assert done.returncode != 0
    assert text_of(tmp_path / "Dockerfile") == "ARG PYTHON_IMAGE=python:3\n"


def test_the_lock_of_the_compose_linter_pins_by_hash_and_names_no_registry():
    lock = json.loads(text_of(ROOT / ".ci" / "package-lock.json"))
    installed = [package for place, package in lock["packages"].items() if place]

    assert [package for package in installed if "integrity" not in package or "resolved" in package] == []
    assert installed
