"""The description of the API as a page: plain HTML without scripts, from the OpenAPI document."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

Schema = Mapping[str, Any]

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1rem; }
body { overflow-wrap: anywhere; }
h1 { margin: 0; }
h2 { margin: 2.5rem 0 .5rem; text-transform: capitalize; }
h3 { font: 600 1rem/1.5 ui-monospace, monospace; margin: 0; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
article { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
.method { display: inline-block; min-width: 4.5rem; }
dl { display: grid; grid-template-columns: minmax(8rem, 1fr) 3fr; gap: .25rem 1rem; margin: .5rem 0; }
dt { font-family: ui-monospace, monospace; } dd { margin: 0; }
pre { background: var(--soft); border-radius: .5rem; padding: .75rem; overflow-x: auto; overflow-wrap: normal; }
summary { cursor: pointer; padding: .6rem 0; }
small { opacity: .8; }
@media (max-width: 40rem) {
  dl { grid-template-columns: 1fr; }
  dd { margin: 0 0 .75rem 1rem; }
  article { padding: .75rem; }
}
"""
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_DEEPEST = 5


def render(document: Schema) -> str:
    """Return the page."""
    by_tag: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = next(iter(operation.get("tags", ())), "other")
            by_tag.setdefault(tag, []).append(_render_operation(document, method.upper(), path, operation))
    info = document["info"]
    links = "".join(f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag in by_tag)
    parts = "".join(f'<h2 id="{escape(tag)}">{escape(tag)}</h2>{"".join(texts)}' for tag, texts in by_tag.items())
    title = f"{escape(info['title'])} {escape(info['version'])}: API"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
        f"<body><header><h1>{title}</h1>{_paragraphs(info['description'])}"
        f'<nav aria-label="Subjects">{links}<a href="openapi.json">openapi.json</a></nav></header>'
        f"<main>{parts}</main></body></html>"
    )


def _render_operation(document: Schema, method: str, path: str, operation: Schema) -> str:
    scopes = [scope for one in operation.get("security", ()) for names in one.values() for scope in names]
    needs = f"needs a token with the scope {', '.join(scopes)}" if scopes else "needs no token"
    return (
        f'<article><h3><span class="method">{method}</span>{escape(path)}</h3>'
        f"{_paragraphs(operation.get('description', ''))}<p><small>{escape(needs)}</small></p>"
        f"{_render_parameters(document, operation)}{_render_body(document, operation)}"
        f"{''.join(_render_answers(document, operation))}</article>"
    )


def _render_parameters(document: Schema, operation: Schema) -> str:
    rows = [
        (one["name"], f"{one['in']}{', required' if one.get('required') else ''}", one["schema"] | one)
        for one in operation.get("parameters", ())
    ]
    return f"<dl>{''.join(_row(document, *row) for row in rows)}</dl>" if rows else ""


def _row(document: Schema, name: str, note: str, schema: Schema) -> str:
    told = f" {_inline(schema['description'])}" if schema.get("description") else ""
    words = ", ".join(filter(None, [_type_of(document, schema.get("schema", schema)), note]))
    return f"<dt>{escape(name)}</dt><dd><small>{escape(words)}</small>{told}</dd>"


def _render_body(document: Schema, operation: Schema) -> str:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return ""
    schema = _resolve(document, content["schema"])
    examples = schema.get("examples") or [example_of(document, schema)]
    shown = "\n".join(json.dumps(one, ensure_ascii=False) for one in examples)
    return f"<p>Body: {_inline(schema.get('description', ''))}</p>{_render_fields(document, schema)}{_code(shown)}"


def _render_fields(document: Schema, schema: Schema) -> str:
    rows = "".join(_field_rows(document, schema, ""))
    return f"<dl>{rows}</dl>" if rows else ""


def _field_rows(document: Schema, schema: Schema, within: str) -> Iterator[str]:
    """Yield a row for each field, also of the objects within."""
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        yield _row(document, f"{within}{name}", "required" if name in required else "", field)
        for mark, inner in _objects_in(document, field):
            if within.count(".") < _DEEPEST:
                yield from _field_rows(document, inner, f"{within}{name}{mark}.")


def _objects_in(document: Schema, schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield the objects that a value may be or hold, each with the mark of a list if it is in one."""
    schema = _resolve(document, schema)
    for part in schema.get("anyOf", [schema]):
        one = _resolve(document, part)
        inner = _resolve(document, one.get("items", {}))
        if "properties" in one:
            yield "", one
        elif "properties" in inner:
            yield "[]", inner


def _render_answers(document: Schema, operation: Schema) -> Iterator[str]:
    """Yield each answer that is no problem with its fields and an example, and the problems as a list."""
    problems = []
    for status, answer in sorted(operation["responses"].items()):
        contents = answer.get("content", {})
        if list(contents) == ["application/problem+json"]:
            problems.append((status, answer["description"]))
            continue
        for kind, content in contents.items():
            schema = _resolve(document, content.get("schema", {}))
            example = content.get("example")
            shown = (
                example if isinstance(example, str) else json.dumps(example or example_of(document, schema), indent=2)
            )
            fields = _render_fields(document, schema)
            yield f"<details><summary>{status}, {escape(kind)}</summary>{fields}{_code(shown)}</details>"
    if problems:
        rows = "".join(f"<dt>{status}</dt><dd>{_inline(words)}</dd>" for status, words in problems)
        statuses = ", ".join(status for status, _ in problems)
        yield f"<details><summary>Errors: {statuses}</summary><dl>{rows}</dl></details>"


def _resolve(document: Schema, schema: Schema) -> Schema:
    """Return what a reference means."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _type_of(document: Schema, schema: Schema) -> str:
    """Return the type of a value in a few words."""
    schema = _resolve(document, schema)
    if "enum" in schema or "const" in schema:
        return " or ".join(map(str, schema.get("enum", [schema.get("const")])))
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type_of(document, one) for one in schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {_type_of(document, schema.get('items', {})) or 'values'}"
    return str(schema.get("format") or schema.get("type") or "")


def example_of(document: Schema, schema: Schema, depth: int = 0) -> Any:
    """Return an example of a value: the one that its schema gives, or one of its parts."""
    schema = _resolve(document, schema)
    if "example" in schema or schema.get("examples"):
        return schema["example"] if "example" in schema else schema["examples"][0]
    if schema.get("default") is not None:
        return schema["default"]
    if "enum" in schema or "const" in schema:
        return schema.get("enum", [schema.get("const")])[0]
    if "anyOf" in schema:
        return example_of(document, schema["anyOf"][0], depth)
    if "properties" in schema and depth < _DEEPEST:
        return {name: example_of(document, one, depth + 1) for name, one in schema["properties"].items()}
    if schema.get("type") == "array" and depth < _DEEPEST:
        return [example_of(document, schema.get("items", {}), depth + 1)]
    return {"integer": 0, "number": 0, "boolean": False, "string": "", "object": {}, "array": []}.get(
        schema.get("type", "")
    )


def _paragraphs(text: str) -> str:
    """Return a text as paragraphs."""
    return "".join(f"<p>{_inline(part)}</p>" for part in text.split("\n\n") if part.strip())


def _inline(text: str) -> str:
    """Return a text with what is between backticks as code."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if place % 2 else piece for place, piece in enumerate(pieces))


def _code(text: str) -> str:
    return f'<pre tabindex="0">{escape(text)}</pre>'
