"""The server's proxy for images of TMDB: posters that are drawn here, the same ones in every run."""

from __future__ import annotations

import re
import struct
import zlib
from colorsys import hsv_to_rgb
from http import HTTPStatus

from list_sync.demo.server.calls.answers import Answer, html_answer
from list_sync.demo.server.dialects import Dialect

IMAGE_ROOT = "/imageproxy/"
_FORM = re.compile(r"t/p/w(\d{2,3})/((?:movie|tv)\d+)\.png")
# Each tenth title has no poster, as some titles of TMDB have none.
_WITHOUT = 7


def find_poster_path(kind: str, tmdb: int) -> str | None:
    """Return what the servers state as the posterPath of a title."""
    return None if tmdb % 10 == _WITHOUT else f"/{kind}{tmdb}.png"


def answer_image(dialect: Dialect, path: str) -> Answer:
    """Answer a path below IMAGE_ROOT: Seerr expects the name of the service first, the others do not know it."""
    rest = path.removeprefix(IMAGE_ROOT)
    if dialect is Dialect.SEERR:
        rest = rest.removeprefix("tmdb/") if rest.startswith("tmdb/") else ""
    found = _FORM.fullmatch(rest)
    if found is None:
        return html_answer(HTTPStatus.NOT_FOUND)
    return Answer(HTTPStatus.OK, draw_poster(found[2], int(found[1])), "image/png")


def draw_poster(name: str, width: int) -> bytes:
    """Return a PNG in the shape of a poster: bands of one hue, and a disc of another."""
    height, seed = width * 3 // 2, zlib.crc32(name.encode())
    hue, middle, radius = seed % 360 / 360, (0.3 + seed // 360 % 40 / 100) * height, (0.18 + seed % 13 / 100) * height
    palette = b"".join(
        bytes(round(255 * part) for part in hsv_to_rgb(*color))
        for color in (*((hue, 0.55, 0.25 + 0.08 * band) for band in range(6)), ((hue + 0.45) % 1, 0.5, 0.9))
    )
    rows = bytearray()
    for y in range(height):
        half = int(max(0.0, radius**2 - (y - middle) ** 2) ** 0.5)
        half = min(half, width // 2)
        side = bytes([5 - y * 6 // height]) * ((width - 2 * half) // 2)
        row = side + b"\x06" * (2 * half) + side
        rows += b"\x00" + row + side[:1] * (width - len(row))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
