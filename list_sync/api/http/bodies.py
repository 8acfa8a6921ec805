"""Reading of the body of an answer: its limits, and large JSON documents that become a value on their way."""

import io
from collections.abc import Iterator, Set
from functools import partial
from itertools import chain

import requests

from list_sync.api.http.json_documents import SHORT_BYTES, parse_blocks
from list_sync.errors import UnexpectedResponse
from list_sync.footprint import Part, hold, receive

_PART_BYTES = 64 * 1024
# Millions of chunks of one byte would take a minute of computing time.
MOST_PARTS = 400_000
# Radarr says 6 KB about a film (measured), and a library arrives in one document.
MOST_BYTES_ON_THE_WAY = 256 * 1024 * 1024


def read_body(
    response: requests.Response, service: str, *, max_bytes: int, fields: Set[str] | None
) -> tuple[bytes, object]:
    """Return the body and None; of a large JSON document with `fields`, its beginning and its value.

    Such a value has only these fields, so that the document itself is never in memory. Raise UnexpectedResponse for a
    body that is too large, or for JSON that is broken.
    """
    blocks = _blocks(response, service, max_bytes)
    beginning = next(blocks, b"")
    is_page = beginning.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    if fields and response.ok and len(beginning) > SHORT_BYTES and not is_page:
        try:
            return beginning, parse_blocks(chain([beginning], blocks), fields)
        except (ValueError, RecursionError) as error:
            raise UnexpectedResponse(service, "a large document that is not JSON, or breaks off") from error
    # Its bytes can be taken without a copy.
    body = io.BytesIO()
    for block in chain([beginning], blocks):
        body.write(block)
        hold(Part.DOCUMENT, body.tell())
    return body.getvalue(), None


def _blocks(response: requests.Response, service: str, max_bytes: int) -> Iterator[bytes]:
    """Yield the body in blocks that are large enough to be read one by one."""
    stated = response.headers.get("Content-Length", "")
    if stated.isascii() and stated.isdigit() and int(stated[:18]) > max_bytes:
        raise _too_large(service, max_bytes)
    block, size = bytearray(), 0
    parts = iter(partial(response.raw.read1, _PART_BYTES, decode_content=True), b"")
    for number, part in enumerate(parts):
        size += len(part)
        if size > max_bytes:
            raise _too_large(service, max_bytes)
        if number > MOST_PARTS:
            raise UnexpectedResponse(service, "an answer in too many tiny parts, which is refused")
        receive(len(part))
        block += part
        if len(block) > SHORT_BYTES:
            yield bytes(block)
            block.clear()
    yield bytes(block)


def _too_large(service: str, max_bytes: int) -> UnexpectedResponse:
    size = f"{max_bytes / 1024 / 1024:.0f} MB" if max_bytes >= 1024 * 1024 else f"{max_bytes} bytes"
    return UnexpectedResponse(service, f"an answer over {size}, which is refused")
