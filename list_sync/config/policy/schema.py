"""The JSON Schema of lists.yaml, by which editors complete and check the file while it is written."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from list_sync.config.policy.filter_forms import FiltersForm
from list_sync.config.policy.forms import ListsForm
from list_sync.config.policy.leaves import NONE

SCHEMA_NAME = "lists.schema.json"
# Editors with the YAML language server, such as Visual Studio Code, read the schema that this line names.
SCHEMA_LINE = f"# yaml-language-server: $schema={SCHEMA_NAME}"
_NULL = {"type": "null"}


class _Generator(GenerateJsonSchema):
    """Generates schemas without a warning about defaults that JSON does not have: those are left out."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012


def build_schema(model: type[ListsForm] = ListsForm) -> dict[str, Any]:
    """Return the schema of lists.yaml, or of another model of such a file."""
    schema = model.model_json_schema(by_alias=True, schema_generator=_Generator)
    for rule in schema["$defs"][FiltersForm.__name__]["properties"].values():
        # A rule of `defaults` is taken away by this word.
        rule["anyOf"] = [{"const": NONE} if one == _NULL else one for one in rule.get("anyOf", ())] or [dict(rule)]
    tidy: dict[str, Any] = _tidy(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **tidy, "title": "lists.yaml of ListSync"}


def _tidy(schema: Any) -> Any:
    """Return a schema without what the file cannot hold (null), and without titles and defaults that are no values."""
    if isinstance(schema, list):
        return [_tidy(one) for one in schema if one != _NULL]
    if not isinstance(schema, dict):
        return schema
    tidy = {key: value if key == "examples" else _tidy(value) for key, value in schema.items() if _is_told(key, value)}
    choices = tidy.get("anyOf", ())
    if len(choices) == 1:
        del tidy["anyOf"]
        tidy = {**choices[0], **tidy}
    return tidy


def _is_told(key: str, value: Any) -> bool:
    return not (key == "title" and isinstance(value, str)) and not (
        key == "default" and not isinstance(value, str | int)
    )
