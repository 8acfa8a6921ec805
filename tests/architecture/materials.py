"""Compares a bill of materials with the lock of its image; `make sbom` ends with it."""

import json
import re
import sys
from pathlib import Path

from tests.architecture.licences_table import LOCKED, LOCKS, ROOT, find_locked


def find_differences(image, bill):
    """Return what a bill of materials has or lacks beside the packages that the lock of an image names."""
    listed = {normal(one["name"]): one["version"] for one in bill["components"]}
    text = (ROOT / "requirements" / LOCKS[image]).read_text(encoding="utf-8")
    pinned = {f"{normal(found[1])}=={found['version']}" for found in LOCKED.finditer(text)}
    wanted = {normal(name) for name in find_locked(image)}
    return [
        *(f"{name} is missing" for name in sorted(wanted - listed.keys())),
        *(f"{name} is not in the lock" for name in sorted(listed.keys() - wanted)),
        *(
            f"{name} {version} is not the locked version"
            for name, version in sorted(listed.items())
            if name in wanted and f"{name}=={version}" not in pinned
        ),
        *(f"{one['name']} has no licence" for one in bill["components"] if not one.get("licenses")),
    ]


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def main(image, path):
    bill = json.loads(Path(path).read_text(encoding="utf-8"))
    if differences := find_differences(image, bill):
        raise SystemExit(f"{path}: {'; '.join(differences)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
