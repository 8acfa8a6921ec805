"""Servers that misbehave on purpose: they drip, they flood, or they say what nobody can keep.

Run as text in a container too: it imports nothing of the tests.
"""

import contextlib
import gzip
import json
import socket
import threading
import zlib
from collections.abc import Callable

Talk = Callable[[socket.socket], None]
DRIP_SECONDS = 0.02
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ENDLESS = HEAD + b"\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
ZIPPED = HEAD + b"Content-Encoding: gzip\r\n\r\n"
NOTHING_IN_GZIP = b"\x00\x00\x00\xff\xff"
PART_BYTES = 64 * 1024


def start_of_gzip() -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(b"[") + packer.flush(zlib.Z_SYNC_FLUSH)


def block_of_gzip(content: bytes) -> bytes:
    """Return a block that may follow any number of its like."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush(zlib.Z_FULL_FLUSH)


def filled(piece: bytes) -> bytes:
    return piece * (PART_BYTES // len(piece) + 1)


def whole(body: bytes, *, headers: bytes = b"") -> tuple[bytes, bytes]:
    return HEAD + headers + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body, b""


def redirect(place: str) -> tuple[bytes, bytes]:
    head = f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
    return head.encode() + start_of_gzip(), filled(b" ")


def packed_again_and_again(body: bytes, times: int) -> bytes:
    for _ in range(times):
        body = gzip.compress(body)
    return body


# What comes first, and what then comes again and again, slowly.
DRIPS = {
    "nothing at all": (b"", b""),
    "the status line": (b"HTTP/1.1 ", b"2"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "early hints": (b"", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"),
    "one header": (HEAD + b"X-A: ", b"a"),
    "many headers": (HEAD, b"X: y\r\n"),
    "the body": (HEAD + b"Content-Length: 100000\r\n\r\n[", b" "),
    "a body without an end": (ENDLESS + b"[", b" "),
    "chunks": (CHUNKED, b"1\r\n \r\n"),
    "the size of a chunk": (CHUNKED, b"0"),
    "trailers": (CHUNKED + b"2\r\n[]\r\n0\r\n", b"X: y\r\n"),
    "blocks of gzip that hold nothing": (ZIPPED + start_of_gzip(), NOTHING_IN_GZIP),
}
# The same, as fast as the client reads.
FLOODS = {
    "headers": (HEAD, b"X-A: " + b"a" * 60_000 + b"\r\n"),
    "interim answers": (b"", filled(b"HTTP/1.1 100 Continue\r\n\r\n")),
    "early hints": (b"", b"HTTP/1.1 103 Early Hints\r\nLink: " + b"x" * 60_000 + b"\r\n\r\n"),
    "trailers": (CHUNKED + b"0\r\n", filled(b"X: y\r\n")),
    "chunk extensions": (CHUNKED, b"1;" + b"x" * 30_000 + b"\r\n \r\n"),
    "tiny chunks": (CHUNKED, filled(b"1\r\n \r\n")),
    "empty blocks of gzip": (ZIPPED + start_of_gzip(), filled(NOTHING_IN_GZIP)),
    "what gzip becomes": (ZIPPED + start_of_gzip(), block_of_gzip(b" " * 1_000_000)),
    "blanks": (ENDLESS, filled(b" ")),
    "arrays": (ENDLESS + b"[", filled(b"[],")),
    "entries": (ENDLESS + b"[", filled(b'{"tmdb":1,"type":"tv"},')),
    "brackets": (ENDLESS, filled(b"[")),
    "a text": (ENDLESS + b'["', filled(b"x")),
    "a number": (ENDLESS + b"[", filled(b"7")),
    "lines": (ENDLESS, filled(b"tv:1\n")),
    "rows": (ENDLESS + b"tmdb,type\n", filled(b"1,tv\n")),
    "elements": (ENDLESS + b"<rss><channel>", filled(b"<item/>")),
}
# What is no HTTP.
FOREIGN = {
    "a header without an end": (HEAD + b"X-A: ", filled(b"a")),
    "a status line without an end": (b"HTTP/1.1 200 ", filled(b"O")),
    "nothing but zeros": (b"", bytes(PART_BYTES)),
    "a hundred headers": (HEAD + b"X: y\r\n" * 101 + b"\r\n", b""),
    "the greeting of another service": (b"SSH-2.0-OpenSSH_9.2\r\n", b""),
}
ODDITIES = {
    "gzip in gzip": whole(
        packed_again_and_again(b" " * 40_000_000, 3), headers=b"Content-Encoding: gzip, gzip, gzip\r\n"
    ),
    "gzip thirty times": whole(b"x", headers=b"Content-Encoding: " + b", ".join([b"gzip"] * 30) + b"\r\n"),
    "an answer that is cut off": (HEAD + b"Content-Length: 100\r\nConnection: close\r\n\r\n[", b""),
    "a length of twenty digits": (HEAD + b"Content-Length: 99999999999999999999\r\n\r\n[", b""),
    "a length below nothing": (HEAD + b"Content-Length: -1\r\n\r\n[", b""),
    "a chunk of sixteen digits": (CHUNKED + b"7fffffffffffffff\r\n[", filled(b" ")),
    "a chunk below nothing": (CHUNKED + b"-5\r\n[]", b""),
    "no status line": (b"[]", b""),
    "a redirect to itself": redirect("a-redirect-to-itself"),
    "a redirect to a flood": redirect("/blanks"),
    "a redirect to the cloud": redirect("http://169.254.169.254/latest/meta-data/"),
    "a redirect to a file": redirect("file:///etc/passwd"),
}
FILM = {"title": "A", "tmdbId": 1, "year": 1999, "Type": "Movie", "Name": "A", "ProviderIds": {"Tmdb": "1"}}
MANY = 10**9
PAGE = {
    **{"records": [FILM] * 1000, "totalRecords": MANY},
    **{"Items": [FILM] * 500, "TotalRecordCount": MANY},
}
# Radarr, Sonarr and Jellyfin: the first part of the path names what is wrong.
LIBRARIES = {
    "films without an end": (ENDLESS + b"[", filled(json.dumps(FILM).encode() + b",")),
    "films with much about them": (ENDLESS + b"[", b'{"tmdbId":1,"images":[' + filled(b'{"url":"x"},') + b"{}]},"),
    "films with long titles": (ENDLESS + b"[", b'{"tmdbId":1,"title":"' + filled(b"x") + b'"},'),
    "fields without an end": (ENDLESS + b"[{", filled(b'"tmdbId":1,')),
    "titles that are arrays": (ENDLESS + b'[{"title":', filled(b"[")),
    "pages without an end": whole(json.dumps(PAGE).encode()),
    "empty pages": whole(
        json.dumps({"records": [], "totalRecords": MANY, "Items": [], "TotalRecordCount": MANY}).encode()
    ),
    "pages with odd totals": (ENDLESS + b'{"totalRecords":', filled(b"9")),
}
USERS = whole(b'[{"Id":"1","Name":"anna"}]')


def path_of(name: str) -> str:
    return name.replace(" ", "-")


class HostileServer:
    """A server that lets a function talk to each client."""

    def __init__(self, talk: Talk) -> None:
        self.closing = threading.Event()
        self._talk = talk
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve_one, args=(client,), daemon=True).start()

    def _serve_one(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            self._talk(client)

    def close(self) -> None:
        self.closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class ManyHostileServers(HostileServer):
    """All of them at one address; the first part of the path says which."""

    def __init__(self) -> None:
        super().__init__(self._talk_by_path)
        slow = {path_of(f"drip {name}"): (*answer, DRIP_SECONDS) for name, answer in DRIPS.items()}
        fast = {path_of(name): (*answer, 0.0) for name, answer in (FLOODS | FOREIGN | ODDITIES | LIBRARIES).items()}
        self._answers = slow | fast

    def _talk_by_path(self, client: socket.socket) -> None:
        path = client.recv(65536).split()[1].decode().partition("?")[0]
        first, again, seconds = (*USERS, 0.0) if path.endswith("/Users") else self._answers[path.split("/")[1]]
        client.sendall(first)
        while again or b"Connection: close" not in first:
            if self.closing.wait(seconds or (0 if again else DRIP_SECONDS)):
                return
            client.sendall(again)
