"""The client of Overseerr, Jellyseerr and Seerr: plain values in, model types out; no write is ever repeated."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from list_sync.api.http.client import HttpClient
from list_sync.api.mediaserver.address import check_address, find_user_id
from list_sync.api.mediaserver.answers import expect_success, parse_request_answer
from list_sync.api.mediaserver.connection import OverseerrConnection
from list_sync.api.mediaserver.facts import parse_ratings
from list_sync.api.mediaserver.payloads import is_initialized, parse_details, parse_public_settings, parse_search
from list_sync.api.mediaserver.routing import RoutingReader
from list_sync.api.mediaserver.rows import KEY_REFUSED, SERVICE, find_body, find_message, has_access_error
from list_sync.api.mediaserver.users import parse_quotas, parse_user
from list_sync.errors import AuthenticationFailed, ConfigError, LookupFailed, Refused, ServiceUnavailable
from list_sync.model.facts import Ratings
from list_sync.model.matches import Candidate, SearchPage
from list_sync.model.servers import AnswerKind, CallCounts, RequestAnswer, ServerInfo, TitleDetails
from list_sync.model.terms import Approval, SentOptions
from list_sync.model.titles import MediaType, Quality
from list_sync.model.users import ServerUser, UserQuota

# Measured: a call with an API key alone acts as this user.
_KEY_OWNER_ID = 1

# Titles in lists are nearly always English, in any language of the server.
_SEARCH_LANGUAGE = "en"


class OverseerrClient(RoutingReader):
    """One media-request server; `url`, `api_key` and `user_id` are as in OVERSEERR_URL, _API_KEY and _USER_ID."""

    def __init__(
        self,
        url: str | None,
        api_key: str | None,
        user_id: int | str = 1,
        *,
        timeout_seconds: float = 30.0,
        retry_attempts: int = 3,
        stop: threading.Event | None = None,
        own_servers: frozenset[tuple[str, int]] | None = None,
    ) -> None:
        """Check the settings without network; raise ConfigError with all problems.

        `own_servers` are the only private ones that may be asked, if a person typed the address.
        """
        address = check_address(url, api_key, user_id)
        headers = {"X-Api-Key": address.api_key, "Accept": "application/json"}
        if address.authorization:
            headers["Authorization"] = address.authorization
        http = HttpClient(
            SERVICE,
            timeout_seconds=timeout_seconds,
            retry_attempts=retry_attempts,
            stop=stop,
            headers=headers,
            only_public=own_servers is not None,
            own_servers=own_servers or frozenset(),
        )
        self.url = address.url
        self.user_id = address.user_id
        super().__init__(OverseerrConnection(address, http))
        self._owner_id = _KEY_OWNER_ID

    def __repr__(self) -> str:
        return f"OverseerrClient({self.url!r}, api_key='***', user_id={self.user_id})"

    @property
    def calls(self) -> CallCounts:
        """Return the number of calls so far."""
        return self._connection.calls

    @property
    def write_seconds(self) -> float:
        """Return the seconds spent waiting for answers to POST."""
        return self._connection.post_seconds

    @property
    def owner_id(self) -> int:
        """Return the user that calls with the API key alone act as."""
        return self._owner_id

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def fetch_info(self) -> ServerInfo:
        """Return what the server states without a key; raise ServiceUnavailable until its set-up is finished."""
        body = self._connection.read("settings/public").json()
        info = parse_public_settings(body)
        if not is_initialized(body):
            raise ServiceUnavailable(SERVICE, f"is not set up yet: finish its set-up at {self.url}")
        return info

    def fetch_owner(self) -> ServerUser:
        """Return the owner of the API key; raise AuthenticationFailed if the key is wrong."""
        owner = parse_user(self._connection.read("auth/me").json())
        self._owner_id = owner.user_id
        return owner

    def check_access(self) -> ServerInfo:
        """Check key and requester, and return what the server states about itself.

        Raise AuthenticationFailed for a wrong key, and Refused if the requester is not one of its users.
        """
        info = self.fetch_info()
        owner = self.fetch_owner()
        if owner.user_id != self.user_id:
            self.fetch_requester()
        # The API shows nothing else that differs between installations and never changes.
        return replace(info, installation=f"{owner.user_id} {owner.created}" if owner.created else "")

    def fetch_requester(self) -> ServerUser:
        """Return the requester; raise Refused if the server has no such user."""
        answer = self._connection.ask("auth/me", self._requester_headers(self.user_id))
        if answer.status == 403 and has_access_error(find_body(answer)):
            raise Refused(SERVICE, self._describe_unknown_requester())
        expect_success(answer, "auth/me")
        requester = parse_user(answer.json())
        if requester.user_id != self.user_id:
            advice = "let the header X-API-User pass any proxy before it"
            problem = f"takes user {self.user_id} (OVERSEERR_USER_ID) for user {requester.user_id}"
            raise Refused(SERVICE, f"{problem}: {advice}")
        return requester

    def _describe_unknown_requester(self) -> str:
        known = ", ".join(f"{user.user_id} ({user.name})" for user in self.fetch_users()[:10])
        problem = f"OVERSEERR_USER_ID={self.user_id} is not a user of the server"
        return f"{problem}: set it to the number of one of its users, for example {known}"

    def fetch_quotas(self, requester_id: int | None = None) -> Mapping[MediaType, UserQuota]:
        """Return how much a user (by default OVERSEERR_USER_ID) may still request, by kind of title."""
        user_id = self.user_id if requester_id is None else requester_id
        path = f"user/{user_id}/quota"
        answer = self._connection.ask(path, self._requester_headers(user_id))
        expect_success(answer, path)
        return parse_quotas(answer.json())

    def find_details(self, media_type: MediaType, tmdb_id: int) -> TitleDetails | None:
        """Return a title's detail page; None if TMDB has no such title or is down, as the server does not say which.

        Raise LookupFailed if the server fails at this page in another way.
        """
        path = f"{media_type.value}/{tmdb_id}"
        answer = self._connection.ask_once(path)
        if answer.status in (404, 500) and find_message(find_body(answer)).startswith("Unable to retrieve"):
            return None
        if answer.status == 500:
            raise LookupFailed(
                SERVICE, f"failed at /{path} (HTTP 500): {find_message(find_body(answer)) or 'no reason'}"
            )
        expect_success(answer, path)
        return parse_details(media_type, tmdb_id, answer.json())

    def fetch_ratings(self, media_type: MediaType, tmdb_id: int) -> Ratings:
        """Return the ratings of a title elsewhere; they are not read if the server, or who rates, fails at them."""
        path = f"{media_type.value}/{tmdb_id}/{'ratingscombined' if media_type is MediaType.MOVIE else 'ratings'}"
        answer = self._connection.ask_once(path)
        if answer.status in (404, 500):
            # 404 is "no ratings found"; with 500, a service behind the server failed.
            return Ratings(is_read=answer.status == 404)
        expect_success(answer, path)
        return parse_ratings(media_type, answer.json())

    def search(self, query: str, *, page: int = 1) -> SearchPage:
        """Return one page of the title search.

        An empty page proves nothing: the servers also send one when TMDB is down.
        """
        words = " ".join(query.split())
        if not words:
            return SearchPage((), page, 0, 0)
        return parse_search(self._connection.read("search", query=words, page=page, language=_SEARCH_LANGUAGE).json())

    def find_by_imdb(self, imdb_id: str) -> tuple[Candidate, ...]:
        """Return the films and shows with this IMDb id; raise LookupFailed when TMDB did not answer the server."""
        return self._find_by_id(f"imdb:{imdb_id}").candidates

    def find_by_tvdb(self, tvdb_id: int) -> tuple[Candidate, ...]:
        """Return the shows with this TVDB id, two if they share it; raise LookupFailed when TMDB did not answer."""
        candidates = self._find_by_id(f"tvdb:{tvdb_id}").candidates
        return tuple(candidate for candidate in candidates if candidate.media_type is MediaType.TV)

    def _find_by_id(self, query: str) -> SearchPage:
        # A 500 here means that TMDB failed. A retry would hide that TMDB fails now and then.
        answer = self._connection.ask_once("search", query=query)
        if answer.status == 500:
            words = find_message(find_body(answer)) or "HTTP 500"
            raise LookupFailed(SERVICE, f"could not look up {query} at TMDB: {words}")
        expect_success(answer, "search")
        return parse_search(answer.json())

    def create_request(
        self,
        *,
        media_type: MediaType,
        tmdb_id: int,
        quality: Quality,
        seasons: Sequence[int] = (),
        requester_id: int | None = None,
        approval: Approval = Approval.REQUESTER,
        options: SentOptions | None = None,
    ) -> RequestAnswer:
        """Request a title, once, for `requester_id` (by default OVERSEERR_USER_ID).

        The permission and the quota of this user count in any case; `approval` says whose permissions approve it.
        Raise AnswerLost if the request may have been made, ServiceUnavailable if it was not.
        """
        # Measured: without is4k the duplicate check never matches, and shows without seasons are answered 500.
        body: dict[str, object] = {
            "mediaType": media_type.value,
            "mediaId": int(tmdb_id),
            "is4k": quality is Quality.UHD,
        }
        if media_type is MediaType.TV:
            body["seasons"] = sorted({int(number) for number in seasons})
        body |= build_options(options)
        headers = self._requester_headers(self.user_id if requester_id is None else requester_id)
        if approval is Approval.KEY and headers:
            # Measured: approval and override rules follow the caller, permission and quota this user.
            body["userId"], headers = int(headers["X-API-User"]), {}
        answer = self._connection.write("POST", "request", json=body, headers=headers)
        if answer.status == 403 and has_access_error(find_body(answer)):
            return self._judge_access_error(headers)
        return parse_request_answer(answer)

    def _requester_headers(self, requester_id: int) -> Mapping[str, str]:
        number = find_user_id(requester_id)
        if number is None:
            raise ConfigError(f"requester {requester_id!r} is not the number of a user of the server, for example 1")
        return {} if number == self._owner_id else {"X-API-User": str(number)}

    def _judge_access_error(self, headers: Mapping[str, str]) -> RequestAnswer:
        if not self._connection.is_key_accepted():
            raise AuthenticationFailed(SERVICE, KEY_REFUSED)
        if not headers:
            raise AuthenticationFailed(SERVICE, "the owner of OVERSEERR_API_KEY may not change requests")
        return RequestAnswer(AnswerKind.REQUESTER_UNKNOWN, f"user {headers['X-API-User']} does not exist on the server")

    def delete_request(self, request_id: int) -> bool:
        """Delete a request; return False if it did not exist any more."""
        path = f"request/{int(request_id)}"
        answer = self._connection.write("DELETE", path)
        body = find_body(answer)
        if answer.status == 404 and find_message(body).startswith("Request not found"):
            return False
        if answer.status == 403 and has_access_error(body):
            self._judge_access_error({})
        expect_success(answer, path)
        return True


def build_options(options: SentOptions | None) -> dict[str, object]:
    """Return the part of a request's body that says where it goes; what is not stated is left to the server."""
    if options is None:
        return {}
    tags = None if options.tags is None else list(options.tags)
    stated = {
        "serverId": options.server_id,
        "profileId": options.profile_id,
        "rootFolder": options.root_folder,
        "tags": tags,
    }
    return {key: value for key, value in stated.items() if value is not None}
