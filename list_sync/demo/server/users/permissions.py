"""The servers' permission bits, as far as requests need them."""

from __future__ import annotations

from enum import IntFlag


class Permission(IntFlag):
    """Bits of a user's `permissions` number."""

    NONE = 0
    ADMIN = 2
    MANAGE_SETTINGS = 4
    MANAGE_USERS = 8
    MANAGE_REQUESTS = 16
    REQUEST = 32
    AUTO_APPROVE = 128
    AUTO_APPROVE_MOVIE = 256
    AUTO_APPROVE_TV = 512
    REQUEST_4K = 1024
    REQUEST_4K_MOVIE = 2048
    REQUEST_4K_TV = 4096
    REQUEST_VIEW = 16384
    AUTO_APPROVE_4K = 32768
    AUTO_APPROVE_4K_MOVIE = 65536
    AUTO_APPROVE_4K_TV = 131072
    REQUEST_MOVIE = 262144
    REQUEST_TV = 524288
    MANAGE_BLOCKLIST = 268435456
    VIEW_BLOCKLIST = 1073741824


def has_all(permissions: int, wanted: Permission) -> bool:
    """Return whether every bit of `wanted` is set; an admin has all permissions."""
    return bool(permissions & Permission.ADMIN) or permissions & wanted == wanted


def has_any(permissions: int, wanted: Permission) -> bool:
    """Return whether one bit of `wanted` is set; an admin has all permissions."""
    return bool(permissions & (Permission.ADMIN | wanted))


def request_permission(kind: str, *, is_4k: bool) -> Permission:
    """Return the permissions of which one is enough to request `kind` in this quality."""
    if kind == "movie":
        if is_4k:
            return Permission.REQUEST_4K | Permission.REQUEST_4K_MOVIE
        return Permission.REQUEST | Permission.REQUEST_MOVIE
    if is_4k:
        return Permission.REQUEST_4K | Permission.REQUEST_4K_TV
    return Permission.REQUEST | Permission.REQUEST_TV


def approval_permission(kind: str, *, is_4k: bool) -> Permission:
    """Return the permissions of which one is enough for automatic approval of a request of `kind`."""
    if kind == "movie":
        quality = (
            (Permission.AUTO_APPROVE_4K | Permission.AUTO_APPROVE_4K_MOVIE)
            if is_4k
            else (Permission.AUTO_APPROVE | Permission.AUTO_APPROVE_MOVIE)
        )
    else:
        quality = (
            (Permission.AUTO_APPROVE_4K | Permission.AUTO_APPROVE_4K_TV)
            if is_4k
            else (Permission.AUTO_APPROVE | Permission.AUTO_APPROVE_TV)
        )
    return quality | Permission.MANAGE_REQUESTS
