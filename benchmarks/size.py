"""How large the program is, by folder: modules, statements, classes, public names and the share of docstrings.

`python benchmarks/size.py [CHECKOUT ...]` counts each checkout, without the demo and the migrations, and prints the
figures side by side. A statement is one of Python's own (`ast.stmt`), docstrings left out. A public name is a
function, a class, a method or a name of a module that begins without an underscore.
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

LEFT_OUT = {"demo", "migrations"}
COLUMNS = ("modules", "statements", "classes", "public names", "docstrings")
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
Defined = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def main() -> int:
    """Print the table of the checkouts that the arguments name, else of the present folder."""
    checkouts = [Path(name) for name in sys.argv[1:]] or [Path()]
    tables = [count_folders(checkout / "list_sync") for checkout in checkouts]
    print(f"| folder | {' | '.join(COLUMNS)} |")
    print(f"|:--|{'--:|' * len(COLUMNS)}")
    folders = sorted({folder for table in tables for folder in table} - {"all"})
    for folder in [*folders, "all"]:
        cells = [" → ".join(shown(table.get(folder, Counter()), column) for table in tables) for column in COLUMNS]
        print(f"| {folder} | {' | '.join(cells)} |")
    return 0


def shown(counts: Counter[str], column: str) -> str:
    """Return one figure; docstrings are shown as their share of all lines."""
    if column != "docstrings":
        return f"{counts[column]:,}"
    return f"{counts[column] / counts['lines']:.0%}" if counts["lines"] else "-"


def count_folders(package: Path) -> dict[str, Counter[str]]:
    """Return the counts of each folder of a package, and of all of it."""
    counted: dict[str, Counter[str]] = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).parts
        if LEFT_OUT & set(parts):
            continue
        counts = count_module(path.read_text(encoding="utf-8"))
        for folder in (parts[0] if len(parts) > 1 else "(modules)", "all"):
            counted.setdefault(folder, Counter()).update(counts)
    return counted


def count_module(text: str) -> Counter[str]:
    """Return the counts of one module."""
    tree = ast.parse(text)
    docstrings = [node.body[0] for node in ast.walk(tree) if isinstance(node, Documented) and ast.get_docstring(node)]
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    return Counter(
        {
            "modules": 1,
            "lines": len(text.splitlines()),
            "statements": len(nodes) - len(docstrings),
            "classes": sum(isinstance(node, ast.ClassDef) for node in nodes),
            "public names": sum(not name.startswith("_") for name in names_of(tree.body)),
            "docstrings": sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in docstrings),
        }
    )


def names_of(body: list[ast.stmt]) -> Iterator[str]:
    """Yield the names that a module or a class defines, those of public classes included."""
    for node in body:
        if isinstance(node, Defined):
            yield node.name
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield from (one.name for one in node.body if isinstance(one, Defined))
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


if __name__ == "__main__":
    sys.exit(main())
