"""The state file: one JSON line for each change, rewritten as a whole when the server starts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

Line = tuple[str, Any]


class Journal:
    """An append-only file; each line is written before its call is answered."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: TextIO | None = None

    def read(self) -> Iterator[Line]:
        """Yield the lines of earlier runs, without an incomplete last line."""
        if self._path is None or not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as file:
            for text in file:
                if not text.endswith("\n"):
                    return
                verb, value = json.loads(text)
                yield verb, value

    def restart(self, lines: Iterable[Line]) -> None:
        """Replace the file atomically by `lines`, and open it for appending."""
        self.close()
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(self._path.name + ".new")
        with fresh.open("w", encoding="utf-8") as file:
            file.writelines(_text(line) for line in lines)
        fresh.replace(self._path)
        self._file = self._path.open("a", encoding="utf-8")

    def append(self, verb: str, value: Any) -> None:
        """Write one change."""
        if self._file is not None:
            self._file.write(_text((verb, value)))
            self._file.flush()

    def close(self) -> None:
        """Stop writing."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _text(line: Line) -> str:
    return json.dumps(line, separators=(",", ":")) + "\n"
