"""What a release is made of: its number, its notes, and the tags of its images.

    python .ci/release.py check TAG             the tag, the version and the changelog agree
    python .ci/release.py notes TAG ADDRESS     the notes of a release; ADDRESS is that of the repository in a browser
    python .ci/release.py tags REF SUFFIX       the tags of an image; all tags of the repository come by stdin

A release has a tag vX.Y.Z, the same number in version.py, and a dated section of CHANGELOG.md.
"""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
TAG = re.compile(r"v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
SECTION = re.compile(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", re.MULTILINE)
# A line that goes on with the one before it: GitHub shows each line of notes as a line of its own.
CONTINUED = re.compile(r"(?<=\S)\n *(?!_*Mends\b)(?=[^\s#*-])")
RELATIVE_LINK = re.compile(r"\]\((?![a-z]+:|#)([^)\s]+)\)")

Number = tuple[int, ...]


class NoRelease(Exception):
    """Why a tag is not one of a release."""


def main(command: str, *arguments: str) -> int:
    """Carry out one of the commands; return 1 if the tag is not one of a release."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = (ROOT / "list_sync" / "version.py").read_text(encoding="utf-8")
    try:
        if command == "check":
            require_release(arguments[0], version, changelog)
        elif command == "notes":
            print(build_notes(*arguments, changelog))
        elif command == "tags":
            print(*build_tags(*arguments, sys.stdin.read().split()), sep="\n")
        else:
            raise SystemExit(f"{command} is none of check, notes and tags")
    except NoRelease as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def parse_tag(tag: str) -> Number:
    """Return the numbers of a tag; raise NoRelease if it is not of the form vX.Y.Z."""
    if not (found := TAG.fullmatch(tag)):
        raise NoRelease(f"{tag}: the tag of a release is vX.Y.Z")
    return tuple(map(int, found.groups()))


def require_release(tag: str, version: str, changelog: str) -> None:
    """Raise NoRelease with all that differs between a tag, version.py and the changelog."""
    parse_tag(tag)
    number = tag.removeprefix("v")
    sections = read_sections(changelog)
    date, text = sections.get(number, (None, ""))
    faults = {
        f'version.py: write __version__ = "{number}"': f'\n__version__ = "{number}"\n' in version,
        f"CHANGELOG.md: write a section ## [{number}] with its date, as in ## [1.0.0] - 2026-11-28": date is not None,
        f"CHANGELOG.md: say what changed in {number}": bool(text) or date is None,
        f"CHANGELOG.md: move what is under Unreleased to {number}": not sections.get("Unreleased", ("", ""))[1],
    }
    if wrong := [fault for fault, is_right in faults.items() if not is_right]:
        raise NoRelease("\n".join(f"{tag}: {fault}" for fault in wrong))


def read_sections(changelog: str) -> dict[str, tuple[str | None, str]]:
    """Return the date and the text of each section of a changelog, by its version."""
    _, *parts = SECTION.split(changelog)
    return {name: (date, text.strip()) for name, date, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True)}


def build_notes(tag: str, address: str, changelog: str) -> str:
    """Return the section of a release, with one line for each entry and with links that lead into the repository."""
    parse_tag(tag)
    _, text = read_sections(changelog).get(tag.removeprefix("v"), (None, ""))
    if not text:
        raise NoRelease(f"{tag}: CHANGELOG.md has no section of it")
    return RELATIVE_LINK.sub(rf"]({address}/blob/{tag}/\1)", CONTINUED.sub(" ", text))


def build_tags(ref: str, suffix: str, tags: Iterable[str]) -> list[str]:
    """Return the tags of an image: the name of a branch, or the numbers of a release and latest.

    A shorter number, and latest, stay with a newer release if there is one.
    """
    if not ref.startswith("refs/tags/"):
        return [ref.rpartition("/")[2] + suffix]
    number = parse_tag(ref.removeprefix("refs/tags/"))
    others = [parse_tag(tag) for tag in tags if TAG.fullmatch(tag)]
    shown = [
        ".".join(map(str, number[:length])) or "latest"
        for length in (3, 2, 1, 0)
        if not any(other[:length] == number[:length] and other > number for other in others)
    ]
    return [name + suffix for name in shown]


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
