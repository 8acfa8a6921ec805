"""The server's users: the requester, what the requester may ask for, and how much of the quota is left."""

from collections.abc import Mapping

from list_sync.api.http.payloads import expect_object
from list_sync.api.mediaserver.connection import OverseerrConnection
from list_sync.api.mediaserver.paging import PAGE_SIZE, read_rows
from list_sync.api.mediaserver.payloads import SERVICE, has_access_error, parse_user, parse_user_page
from list_sync.api.mediaserver.verdicts import expect_success, find_body
from list_sync.errors import Refused
from list_sync.model.servers import ServerUser, UserQuota
from list_sync.model.titles import MediaType

Headers = Mapping[str, str]


def fetch_users(connection: OverseerrConnection) -> tuple[ServerUser, ...]:
    """Return every user of the server."""
    users: list[ServerUser] = []
    read_rows(
        lambda skip: connection.read("user", take=PAGE_SIZE, skip=skip),
        parse_user_page,
        users.append,
        workers=1,
        stop=connection.stop,
    )
    return tuple(users)


def fetch_requester(connection: OverseerrConnection, user_id: int, headers: Headers) -> ServerUser:
    """Return the user that the headers name as requester; raise Refused if the server has no such user."""
    answer = connection.ask_as(headers, "auth/me")
    if answer.status == 403 and has_access_error(find_body(answer)):
        raise Refused(SERVICE, _describe_unknown(user_id, fetch_users(connection)))
    expect_success(answer, "auth/me")
    requester = parse_user(answer.json())
    if requester.user_id != user_id:
        advice = "let the header X-API-User pass any proxy before it"
        raise Refused(SERVICE, f"takes user {user_id} (OVERSEERR_USER_ID) for user {requester.user_id}: {advice}")
    return requester


def _describe_unknown(user_id: int, users: tuple[ServerUser, ...]) -> str:
    known = ", ".join(f"{user.user_id} ({user.name})" for user in users[:10])
    problem = f"OVERSEERR_USER_ID={user_id} is not a user of the server"
    return f"{problem}: set it to the number of one of its users, for example {known}"


def fetch_quotas(connection: OverseerrConnection, user_id: int, headers: Headers) -> Mapping[MediaType, UserQuota]:
    """Return how much a user may still request, by kind of title."""
    path = f"user/{user_id}/quota"
    answer = connection.ask_as(headers, path)
    expect_success(answer, path)
    quotas = expect_object(answer.json(), service=SERVICE, what=f"/{path}")
    return {kind: _parse_quota(quotas.get(kind.value)) for kind in MediaType}


def _parse_quota(body: object) -> UserQuota:
    """Parse the quota of one kind; the answer has no `limit` if there is none."""
    quota = expect_object(body, service=SERVICE, what="a quota")
    numbers = (quota.get(key) for key in ("limit", "days", "remaining"))
    return UserQuota(*(number if isinstance(number, int) else None for number in numbers))
