"""Single sign-on: the way to the issuer, the way back, and the log-out there."""

import logging
from functools import partial
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from list_sync.errors import AuthenticationFailed, ServiceError, ServiceUnavailable, SyncCancelled
from list_sync.web.entrance.access import caller_of
from list_sync.web.entrance.callers import cookies_of
from list_sync.web.entrance.door import Door
from list_sync.web.entrance.gate import OUR_SITES
from list_sync.web.entrance.paths import LOGIN, SIGN_ON, SIGN_ON_RETURN, SIGN_OUT
from list_sync.web.pages.login import enter, lead
from list_sync.web.pages.rendering import HOME, Pages, find_our_path
from list_sync.web.problems import Problem
from list_sync.web.sign_on.attempts import Attempt, find_attempt, forget_attempt, keep_attempt
from list_sync.web.sign_on.issuer import Issuer
from list_sync.web.sign_on.refusals import Reason, SignOnRefused

logger = logging.getLogger(__name__)


def routes(pages: Pages, door: Door) -> APIRouter:
    """Return the routes of single sign-on."""
    router = APIRouter()
    parts = pages.parts
    issuer = Issuer(
        parts.settings.web,
        timeout_seconds=parts.settings.process.http_timeout,
        stop=parts.over,
        now=parts.now,
    )

    @router.get(SIGN_ON)
    async def begin(request: Request, to: str = "") -> Response:
        """Lead a person to the issuer, who comes from a page of ours."""
        to = find_our_path(to)
        if _is_of_another_site(request):
            return lead(pages, f"{LOGIN}?{urlencode({'to': to})}")
        attempt = Attempt.begin(to, now=parts.now())
        try:
            response = RedirectResponse(await door.ask_issuer(partial(issuer.begin, attempt)), 303)
        except (ServiceError, SyncCancelled) as error:
            return _refuse(pages, _tell(error))
        keep_attempt(cookies_of(request.scope, request.headers, parts.settings.web), response, attempt)
        return response

    @router.get(SIGN_ON_RETURN)
    async def come_back(request: Request) -> Response:
        """Let in a person that the issuer sent back; no page has the address with the code."""
        response = await _finish(pages, door, issuer, request)
        cookies = cookies_of(request.scope, request.headers, parts.settings.web)
        forget_attempt(cookies, response, request.query_params.get("state", ""))
        return response

    @router.get(SIGN_OUT)
    async def end(request: Request) -> Response:
        """Lead a person to the log-out of the issuer."""
        if _is_of_another_site(request):
            return lead(pages, LOGIN)
        try:
            address = await door.ask_issuer(issuer.find_end)
        except (ServiceError, SyncCancelled) as error:
            return _refuse(pages, _tell(error))
        return RedirectResponse(address, 303) if address else _refuse(pages, Reason.NO_END)

    return router


async def _finish(pages: Pages, door: Door, issuer: Issuer, request: Request) -> Response:
    web, caller, query = pages.parts.settings.web, caller_of(request.scope), request.query_params
    cookies = cookies_of(request.scope, request.headers, web)
    attempt = find_attempt(cookies, request.headers, query.get("state", ""), now=pages.parts.now())
    if attempt is None:
        return lead(pages, HOME) if caller.scope is not None else _refuse(pages, Reason.BROWSER)
    if len(query.multi_items()) != len(query):
        return _refuse(pages, Reason.TOKEN)
    try:
        token = await door.log_in_by_issuer(caller.address, partial(issuer.finish, attempt, dict(query)))
    except SignOnRefused as refused:
        return _refuse(pages, refused.reason)
    except (ServiceError, SyncCancelled) as error:
        return _refuse(pages, _tell(error))
    except Problem:
        return _refuse(pages, Reason.WAIT)
    return await enter(pages, door, request, token, to=find_our_path(attempt.to))


def _is_of_another_site(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    return site is not None and site not in OUR_SITES


def _refuse(pages: Pages, reason: Reason) -> Response:
    return lead(pages, f"{LOGIN}?oidc={reason.value}")


def _tell(error: ServiceError | SyncCancelled) -> Reason:
    """Log what is wrong with the issuer, and return the reason for the page."""
    logger.warning("single sign-on does not work: %s", error, extra={"news": object()})
    if isinstance(error, AuthenticationFailed):
        return Reason.CLIENT
    return Reason.DOWN if isinstance(error, ServiceUnavailable | SyncCancelled) else Reason.ODD
