"""Parsing of what the server says of its users: names, permissions and quotas."""

from collections.abc import Mapping

from list_sync.api.mediaserver.rows import Json, RowPage, as_object, required, row_page, text_of, whole
from list_sync.model.titles import MediaType
from list_sync.model.users import ServerUser, UserQuota

_ACCOUNT_NAMES = ("username", "plexUsername", "jellyfinUsername")


def parse_user(body: object) -> ServerUser:
    """Parse one user; the password hash that two of the forks send is ignored."""
    user = as_object(body, "a user")
    user_id = required(user, "id", "a user")
    email = text_of(user.get("email"))
    user_names = tuple(name for key in _ACCOUNT_NAMES if (name := text_of(user.get(key))))
    # Without any name, the servers show the e-mail address in its place; no log or page of ours does.
    shown = [name for name in (text_of(user.get("displayName")), *user_names) if name and "@" not in name]
    return ServerUser(
        user_id,
        next(iter(shown), f"user {user_id}"),
        text_of(user.get("createdAt")),
        whole(user.get("permissions")),
        user_names,
        email,
        whole(user.get("plexId")),
        text_of(user.get("jellyfinUserId")),
    )


def parse_user_page(body: object) -> RowPage[ServerUser]:
    """Parse one page of /user."""
    return row_page(body, "/user", parse_user)


def parse_quotas(body: object) -> Mapping[MediaType, UserQuota]:
    """Parse the quotas of a user, by kind of title; a kind without a limit has no `limit`."""
    quotas = as_object(body, "the quotas of a user")
    return {kind: _quota(as_object(quotas.get(kind.value), "a quota")) for kind in MediaType}


def _quota(quota: Json) -> UserQuota:
    numbers = (quota.get(key) for key in ("limit", "days", "remaining"))
    return UserQuota(*(number if isinstance(number, int) else None for number in numbers))
