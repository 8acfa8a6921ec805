"""Style sheet, icons and script: read once, compressed once, served under a name that changes with their content."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.responses import Response

from list_sync.web.problems import Problem

FOLDER = "/static/"
KINDS = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
}
NAMES = ("app.css", "app.js", "icons.svg", "icon.svg", "app.webmanifest")
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load; `digest` is part of its address."""

    content: bytes
    compressed: bytes
    digest: str
    kind: str


@cache
def load_asset(name: str) -> Asset:
    """Return one of NAMES, as the package has it."""
    content = (files("list_sync.web") / "static" / name).read_bytes()
    if name == "app.webmanifest":
        # Addresses in it are relative to its own, and so below WEB_BASE_PATH.
        content = content.replace(b"icon.svg", f"../{load_asset('icon.svg').digest}/icon.svg".encode())
    digest = hashlib.sha256(content).hexdigest()[:16]
    return Asset(content, gzip.compress(content, 9, mtime=0), digest, KINDS[name.rpartition(".")[2]])


def asset_path(name: str) -> str:
    """Return the path of an asset, without WEB_BASE_PATH."""
    return f"{FOLDER}{load_asset(name).digest}/{name}"


def routes() -> APIRouter:
    """Return the route of the assets; it needs no credentials, because the page of the log-in uses them."""
    router = APIRouter()

    @router.get(FOLDER + "{digest}/{name}")
    def asset(digest: str, name: str, request: Request) -> Response:
        """Return an asset; an address of another version leads to none."""
        found = load_asset(name) if name in NAMES else None
        if found is None or found.digest != digest:
            raise Problem(HTTPStatus.NOT_FOUND, "there is no such file in this version: load the page again")
        headers = {"Cache-Control": _FOREVER, "Vary": "Accept-Encoding"}
        if accepts_gzip(request):
            return Response(found.compressed, headers=headers | {"Content-Encoding": "gzip"}, media_type=found.kind)
        return Response(found.content, headers=headers, media_type=found.kind)

    return router


def accepts_gzip(request: Request) -> bool:
    """Return whether a client takes compressed answers."""
    return "gzip" in request.headers.get("accept-encoding", "").lower()
