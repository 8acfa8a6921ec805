"""Routes that are built when their address is first asked for: a test asks for few, and building all takes 0.13 s."""

from functools import cached_property
from types import SimpleNamespace

from starlette.routing import BaseRoute, Match, get_route_path

# What these count and tell begins when they are built.
EARLY = ("list_sync.web.routes.events", "list_sync.web.routes.metrics")
# What is known of the routes of a function, from the first application of this process.
_KNOWN = {}


class LateRoute(BaseRoute):
    """One route of those that a function returns; its address and its scope are known before it is built."""

    def __init__(self, known, place, late):
        self.path, self.dependencies, self._pattern = known
        self._place, self._late = place, late

    @property
    def _route(self):
        route = self._late.routes[self._place]
        assert route.path == self.path
        return route

    def matches(self, scope):
        """Build the route only for its own address."""
        return self._route.matches(scope) if self._pattern.match(get_route_path(scope)) else (Match.NONE, {})

    async def handle(self, scope, receive, send):
        """Answer as the route does."""
        await self._route.handle(scope, receive, send)


class Late:
    """The routes of a function, called for the first request that one of them matches."""

    def __init__(self, build, argument, number):
        self._build, self._argument, self._number = build, argument, number

    @cached_property
    def routes(self):
        built = self._build(self._argument).routes
        assert len(built) == self._number
        return built


def late(build):
    """Return a function that does as `build`, which returns routes; from the second time on, they are built late."""
    if build.__module__ in EARLY:
        return build

    def build_late(argument):
        known = _KNOWN.get(build)
        if known is None:
            router = build(argument)
            _KNOWN[build] = [(one.path, one.dependencies, one.path_regex) for one in router.routes]
            return router
        routes = Late(build, argument, len(known))
        return SimpleNamespace(routes=[LateRoute(one, place, routes) for place, one in enumerate(known)])

    return build_late
