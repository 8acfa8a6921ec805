"""The manifest of an archive of ours: a small JSON file, its first member."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

MANIFEST_NAME = "list-sync-backup.json"
LARGEST_MANIFEST = 64 * 1024
_MAKER = "list-sync"
_FORM = 1


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive, with the facts to check that it is complete."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The time and program version of an archive, the schema of its database, and its files by name."""

    made_at: datetime
    program: str
    schema: int
    members: Mapping[str, Member]

    def to_bytes(self) -> bytes:
        """Return the JSON text for the archive."""
        document = {
            "made_by": _MAKER,
            "form": _FORM,
            "program": self.program,
            "schema": self.schema,
            "made_at": self.made_at.astimezone(UTC).isoformat(timespec="seconds"),
            "members": {name: asdict(member) for name, member in self.members.items()},
        }
        return json.dumps(document, indent=2).encode() + b"\n"


def parse_manifest(content: bytes) -> Manifest:
    """Parse a manifest; raise ValueError if it is not one of ours."""
    try:
        document: Any = json.loads(content)
        if (document["made_by"], document["form"]) != (_MAKER, _FORM):
            raise ValueError("made by another program, or in a form of another version")
        return Manifest(
            made_at=datetime.fromisoformat(document["made_at"]).astimezone(UTC),
            program=str(document["program"]),
            schema=int(document["schema"]),
            members={
                str(name): Member(int(member["size"]), str(member["sha256"]))
                for name, member in document["members"].items()
            },
        )
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"not a manifest: {error!r}") from error
