"""What an issuer says of itself (OpenID Connect Discovery): its addresses, and what it can do."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from list_sync.errors import UnexpectedResponse

SERVICE = "OIDC_ISSUER"
PLACE = "/.well-known/openid-configuration"
_LONGEST_ADDRESS = 2000
_BASIC, _POST = "client_secret_basic", "client_secret_post"


@dataclass(frozen=True, slots=True)
class Metadata:
    """The addresses of an issuer; "" where it has none. `client_auth` is how ListSync says who it is."""

    authorization: str
    token: str
    keys: str
    user_info: str
    end_session: str
    scopes: frozenset[str]
    client_auth: str
    states_issuer: bool

    def find_scopes(self, *, with_groups: bool) -> str:
        """Return the scopes to ask for; an unknown one would be an error for some issuers."""
        # authentik states groups in `profile`, others in `groups`.
        wanted = ("openid", "email", *(("profile", "groups") if with_groups else ()))
        return " ".join(one for one in wanted if one in ("openid", "email") or one in self.scopes)


def parse_metadata(document: object, issuer: str) -> Metadata:
    """Return the metadata of an issuer; raise UnexpectedResponse if the document is not the one of this issuer."""
    if not isinstance(document, Mapping):
        raise UnexpectedResponse(SERVICE, f"{PLACE} is no JSON object")
    stated = document.get("issuer")
    if stated != issuer:
        name = stated if isinstance(stated, str) and stated.isprintable() and len(stated) <= 200 else "something else"
        raise UnexpectedResponse(SERVICE, f"the issuer calls itself {name}: write exactly that as OIDC_ISSUER")
    methods = _find_list(document, "token_endpoint_auth_methods_supported")
    is_post = _BASIC not in methods and _POST in methods
    return Metadata(
        authorization=_find_address(document, "authorization_endpoint", issuer),
        token=_find_address(document, "token_endpoint", issuer),
        keys=_find_address(document, "jwks_uri", issuer),
        user_info=_find_address(document, "userinfo_endpoint", issuer, is_needed=False),
        end_session=_find_address(document, "end_session_endpoint", issuer, is_needed=False),
        scopes=frozenset(one for one in _find_list(document, "scopes_supported") if isinstance(one, str)),
        client_auth=_POST if is_post else _BASIC,
        states_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _find_address(document: Mapping[str, object], name: str, issuer: str, *, is_needed: bool = True) -> str:
    """Return one address; raise UnexpectedResponse if it is missing, or not as well encrypted as the issuer."""
    text = document.get(name)
    if text is None and not is_needed:
        return ""
    if not isinstance(text, str) or not _is_address(text, ("https", issuer.partition(":")[0].lower())):
        raise UnexpectedResponse(SERVICE, f"{name} in {PLACE} is no address that can be used")
    return text


def _is_address(text: str, schemes: tuple[str, ...]) -> bool:
    if len(text) > _LONGEST_ADDRESS or not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        return False


def _find_list(document: Mapping[str, object], name: str) -> list[object]:
    found = document.get(name)
    return found if isinstance(found, list) else []
