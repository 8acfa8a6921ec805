"""Translation of errors of requests and urllib3 into ours, without addresses that may hold a key."""

import http.client
from urllib.parse import urlsplit

import requests
import urllib3

from list_sync.errors import (
    AnswerLost,
    AuthenticationFailed,
    RateLimited,
    Refused,
    ResourceNotFound,
    ServiceError,
    ServiceUnavailable,
    UnexpectedResponse,
)

_ADDRESS_ERRORS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    urllib3.exceptions.LocationValueError,
    UnicodeError,
)
_PROXY_FORM = "HTTP_PROXY or HTTPS_PROXY is not the address of an HTTP proxy, for example http://192.168.1.20:3128"
_STATUS_ERRORS: dict[int, tuple[type[ServiceError], str]] = {
    401: (AuthenticationFailed, "the key or token was refused"),
    403: (Refused, "private or forbidden"),
    404: (ResourceNotFound, "not found"),
    410: (ResourceNotFound, "not found, it is gone"),
    429: (RateLimited, "rate limited"),
}


class BodySentOn(requests.RequestException):
    """A redirect (307, 308) that would send a body, with the keys in it, on to another host."""


def translate_failure(service: str, error: Exception, url: str, *, is_sent: bool = False) -> ServiceError:
    """Return our error for a failed exchange with `url`; `is_sent` if a request of it was sent before."""
    wants_socks = isinstance(error, requests.exceptions.InvalidSchema) and "SOCKS" in str(error)
    if wants_socks or isinstance(error, requests.exceptions.InvalidProxyURL):
        return ServiceUnavailable(service, f"{_host(url)} cannot be reached: {_PROXY_FORM}")
    if isinstance(error, _ADDRESS_ERRORS) and is_sent:
        # The first address was right, so this one comes from a redirect. It may hold a key.
        return UnexpectedResponse(service, f"{_host(url)} redirects to an address that is not http(s)://host/…")
    if isinstance(error, _ADDRESS_ERRORS):
        return UnexpectedResponse(
            service, f"{_host(url)} is not an address that can be read: expected http(s)://host/…"
        )
    if isinstance(error, BodySentOn):
        return UnexpectedResponse(service, f"{_host(url)} redirects to another host; the request is not sent there")
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return UnexpectedResponse(service, f"{_host(url)} redirects without end")
    if isinstance(error, requests.exceptions.ContentDecodingError | urllib3.exceptions.DecodeError):
        return UnexpectedResponse(service, f"{_host(url)} sent a compressed answer that cannot be unpacked")
    if isinstance(error, ValueError) and not isinstance(error, requests.RequestException):
        return UnexpectedResponse(service, f"{_host(url)} redirects to an invalid address")
    # After a redirect, that is another host.
    host = _host(_address_of(error) or url)
    if was_never_sent := _never_sent_reason(error):
        return ServiceUnavailable(service, f"{host} cannot be reached: {was_never_sent}")
    return AnswerLost(service, f"{host} {_how_it_was_lost(error)}")


def find_failure(service: str, error: Exception) -> ServiceError | None:
    """Return our error for an error of requests, as code with its own HTTP calls may raise it; else None."""
    if isinstance(error, requests.exceptions.JSONDecodeError):
        return UnexpectedResponse(service, "an answer that is not JSON, expected JSON")
    if not isinstance(error, requests.RequestException):
        return None
    address = _address_of(error)
    if error.response is None:
        return translate_failure(service, error, address)
    status = error.response.status_code
    if status >= 500:
        return ServiceUnavailable(service, f"{_host(address)} is in trouble (HTTP {status})")
    kind, meaning = _STATUS_ERRORS.get(status, (UnexpectedResponse, "no usable answer"))
    return kind(service, f"{meaning} (HTTP {status})")


def _address_of(error: Exception) -> str:
    """Return the address of the request that failed, "" if it is not known."""
    request = error.request if isinstance(error, requests.RequestException) else None
    return str(request.url) if request is not None and request.url else ""


def _goes_by_socks(inner: object) -> bool:
    """Return whether a SOCKS proxy was used. PySocks, which SeleniumBase requires, makes that possible."""
    return isinstance(inner, urllib3.exceptions.MaxRetryError) and type(inner.pool).__name__.startswith("SOCKS")


def _never_sent_reason(error: Exception) -> str:
    """Return why the request was not sent, or nothing if it may have arrived."""
    inner = error.args[0] if error.args else None
    reason = inner.reason if isinstance(inner, urllib3.exceptions.MaxRetryError) else inner
    if isinstance(error, requests.exceptions.SSLError) or isinstance(reason, urllib3.exceptions.SSLError):
        return "its certificate or encryption is not accepted"
    through_proxy = isinstance(error, requests.exceptions.ProxyError) or _goes_by_socks(inner)
    if through_proxy or isinstance(reason, urllib3.exceptions.ProxyError):
        return "the proxy (HTTP_PROXY, HTTPS_PROXY) refuses the connection"
    if isinstance(reason, urllib3.exceptions.NameResolutionError):
        return "its name is not known, check the address and DNS"
    # NewConnectionError first: urllib3 derives it from its timeout.
    if isinstance(reason, urllib3.exceptions.NewConnectionError):
        return "connection refused" if "refused" in str(reason).lower() else "no connection"
    timeouts = (requests.exceptions.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError)
    if isinstance(error, timeouts) or isinstance(reason, timeouts):
        return "no connection in time"
    return ""


def _how_it_was_lost(error: Exception) -> str:
    if isinstance(error, requests.exceptions.ReadTimeout | urllib3.exceptions.ReadTimeoutError):
        return "did not answer in time"
    inner = error.args[0] if error.args else None
    reason = inner.args[-1] if isinstance(inner, urllib3.exceptions.ProtocolError) else None
    breaks_off = isinstance(reason, http.client.RemoteDisconnected | http.client.IncompleteRead)
    if isinstance(reason, http.client.HTTPException) and not breaks_off:
        return "sent an answer that is not HTTP: check the address and the port"
    return "ended the connection before its answer was complete"


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        return (f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname) or "the service"
    except ValueError:
        return "the service"
