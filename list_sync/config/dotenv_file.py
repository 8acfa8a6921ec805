"""Removing settings from a .env file without changing the rest."""

import io
import os
import re
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from dotenv.parser import parse_stream

from list_sync.errors import StorageError
from list_sync.files.opening import open_file


def find_referenced(path: Path) -> frozenset[str]:
    """Return the names that the values of the file refer to, as in `${NAME}`."""
    return frozenset(re.findall(r"\$\{([A-Za-z_][A-Za-z0-9_]*)", _read(path)))


def remove_settings(path: Path, names: Collection[str]) -> None:
    """Rewrite a .env file without these settings; raise StorageError if that fails."""
    bindings = parse_stream(io.StringIO(_read(path)))
    text = "".join(binding.original.string for binding in bindings if binding.key not in names)
    temporary = path.with_name(f"{path.name}.new")
    try:
        state = path.stat()
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            with suppress(PermissionError):
                os.fchown(file.fileno(), state.st_uid, state.st_gid)
            os.fchmod(file.fileno(), state.st_mode & 0o777)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path.resolve())
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        # A file that is mounted into a container can be written but not replaced.
        advice = f"remove from it {', '.join(names)}"
        raise StorageError(f"{path} cannot be replaced ({error.strerror}): {advice}") from error


def _read(path: Path) -> str:
    with open_file(path) as file:
        return file.read().decode("utf-8")
