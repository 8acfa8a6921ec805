"""Nothing gets into an image, or onto the machine of a developer, that a lock does not name by version and hash."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
INSTALLS = re.compile(r"\bpip\b[^\n&|]*?\binstall\b([^\n&|]*)")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_every_package_of_a_lock_has_its_version_and_its_hashes(lock):
    entries = re.split(r"^(?=\S)", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]

    assert len(entries) > 5
    wrong = [
        entry for entry in entries if not re.match(r"[\w.\[\],-]+==\S+ .*?--hash=sha256:[0-9a-f]{64}", entry, re.S)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["Dockerfile", "Makefile"])
def test_every_installation_asks_for_hashes_or_installs_nothing_but_listsync(name):
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ").replace("$(PIP)", "pip")
    installs = INSTALLS.findall(text)

    assert len(installs) >= 3
    for options in installs:
        is_our_own = re.search(r"--no-deps --no-build-isolation (--editable )?\.\s*$", options)
        assert is_our_own or "--require-hashes" in options, options


def test_an_image_builds_no_package_with_tools_that_no_lock_names():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")

    for options in INSTALLS.findall(text):
        assert "--only-binary :all:" in options or "--no-build-isolation" in options, options
