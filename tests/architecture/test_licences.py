"""Which licences the images bring, read from the packages of their locks."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKED = re.compile(
    r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==\S+(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?$", re.MULTILINE
)
COPYLEFT = re.compile(r"\b(A?GPL|LGPL|MPL|General Public|Mozilla Public)", re.IGNORECASE)
# Packages for other systems and older Pythons, which no image holds.
NOT_IN_AN_IMAGE = {"async-timeout", "colorama", "exceptiongroup", "pyreadline3"}


def locked(name):
    """Return the names of the packages that a lock puts into an image."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return {found[1].lower() for found in LOCKED.finditer(text)} - NOT_IN_AN_IMAGE


def licence_of(package):
    """Return all that a package says of its licence; the text of a licence itself is left out."""
    about = importlib.metadata.metadata(package)
    classifiers = [text for text in about.get_all("Classifier") or [] if text.startswith("License")]
    stated = (about.get("License-Expression") or "", (about.get("License") or "").partition("\n")[0], *classifiers)
    return " | ".join(text for text in stated if text and text != "UNKNOWN")


def test_the_program_is_under_the_mit_licence_and_says_so_everywhere():
    assert (
        (ROOT / "LICENSE")
        .read_text(encoding="utf-8")
        .startswith("MIT License\n\nCopyright (c) 2026 the ListSync authors\n")
    )
    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["license"] == "MIT"
    assert 'org.opencontainers.image.licenses="MIT"' in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_no_package_of_the_slim_image_is_under_the_gpl_the_lgpl_or_the_agpl():
    packages = locked("image.txt")
    licences = {package: licence_of(package) for package in packages}

    assert len(packages) > 20
    assert [package for package, licence in licences.items() if not licence] == []
    assert {package for package, licence in licences.items() if COPYLEFT.search(licence)} == {"certifi"}


def test_what_the_full_image_brings_under_other_licences_is_listed():
    packages = locked("image-browser.txt")
    missing = [package for package in packages if not _is_installed(package)]
    if missing:
        pytest.skip(f"the packages of the full image are not installed (make browser): {', '.join(sorted(missing))}")
    page = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    table = page.partition("\n| package |")[2]

    copyleft = {package for package in packages if COPYLEFT.search(licence_of(package))}
    assert copyleft == set(
        re.findall(
            r"`([a-z0-9-]+)`", "\n".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
        )
    )


def _is_installed(package):
    try:
        importlib.metadata.metadata(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
