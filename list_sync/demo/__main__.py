"""Run a demo server as a process of its own: `python -m list_sync.demo`."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from list_sync.demo.server.demo_server import DemoServer, Dialect

LOOK_SECONDS = 0.2


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT (exit code 0), or until a simulated crash (exit code 1)."""
    options = _parser().parse_args(arguments)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    server = DemoServer(
        dialect=options.dialect,
        state_file=options.state,
        port=options.port,
        latency_seconds=options.latency_ms / 1000,
        synthetic_films=options.synthetic_films,
        path_prefix=options.path_prefix,
        csrf=options.csrf,
        post_seconds=options.post_ms / 1000,
    )
    server.faults.lossy = not options.no_loss
    server.faults.auto_available_seconds = options.auto_available_seconds
    with server:
        print(f"listening {server.url}", flush=True)
        while server.is_running and not ended.wait(LOOK_SECONDS):
            continue
    return 0 if ended.is_set() else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m list_sync.demo", description=__doc__)
    parser.add_argument("--dialect", type=Dialect, choices=list(Dialect), default=Dialect.SEERR)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state", type=Path, help="file that keeps the server's rows")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="wait this long before each answer")
    parser.add_argument("--post-ms", type=float, default=2.0, help="duration of the transaction of a POST /request")
    parser.add_argument("--synthetic-films", type=int, default=0, help="this many films besides the catalogue")
    parser.add_argument("--path-prefix", default="", help="path prefix, as behind a proxy that removes it")
    parser.add_argument("--csrf", action="store_true", help="with CSRF protection")
    parser.add_argument("--no-loss", action="store_true", help="overlapping POSTs wait for each other")
    parser.add_argument("--auto-available-seconds", type=float, help="titles become available after this time")
    return parser


if __name__ == "__main__":
    sys.exit(main())
