"""The files of plans: JSON that people read and tick lines out of; every other change is found.

A digest stands for all of a plan but `apply`. It needs no key: a run sends nothing that lists and policy do not want at
that moment, so a forged plan can only leave titles out.
"""

import hashlib
import json
import os
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from list_sync.api.http.json_documents import parse_bytes
from list_sync.errors import ConfigError, PlanRefused, StorageError, TooLarge
from list_sync.files.modes import file_mode, replace_file
from list_sync.files.opening import read_file
from list_sync.model.plans import FORMAT_VERSION, SavedPlan

MOST_BYTES = 32_000_000
# With more, reading the file could take more memory than a list may.
MOST_LINES = 50_000
_PLAN = TypeAdapter(SavedPlan)
_AGAIN = "make a new one with list-sync plan"


def build_document(plan: SavedPlan) -> dict[str, object]:
    """Return a plan as plain JSON values, with the digest that finds changes."""
    document: dict[str, object] = _PLAN.dump_python(plan, mode="json")
    for line in _lines_of(document):
        if line["kind"] == "wait":
            del line["apply"]
    return {"format_version": document.pop("format_version"), **document, "digest": _digest(document)}


def require_place(path: Path, data_dir: Path) -> None:
    """Raise ConfigError if a plan cannot be written to a path; the data folder is where it can."""
    if path.is_dir() or not path.parent.is_dir():
        raise ConfigError(f"{path}: name a file in a folder that exists, for example plan.json")
    if not os.access(path.parent, os.W_OK, effective_ids=True):
        instead = data_dir / path.name
        raise ConfigError(f"{path} cannot be written: name a file in the data folder, as in {instead}")


def require_writable(plan: SavedPlan) -> None:
    """Raise PlanRefused for a plan with too many lines."""
    if len(plan.lines) > MOST_LINES:
        many = f"{len(plan.lines)} lines, more than {MOST_LINES}"
        raise PlanRefused(f"the plan has {many}, and is not saved: make one of some lists with --list")


def write_plan(plan: SavedPlan, path: Path) -> None:
    """Replace the file at a path by a plan; raise StorageError, or PlanRefused if it has too many lines."""
    require_writable(plan)
    try:
        replace_file(path, build_content(plan), file_mode())
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from error


def build_content(plan: SavedPlan) -> bytes:
    """Return the content of the file of a plan."""
    content = json.dumps(build_document(plan), indent=2, ensure_ascii=False)
    return content.encode(errors="backslashreplace") + b"\n"


def read_plan(path: Path) -> SavedPlan:
    """Return the plan in a file; raise ConfigError if it cannot be read, PlanRefused if it is not as it was written."""
    try:
        content = read_file(path, MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise PlanRefused(f"{path} is no plan of list-sync: it is larger than {MOST_BYTES // 1_000_000} MB")
    return _parse(content, path)


def _parse(content: bytes, path: Path) -> SavedPlan:
    try:
        document = parse_bytes(content.removeprefix(b"\xef\xbb\xbf"))
    except TooLarge as error:
        raise PlanRefused(f"{path} is no plan of list-sync: it holds too much") from error
    except (ValueError, RecursionError) as error:
        raise PlanRefused(f"{path} is no plan of list-sync: it is not JSON ({error})") from error
    version = document.get("format_version") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(version, int):
        raise PlanRefused(f"{path} is no plan of list-sync: it names no format_version")
    if version != FORMAT_VERSION:
        raise PlanRefused(f"{path} has format_version {version}, and this version reads {FORMAT_VERSION}: {_AGAIN}")
    stated = document.pop("digest", None)
    if stated != _digest({name: value for name, value in document.items() if name != "format_version"}):
        raise PlanRefused(f"{path} was changed, and only `apply` of a line may be: {_AGAIN}")
    try:
        return _PLAN.validate_python(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise PlanRefused(f"{path} is no plan of list-sync: {place}: {first['msg']}") from error


def _lines_of(document: dict[str, object]) -> list[dict[str, object]]:
    lines = document.get("lines")
    return [line for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []


def _digest(document: dict[str, object]) -> str:
    """Return the digest of all but `apply`; the order of fields and the spaces between them do not matter."""
    lines = document.get("lines")
    if isinstance(lines, list):
        bare = [{k: v for k, v in line.items() if k != "apply"} if isinstance(line, dict) else line for line in lines]
        document = document | {"lines": bare}
    return "sha256:" + hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
