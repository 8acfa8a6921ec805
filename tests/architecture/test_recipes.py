"""The recipes and the samples of the documents fit the program, and the tools that read them accept them."""

import re
from pathlib import Path

import pytest
import yaml

from list_sync.config.policy.reading import parse_policy
from list_sync.model.policy import HouseholdPolicy
from list_sync.providers import available_providers
from tests.architecture.test_deployment import COMPOSE, NOT_OURS, all_settings, compose_config

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
OF_GRAFANA = {"GRAFANA_PASSWORD"}
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(page.name, kind, text) for page in PAGES for kind, text in BLOCK.findall(page.read_text(encoding="utf-8"))]


class Yaml(yaml.SafeLoader):
    """YAML with the tag by which Home Assistant names a value of secrets.yaml."""


Yaml.add_constructor("!secret", lambda loader, node: loader.construct_scalar(node))


def documents(name):
    """Return what the YAML blocks with this first line hold."""
    texts = [text for _, kind, text in BLOCKS if kind == "yaml" and text.startswith(f"# {name}\n")]
    return [document for text in texts for document in yaml.load_all(text, Yaml)]


def problem_of_compose(path, text):
    """Return what compose says against a file, if there is compose."""
    path.write_text(text)
    return compose_config(path, folder=path.parent, options=["-q"]).stderr if COMPOSE else ""


@pytest.mark.parametrize("text", [text for _, kind, text in BLOCKS if kind == "yaml"])
def test_yaml_in_the_documents_can_be_read(text):
    assert all(isinstance(document, dict) for document in yaml.load_all(text, Yaml))


def test_every_lists_yaml_in_the_documents_is_a_right_one():
    texts = [text for _, kind, text in BLOCKS if kind == "yaml" and re.search(r"^(lists|defaults|caps):", text, re.M)]
    policies = [text for text in texts if not re.search(r"^server:", text, re.M)]

    assert len(policies) > 10
    for text in policies:
        parse_policy(Path("lists.yaml"), text, providers=available_providers(), policy=HouseholdPolicy())


def test_the_compose_file_in_the_readme_is_short_and_builds_this_checkout(tmp_path):
    text = next(text for page, kind, text in BLOCKS if (page, kind) == ("README.md", "yaml"))
    service = yaml.safe_load(text)["services"]["listsync"]

    assert len(text.splitlines()) <= 12
    assert service["build"] == "./list-sync"
    assert set(service["environment"]) <= all_settings()
    (tmp_path / "list-sync").mkdir()
    assert problem_of_compose(tmp_path / "compose.yaml", text) == ""


def test_the_sensor_of_home_assistant_is_that_of_the_users_guide():
    _, configuration = documents("configuration.yaml")
    (entry,) = configuration["command_line"]

    assert entry["sensor"]["command"].endswith('| grep -o "Sync completed\\|Error\\|Running"')
    assert configuration["shell_command"]["trigger_listsync"] == "docker exec listsync python -m list_sync --sync-now"


def test_what_home_assistant_calls_is_configured_and_its_secrets_are_named():
    configuration, _ = documents("configuration.yaml")
    (secrets,) = documents("secrets.yaml")
    called = {action["action"] for one in configuration["automation"] for action in one["actions"]}
    given = [*configuration["rest"], *configuration["rest_command"].values()]

    assert called <= {f"rest_command.{name}" for name in configuration["rest_command"]} | {"notify.notify"}
    assert {one["headers"]["Authorization"] for one in given} == set(secrets)


def test_the_stack_runs_once_without_rights_and_takes_its_key_from_a_file(tmp_path):
    (stack,) = documents("stack.yml")
    service = stack["services"]["listsync"]

    assert {name.removesuffix("_FILE") for name in service["environment"]} <= all_settings()
    assert service["environment"]["OVERSEERR_API_KEY_FILE"] == f"/run/secrets/{service['secrets'][0]['source']}"
    assert (service["cap_drop"], service["read_only"], service["deploy"]["replicas"]) == (["ALL"], True, 1)
    # Swarm replaces what is unhealthy, and ListSync is also unhealthy while it waits for an answer of its user.
    assert service["healthcheck"] == {"disable": True}
    assert problem_of_compose(tmp_path / "stack.yml", yaml.safe_dump(stack)) == ""


def test_the_pod_runs_once_without_rights_and_takes_its_key_from_a_file():
    secret, stateful_set = documents("listsync.yaml")
    spec = stateful_set["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    given = {entry["name"]: entry["value"] for entry in container["env"]}
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}

    assert (stateful_set["kind"], stateful_set["spec"]["replicas"]) == ("StatefulSet", 1)
    assert {name.removesuffix("_FILE") for name in given} <= all_settings()
    (key,) = secret["stringData"]
    assert given["OVERSEERR_API_KEY_FILE"] == f"{mounts['keys']}/{key}"
    assert mounts["data"] == "/usr/src/app/data"
    claims = [claim["metadata"]["name"] for claim in stateful_set["spec"]["volumeClaimTemplates"]]
    assert set(mounts) == {*(volume["name"] for volume in spec["volumes"]), *claims}
    assert (spec["securityContext"]["runAsNonRoot"], spec["securityContext"]["runAsUser"]) == (True, 1000)
    rights = container["securityContext"]
    assert (rights["readOnlyRootFilesystem"], rights["capabilities"]) == (True, {"drop": ["ALL"]})
    # For the same reason.
    assert "livenessProbe" not in container


def test_settings_in_the_samples_exist():
    samples = "\n".join(text for _, kind, text in BLOCKS if kind in ("", "bash"))
    settings = set(re.findall(r"\b([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)=", samples))

    assert settings <= all_settings() | NOT_OURS | OF_GRAFANA


def test_people_with_one_server_do_not_meet_the_word_for_several():
    assert "household" not in (ROOT / "README.md").read_text(encoding="utf-8").lower()
