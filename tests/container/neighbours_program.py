"""Runs inside a container of the image: the demo's server and sources, told by lines of JSON what to do."""

import functools
import json
import sys

from list_sync.demo.server.demo_server import DemoServer
from list_sync.demo.sources.sample_sources import SampleSources


def find(root, path):
    return functools.reduce(getattr, path.split("."), root)


def obey(root, order):
    if "call" in order:
        return find(root, order["call"])(*order["arguments"])
    if "get" in order:
        return find(root, order["get"])
    thing = find(root, order["of"])
    for name, value in order["set"].items():
        getattr(thing, name)
        setattr(thing, name, value)
    return None


def plain(value):
    if isinstance(value, dict):
        return {key if isinstance(key, str) else json.dumps(key): plain(entry) for key, entry in value.items()}
    return value


def tell(value):
    sys.stdout.write(json.dumps(value, default=list) + "\n")
    sys.stdout.flush()


class Root:
    def __init__(self, server, sources):
        self.server = server
        self.sources = sources


with DemoServer(**json.loads(sys.argv[1])) as server, SampleSources() as sources:
    root = Root(server, sources)
    tell({"server": server.url, "key": server.api_key, "sources": sources.environment()})
    for line in sys.stdin:
        try:
            tell({"is": plain(obey(root, json.loads(line)))})
        except (AttributeError, TypeError, ValueError, KeyError, OSError) as error:
            tell({"error": repr(error)})
