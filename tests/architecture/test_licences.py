"""Which licences the images bring, read from the packages of their locks."""

import re
import tomllib

import pytest

from tests.architecture.licences_table import (
    LOCKED,
    LOCKS,
    PAGE,
    ROOT,
    find_inside,
    find_locked,
    find_missing,
    licence_of,
    replaced,
    texts_of,
)

COPYLEFT = re.compile(r"\b(A?GPL|LGPL|MPL|General Public|Mozilla Public)", re.IGNORECASE)
PERMISSIVE = {"Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "PSF-2.0"}


@pytest.fixture
def full():
    missing = find_missing("full")
    if missing:
        pytest.skip(f"the packages of the full image are not installed (make browser): {', '.join(sorted(missing))}")
    return find_locked("full")


def is_permissive(licence):
    """Return whether a permissive licence may be chosen, or whether all that hold are permissive."""
    return any(
        all(part.strip() in PERMISSIVE for part in re.split(r" AND |;", choice)) for choice in licence.split(" OR ")
    )


def test_the_program_is_under_the_mit_licence_and_says_so_everywhere():
    assert (
        (ROOT / "LICENSE")
        .read_text(encoding="utf-8")
        .startswith("MIT License\n\nCopyright (c) 2026 the ListSync authors\n")
    )
    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["license"] == "MIT"
    assert 'org.opencontainers.image.licenses="MIT"' in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_no_package_of_a_lock_is_overlooked():
    for lock in LOCKS.values():
        text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
        assert len(LOCKED.findall(text)) == len(re.findall(r"^\S+==", text, re.MULTILINE)) > 20


def test_an_image_is_without_the_packages_of_other_systems_and_other_pythons():
    for image in LOCKS:
        assert {"async-timeout", "pyreadline3"} & find_locked(image) == set()
        assert {"certifi", "cffi"} <= find_locked(image)
    assert "setuptools" in find_locked("full") - find_locked("slim")


def test_every_package_of_the_slim_image_has_a_permissive_licence_and_keeps_its_text():
    packages = find_locked("slim")

    assert {package for package in packages if not is_permissive(licence_of(package))} == {"certifi"}
    assert licence_of("certifi") == "MPL-2.0"
    assert [package for package in packages if not texts_of(package)] == []
    assert [package for package in packages if COPYLEFT.search(str(find_inside(package)))] == []


def test_the_table_of_the_slim_image_is_the_one_that_its_packages_give():
    page = PAGE.read_text(encoding="utf-8")

    assert page == replaced(page, "slim"), "run make licences"


def test_the_table_of_the_full_image_is_the_one_that_its_packages_give(full):
    page = PAGE.read_text(encoding="utf-8")

    assert page == replaced(page, "full"), "run make licences"


def test_what_the_full_image_brings_under_other_licences_is_listed_with_its_use(full):
    table = PAGE.read_text(encoding="utf-8").partition("\n| package | licence | what it is for |\n")[2]
    listed = re.findall(r"^\| `([a-z0-9-]+)` \|", table.partition("\n\n")[0], re.MULTILINE)

    copyleft = {name for name in full if COPYLEFT.search(f"{licence_of(name)} {find_inside(name)}")}
    assert copyleft == set(listed)


def test_no_package_of_the_full_image_is_without_a_licence(full):
    assert [package for package in full if not licence_of(package)] == []
