"""The description of the API as OpenAPI: what the routes state, and what the gate may answer to any of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from list_sync.web.entrance.paths import SIGNED
from list_sync.web.problems import ProblemAnswer, may_answer

# To any request; to one that needs a token; to one with a body; to a webhook, which is not there without a secret.
_OF_ALL, _OF_LOCKED, _OF_BODIES, _OF_SIGNED = (429,), (401, 403, 421, 503), (400, 408, 413, 415), (404,)
# FastAPI's own words about wrong values; ours is a problem.
_FOREIGN = ("HTTPValidationError", "ValidationError")
ABOUT = (
    "Everything needs the header `Authorization: Bearer TOKEN`, with `API_TOKEN`, the token in `DATA_DIR/api_token`, or"
    " one that `list-sync web token new` made. Only /health is open, and /metrics unless METRICS_OPEN is false.\n\n"
    "Times are UTC. Errors are RFC 9457 problems, and their `detail` says what to do."
)


def build_document(api: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of the routes."""
    document = get_openapi(
        title=api.title, version=api.version, summary=api.summary, description=ABOUT, routes=api.routes
    )
    schemas = document["components"]["schemas"]
    for name in _FOREIGN:
        schemas.pop(name, None)
    schemas["ProblemAnswer"] = ProblemAnswer.model_json_schema(ref_template="#/components/schemas/{model}")
    for path, operation in operations_of(document):
        _add_problems(path, operation)
    return document


def operations_of(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every operation with its path."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def _add_problems(path: str, operation: dict[str, Any]) -> None:
    """Describe the problems that the gate and the handlers of errors may answer with."""
    responses = operation["responses"]
    is_signed = path in SIGNED
    codes = [*_OF_ALL, *(_OF_SIGNED if is_signed else ())]
    codes += _OF_LOCKED if "security" in operation or is_signed else ()
    codes += _OF_BODIES if "requestBody" in operation else ()
    if "422" in responses:
        responses.pop("422")
        codes.append(422)
    for code, answer in may_answer(*codes).items():
        responses.setdefault(str(code), answer)
