"""Tokens of the API, and the audit log."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request

from list_sync.model.access import Scope, parse_token_name
from list_sync.model.servers import HOME
from list_sync.storage.audit import find_deed_page
from list_sync.storage.tokens import add_token, load_tokens, revoke_token
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.access import DeedAnswer, NewToken, TokenOrder, TokensAnswer, build_deed, build_token
from list_sync.web.models.answers import PageOf
from list_sync.web.paging import Cursor, Limit, build_page, find_place
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer

TokenName = Annotated[str, Path(max_length=200, examples=["prometheus"])]


def routes(parts: Parts) -> APIRouter:
    """Return the routes of tokens and of the audit log."""
    router = APIRouter(prefix="/api", tags=["access"], dependencies=[needs(Scope.ADMIN)])

    @router.get("/tokens", response_model=TokensAnswer)
    def tokens() -> TokensAnswer:
        """List the tokens, without the tokens themselves."""
        return find_tokens(parts)

    @router.post("/tokens", response_model=NewToken, status_code=HTTPStatus.CREATED, responses=may_answer(409, 422))
    def make(order: TokenOrder, request: Request) -> NewToken:
        """Make a token; it is shown only in this answer."""
        return make_token(parts, order.name, order.scope, request)

    @router.delete("/tokens/{name}", response_model=TokensAnswer, responses=may_answer(404))
    def revoke(name: TokenName, request: Request) -> TokensAnswer:
        """Revoke a token."""
        revoke_named(parts, name, request)
        return find_tokens(parts)

    @router.get("/audit", response_model=PageOf[DeedAnswer], responses=may_answer(422))
    def audit(limit: Limit = 50, cursor: Cursor = None) -> PageOf[DeedAnswer]:
        """List what people and programs did through the service, the newest first."""
        return find_audit(parts, limit, cursor)

    return router


def find_tokens(parts: Parts) -> TokensAnswer:
    """Return all tokens but the owner's."""
    with parts.store.reading() as connection:
        return TokensAnswer(items=[build_token(one) for one in load_tokens(connection)])


def make_token(parts: Parts, name: str, scope: Scope, request: Request) -> NewToken:
    """Store a new token; raise ConfigError for a name that cannot be one, Problem for one that is taken."""
    name = parse_token_name(name)
    tell_deed(request.scope, "token new", f"{name} ({scope})")
    with parts.store.writing() as connection:
        token = add_token(connection, name, scope, at=parts.now())
    if token is None:
        raise Problem(HTTPStatus.CONFLICT, f"there is a token {name}: choose another name, or revoke it first")
    return NewToken(name=name, scope=scope, token=token)


def revoke_named(parts: Parts, name: str, request: Request) -> None:
    """Delete a token; raise Problem if there is none of that name."""
    with parts.store.writing() as connection:
        is_known = revoke_token(connection, name)
    if not is_known:
        raise Problem(HTTPStatus.NOT_FOUND, "there is no token of this name: GET /api/tokens names all of them")
    parts.feed.look_again()
    tell_deed(request.scope, "token revoke", name)


def find_audit(parts: Parts, limit: int, cursor: str | None) -> PageOf[DeedAnswer]:
    """Return a page of the audit log."""
    before = find_place(cursor)
    with parts.store.reading() as connection:
        deeds = find_deed_page(connection, HOME, before=before, limit=limit + 1)
    return build_page(deeds, limit, build=build_deed, number_of=lambda numbered: numbered[0])
