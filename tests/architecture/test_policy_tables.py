"""docs/policy.md has every key of lists.yaml, and every sample in the documents is right."""

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from list_sync.config.policy.forms import ListsForm
from list_sync.config.policy.household_forms import HouseholdForm
from list_sync.config.policy.reading import read_household, read_policy
from list_sync.config.policy.schema import build_schema
from list_sync.model.policy import HouseholdPolicy
from list_sync.providers import available_providers
from tests.architecture.policy_table import HOUSEHOLDS, OF_A_LIST, PAGE, SECTIONS, replaced

ROOT = Path(__file__).parents[2]
SCHEMA = build_schema()
BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def samples():
    """Yield each YAML block of the documents that has only keys of lists.yaml, or those of a further household."""
    known = build_schema(HouseholdForm)["properties"].keys()
    for page in [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md"))]:
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            try:
                value = YAML(typ="safe", pure=True).load(block)
            except YAMLError:
                continue
            if isinstance(value, dict) and value.keys() <= known:
                yield pytest.param(block, value, id=f"{page.stem}: {block.splitlines()[0]}")


def maps_of(schema):
    forms = {"": schema, **schema["$defs"]}
    return {name: form["anyOf"][-1] if "anyOf" in form else form for name, form in forms.items()}


@pytest.mark.parametrize("page", [PAGE, HOUSEHOLDS], ids=lambda page: page.stem)
def test_the_tables_are_those_of_the_models(page):
    assert replaced(page) == page.read_text(encoding="utf-8"), "write them with `make policy`"


def test_every_map_has_its_table():
    assert maps_of(SCHEMA).keys() - {model for _, model, _ in SECTIONS} == {"DefaultsForm"}
    forms = maps_of(SCHEMA)
    assert set(forms["DefaultsForm"]["properties"]) == set(forms["ListForm"]["properties"]) - set(OF_A_LIST)


def test_every_key_has_a_sentence_and_an_example():
    keys = {f"{name}.{key}": one for name, form in maps_of(SCHEMA).items() for key, one in form["properties"].items()}

    assert len(keys) > 60
    assert [name for name, one in keys.items() if not one["description"].endswith(".") or not one["examples"]] == []


def within(name, key, value):
    """Return a whole file with one value of one key of a map."""
    path = next(path.partition(",")[0] for path, model, _ in SECTIONS if model == name) if name else ""
    needed = {"": {}, "ListForm": {"source": "imdb:top"}, "RatingForm": {"min": 7}, "ReleasedForm": {"release": "any"}}
    needed |= {"NotOnForm": {"region": "DE", "services": ["Netflix"]}, "YearForm": {"max": 2100}}
    needed |= {"RuntimeForm": {"max": 999}, "GenresForm": {"any": ["Drama"]}, "LanguagesForm": {"any": ["en"]}}
    needed |= {"CountriesForm": {"any": ["US"]}}
    value = {**(needed.get(name, {}) if key != "range" else {}), key: value}
    for step in reversed(path.split(".") if path else []):
        value = {step: [value] if step in ("lists", "exclusions") else value}
    is_of_a_list = path.startswith(("filters", "server"))
    return {"lists": [{"source": "imdb:top", **value}]} if is_of_a_list else value


def test_every_example_of_a_key_is_right_for_editors_and_for_us(tmp_path):
    path, schema = tmp_path / "lists.yaml", jsonschema_rs.validator_for(SCHEMA)
    for name, form in maps_of(SCHEMA).items():
        for key, one in form["properties"].items():
            for example in one["examples"] if name != "DefaultsForm" else ():
                file = within(name, key, example)
                path.write_text(json.dumps(file), encoding="utf-8")
                read_policy(path, providers=available_providers(), policy=HouseholdPolicy())
                assert [error.message for error in schema.iter_errors(file)] == [], file


@pytest.mark.parametrize(("text", "value"), list(samples()))
def test_a_sample_of_the_documents_is_right(text, value, tmp_path):
    path = tmp_path / "lists.yaml"
    path.write_text(text, encoding="utf-8")
    model, read = (HouseholdForm, read_household) if "server" in value else (ListsForm, read_policy)

    read(path, providers=available_providers(), policy=HouseholdPolicy())
    assert [error.message for error in jsonschema_rs.validator_for(build_schema(model)).iter_errors(value)] == []
