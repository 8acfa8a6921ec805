"""The rules of the house that no linter knows, as CONTRIBUTING.md states them."""

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

from tests.fakes.patience import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "list_sync"
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))
# A revision is one long statement that is written once and never touched again.
REVISIONS = PACKAGE / "database" / "migrations" / "versions"

LONGEST_MODULE = 300
LONGEST_FUNCTION = 50
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "core", "base", "manager", "handler"}
MAY_CATCH_ANYTHING = {"fetching/routes.py", "providers/custom.py", "daemon/loop.py", "workers.py"}
# CI uses a tool beside the checkout where there is one, and does without.
MAY_LOOK_OUTSIDE = {ROOT / ".ci" / "image"}
PRODUCT_FOLDERS = ("list_sync", "docs", "benchmarks", ".ci", ".github")
PRODUCT_FILES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", "pyproject.toml", ".env.example")
MACHINE_PATH = re.compile(r"(?<![\w.}>)*-])/(?:home|root|tmp|work|mnt|Users|opt)/")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path):
    return path.relative_to(PACKAGE).as_posix()


@cache
def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def may_catch_anything():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    ignored = settings["tool"]["ruff"]["lint"]["per-file-ignores"]
    return {name.removeprefix("list_sync/") for name, rules in ignored.items() if "BLE001" in rules}


def public_definitions(body):
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node.body)


def broad_handlers(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.walk(node.type) if node.type else [ast.Name("BaseException")]
            names = {name.id for name in caught if isinstance(name, ast.Name)}
            if names & {"Exception", "BaseException"}:
                yield node


def product_texts():
    folders = [path for folder in PRODUCT_FOLDERS for path in (ROOT / folder).rglob("*")]
    for path in [*folders, *(ROOT / name for name in PRODUCT_FILES)]:
        if path.is_file() and path.suffix not in (".pyc", ".png"):
            yield path, path.read_text(encoding="utf-8")


def test_there_is_something_to_look_at():
    assert len(MODULES) > 100
    assert len(list(product_texts())) > len(MODULES)


def test_modules_are_short():
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}

    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_every_module_says_what_it_owns():
    assert [name_of(path) for path in MODULES if not ast.get_docstring(tree_of(path))] == []


def test_functions_are_short():
    long = [
        f"{name_of(path)}: {node.name}"
        for path in MODULES
        if REVISIONS not in path.parents
        for node in ast.walk(tree_of(path))
        if isinstance(node, Function) and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]

    assert long == []


def test_qualities_have_names_and_are_flags_only_where_other_programs_say_so():
    outside = [path for path in MODULES if name_of(path).split("/")[0] not in {"api", "demo", "config", "database"}]

    assert {name_of(path) for path in outside if re.search(r"\bis_4k\b", path.read_text(encoding="utf-8"))} == {
        "main.py",
        "model/arrs.py",
        "storage/server_options.py",
    }


def test_what_is_public_says_what_it_does():
    silent = [
        f"{name_of(path)}: {node.name}"
        for path in MODULES
        for node in public_definitions(tree_of(path).body)
        if not ast.get_docstring(node)
    ]

    assert silent == []


def test_every_module_is_named_for_what_it_is_about():
    names = {part for path in MODULES for part in path.relative_to(PACKAGE).with_suffix("").parts}
    words = {word for name in names for word in name.split("_")}

    assert words & FORBIDDEN_NAMES == set()


def test_anything_is_caught_only_where_somebody_elses_program_runs_or_where_it_is_raised_on():
    swallowing = {
        name_of(path)
        for path in MODULES
        for handler in broad_handlers(tree_of(path))
        if not isinstance(handler.body[-1], ast.Raise)
    }

    assert swallowing <= may_catch_anything()


def test_the_rules_name_every_module_that_may_catch_anything():
    rules = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

    assert {name for name in may_catch_anything() if f"`{name}`" not in rules} == set()


def test_a_handler_that_catches_anything_is_recognised():
    source = "try: ...\nexcept (Exception, SystemExit): ...\ntry: ...\nexcept: ...\ntry: ...\nexcept OSError: ..."

    assert len(list(broad_handlers(ast.parse(source)))) == 2


def test_nothing_names_a_path_of_one_machine_or_a_folder_outside_the_repository():
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path, text in product_texts()
        for line in text.splitlines()
        if MACHINE_PATH.search(line) or ("../shared" in line and path not in MAY_LOOK_OUTSIDE)
    ]

    assert found == []


def test_every_import_contract_is_kept():
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert "0 broken" in done.stdout


def test_what_only_one_database_understands_stays_where_databases_are():
    """PRAGMA and SQL in text, the driver, dialects and the functions of one dialect."""
    found = re.compile(
        r"sqlite3|sqlalchemy\.dialects|PRAGMA|exec_driver_sql|\btext\(\"|func\.(?!count|max|min|sum|coalesce)\w+"
    )
    allowed = {PACKAGE / "database", PACKAGE / "backups"}
    lines = [
        f"{name_of(path)}: {line.strip()}"
        for path in MODULES
        if not allowed & set(path.parents)
        for line in path.read_text(encoding="utf-8").splitlines()
        if found.search(line)
    ]

    assert lines == []
