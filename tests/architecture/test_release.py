"""A release has one number everywhere, its notes come from the changelog, and its images have the right tags."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.patience import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / ".ci" / "release.py"
VERSION = '"""The version."""\n\n__version__ = "1.2.0"\n'
CHANGELOG = """# Changelog

## [Unreleased]

## [1.2.0] - 2026-11-28

### Added

- A gate for lists in git: it checks them
  and says what a sync would do ([more](docs/ci-cd.md#gate), [site](https://example.org/a)).
- A second entry
  - with a part of its own

### Fixed

- IMDb's lists are read in their new form.
  Mends: imdb/graphql

## [1.1.0] - 2026-10-01

- Earlier
"""

spec = importlib.util.spec_from_file_location("release", SCRIPT)
release = importlib.util.module_from_spec(spec)
spec.loader.exec_module(release)


def test_a_tag_that_agrees_with_version_and_changelog_is_a_release():
    release.require_release("v1.2.0", VERSION, CHANGELOG)


@pytest.mark.parametrize(
    ("tag", "version", "changelog", "said"),
    [
        ("v1.2", VERSION, CHANGELOG, ["the tag of a release is vX.Y.Z"]),
        ("1.2.0", VERSION, CHANGELOG, ["the tag of a release is vX.Y.Z"]),
        ("v01.2.0", VERSION, CHANGELOG, ["the tag of a release is vX.Y.Z"]),
        ("v1.2.0", VERSION.replace("1.2.0", "1.2.0.dev0"), CHANGELOG, ['__version__ = "1.2.0"']),
        ("v1.2.0", VERSION, CHANGELOG.replace(" - 2026-11-28", ""), ["## [1.2.0] with its date"]),
        ("v1.2.0", VERSION, CHANGELOG.replace("[Unreleased]\n", "[Unreleased]\n\n- More\n"), ["under Unreleased"]),
        ("v1.3.0", VERSION, CHANGELOG, ['__version__ = "1.3.0"', "## [1.3.0] with its date"]),
        ("v1.2.0", VERSION, "## [1.2.0] - 2026-11-28\n\n## [1.1.0] - 2026-10-01\n\n- Earlier", ["say what changed"]),
    ],
)
def test_what_differs_is_said_at_once(tag, version, changelog, said):
    with pytest.raises(release.NoRelease) as caught:
        release.require_release(tag, version, changelog)

    lines = str(caught.value).splitlines()
    assert len(lines) == len(said)
    assert all(part in line for part, line in zip(said, lines, strict=True))


def test_notes_are_the_section_of_the_release_one_line_an_entry_with_links_into_the_repository():
    notes = release.build_notes("v1.2.0", "https://github.com/a/b", CHANGELOG)

    assert notes == (
        "### Added\n\n"
        "- A gate for lists in git: it checks them and says what a sync would do "
        "([more](https://github.com/a/b/blob/v1.2.0/docs/ci-cd.md#gate), [site](https://example.org/a)).\n"
        "- A second entry\n"
        "  - with a part of its own\n\n"
        "### Fixed\n\n"
        "- IMDb's lists are read in their new form.\n"
        "  Mends: imdb/graphql"
    )


@pytest.mark.parametrize(
    ("ref", "suffix", "tags", "given"),
    [
        ("refs/heads/main", "", [], ["main"]),
        ("refs/heads/main", "-full", ["v1.0.0"], ["main-full"]),
        ("refs/tags/v1.2.0", "", ["v1.2.0"], ["1.2.0", "1.2", "1", "latest"]),
        ("refs/tags/v1.2.0", "-full", [], ["1.2.0-full", "1.2-full", "1-full", "latest-full"]),
        # A repair of an earlier line: what stands for the newest stays where it is.
        ("refs/tags/v1.2.10", "", ["v1.2.9", "v1.10.0", "v1.2.10"], ["1.2.10", "1.2"]),
        ("refs/tags/v1.10.1", "", ["v1.10.0", "v2.0.0", "v1.9.9"], ["1.10.1", "1.10", "1"]),
        # Built again.
        ("refs/tags/v1.2.0", "", ["v1.2.0", "v1.2.1", "nightly", "v2"], ["1.2.0"]),
    ],
)
def test_an_image_has_the_tags_that_stand_for_it(ref, suffix, tags, given):
    assert release.build_tags(ref, suffix, tags) == given


def test_the_script_reads_this_repository():
    def run(*arguments):
        command = [sys.executable, SCRIPT, *arguments]
        return subprocess.run(command, input="v0.1.0\n", capture_output=True, text=True, timeout=PATIENCE_SECONDS)

    assert run("tags", "refs/tags/v0.1.0", "-full").stdout.split() == [
        "0.1.0-full",
        "0.1-full",
        "0-full",
        "latest-full",
    ]
    refused = run("check", "v999.0.0")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "version.py" in refused.stderr
    assert run("tags", "refs/tags/latest", "").returncode == 1
