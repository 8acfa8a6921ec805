"""The application: every route behind the gate."""

from collections.abc import Callable, Sequence

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from list_sync.version import __version__
from list_sync.web.entrance.access import Tokens, find_unlocked
from list_sync.web.entrance.callers import Callers
from list_sync.web.entrance.deeds import Audited
from list_sync.web.entrance.door import Door
from list_sync.web.entrance.gate import Gate
from list_sync.web.entrance.paths import ASSETS, DOORS, SIGNED, WATCHED
from list_sync.web.pages import (
    access,
    adding,
    assets,
    item_deeds,
    list_change,
    login,
    one_list,
    password,
    posters,
    starting,
)
from list_sync.web.pages import items as items_page
from list_sync.web.pages import lists as lists_page
from list_sync.web.pages import log as log_page
from list_sync.web.pages import overview as overview_page
from list_sync.web.pages import plan as plan_page
from list_sync.web.pages import policy as policy_page
from list_sync.web.pages import review as review_page
from list_sync.web.pages import run as run_page
from list_sync.web.pages import runs as runs_page
from list_sync.web.pages import settings as settings_page
from list_sync.web.pages.rendering import PageRoutes, Pages
from list_sync.web.parts import Parts
from list_sync.web.problems import add_handlers
from list_sync.web.routes import (
    backups,
    bulk,
    bundle,
    decisions,
    documentation,
    events,
    feeds,
    health,
    hooks,
    items,
    list_edits,
    lists,
    log,
    log_ins,
    metrics,
    notify,
    overview,
    pause,
    plans,
    policy,
    previews,
    reset,
    review,
    runs,
    settings,
    snoozes,
    start,
    summary,
    sync,
    tokens,
    trials,
    undo,
)

Routes = Callable[[Parts], APIRouter]
ROUTES: Sequence[Routes] = (
    health.routes,
    metrics.routes,
    summary.routes,
    previews.routes,
    overview.routes,
    reset.routes,
    lists.routes,
    list_edits.routes,
    policy.routes,
    bulk.routes,
    items.routes,
    review.routes,
    decisions.routes,
    snoozes.routes,
    runs.routes,
    feeds.routes,
    sync.routes,
    pause.routes,
    notify.routes,
    settings.routes,
    plans.routes,
    log.routes,
    undo.routes,
    trials.routes,
    tokens.routes,
    backups.routes,
    bundle.routes,
    log_ins.routes,
    events.routes,
    hooks.routes,
    start.routes,
    documentation.routes,
)


PAGES: Sequence[PageRoutes] = (
    overview_page.routes,
    lists_page.routes,
    item_deeds.routes,
    items_page.routes,
    review_page.routes,
    list_change.routes,
    one_list.routes,
    policy_page.routes,
    adding.routes,
    posters.routes,
    plan_page.routes,
    access.routes,
    runs_page.routes,
    log_page.routes,
    run_page.routes,
    settings_page.routes,
    starting.routes,
)


# Without a server, only these are served.
SET_UP_ROUTES: Sequence[Routes] = (health.routes, events.routes, settings.routes, start.routes)
SET_UP_PAGES: Sequence[PageRoutes] = (settings_page.routes, starting.routes, starting.all_else)


def build_app(
    parts: Parts,
    owner_token: str | None,
    all_routes: Sequence[Routes] = ROUTES,
    all_pages: Sequence[PageRoutes] = PAGES,
) -> ASGIApp:
    """Return the application; `owner_token` is the token that may do everything."""
    pages, door = Pages(parts), Door(parts, owner_token)
    api = build_api(parts, all_routes, all_pages, pages, door)
    callers = Callers(parts.settings.web, Tokens(parts, owner_token), door.sessions)
    return Gate(Audited(api, parts), parts.settings.web, callers, pages.answer_problem)


def build_api(
    parts: Parts,
    all_routes: Sequence[Routes] = ROUTES,
    all_pages: Sequence[PageRoutes] = PAGES,
    pages: Pages | None = None,
    door: Door | None = None,
) -> FastAPI:
    """Return the routes and their description, without the gate."""
    pages = pages or Pages(parts)
    api = FastAPI(
        title="ListSync",
        version=__version__,
        summary="Keeps film and TV lists in step with Overseerr, Jellyseerr and Seerr.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        # A redirect would be made of the Host header.
        redirect_slashes=False,
    )
    add_handlers(api, pages.answer_problem)
    api.state.door = door = door or Door(parts, None)
    of_pages = [
        *(routes(pages, door) for routes in (login.routes, password.routes)),
        *_build_sign_on(pages, door),
        assets.routes(),
        *(routes(pages) for routes in all_pages),
    ]
    for router in of_pages:
        for route in router.routes:
            # Pages are no part of the description of the API.
            route.include_in_schema = False  # type: ignore[attr-defined]
    # FastAPI's include_router would build every route a second time, which is half of the time to start.
    for router in (*(routes(parts) for routes in all_routes), *of_pages):
        api.router.routes.extend(router.routes)
    unlocked = {path for path in find_unlocked(api.routes) if not path.startswith(ASSETS)} - {*WATCHED, *SIGNED, *DOORS}
    if unlocked:
        raise ValueError(f"routes that do not say which scope they need: {', '.join(sorted(unlocked))}")
    return api


def _build_sign_on(pages: Pages, door: Door) -> Sequence[APIRouter]:
    """Return the routes of single sign-on, whose library takes memory that few set-ups need."""
    if pages.parts.settings.web.oidc_issuer is None:
        return ()
    from list_sync.web.pages import sign_on

    return (sign_on.routes(pages, door),)
