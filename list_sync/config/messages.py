"""The settings of messages and of Home Assistant: parsing, and what they mean; errors never repeat an address."""

import hashlib
import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from list_sync.config.values import shown
from list_sync.model.notices import Topic

_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*://"
NOTIFY_URLS, DISCORD = "NOTIFY_URLS", "DISCORD_WEBHOOK_URL"
# An address may hold commas of its own, for example between the recipients of a mail.
_BETWEEN = re.compile(rf"[\s,]+(?={_SCHEME})")
_ADDRESS = re.compile(rf"{_SCHEME}[^\s]+")
_WEB_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
DISCORD_ADVICE = "copy it in Discord: Server Settings, Integrations, Webhooks"
_URL_EXAMPLE = "ntfy://ntfy.sh/my-topic"
_PREFIX = re.compile(r"[\w-]+(?:/[\w-]+)*", re.ASCII)
DEFAULT_PREFIX = "homeassistant"


def parse_notify_urls(text: str) -> str:
    """Return the addresses of Apprise of a setting, one a line."""
    parts = split_addresses(text)
    for number, part in enumerate(parts, start=1):
        if not _ADDRESS.fullmatch(part):
            raise ValueError(f"entry {number} is no address of Apprise; for example {_URL_EXAMPLE}")
    if not parts:
        raise ValueError(f"it holds no address of Apprise; for example {_URL_EXAMPLE}")
    return "\n".join(parts)


def split_addresses(text: str) -> tuple[str, ...]:
    """Return the addresses of a text, between which are commas or line breaks, each once."""
    return tuple(dict.fromkeys(filter(None, (part.strip(" \t\r\n,") for part in _BETWEEN.split(text)))))


def parse_discord_url(text: str) -> str:
    """Return the address of a webhook of Discord; a model from a guide is no error, because 0.6.x ignored it."""
    if not _WEB_ADDRESS.fullmatch(text):
        raise ValueError(f"it is no address; {DISCORD_ADVICE}")
    return text


def parse_topics(text: str) -> tuple[Topic, ...]:
    """Return what people want to be told of."""
    words = dict.fromkeys(filter(None, re.split(r"[,\s]+", text.lower())))
    wrong = next((word for word in words if word not in set(Topic)), None)
    if wrong or not words:
        raise ValueError(f"{shown(wrong or '')} is none of {', '.join(Topic)}; for example failed,attention")
    return tuple(topic for topic in Topic if topic in words)


@dataclass(frozen=True, slots=True)
class Address:
    """Where messages go, and the setting that says so."""

    setting: str
    text: str = field(repr=False)

    @property
    def key(self) -> str:
        """Return what tells channels apart in the database, which never holds an address."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


def find_addresses(notify_urls: SecretStr | None, discord_webhook_url: SecretStr | None) -> tuple[Address, ...]:
    """Return all addresses to which messages go."""
    parts = split_addresses(notify_urls.get_secret_value()) if notify_urls else ()
    found = [Address(NOTIFY_URLS, part) for part in parts]
    if discord_webhook_url:
        found.append(Address(DISCORD, discord_webhook_url.get_secret_value()))
    return tuple({one.text: one for one in found}.values())


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker of MQTT, and the prefix of the topics that Home Assistant looks at."""

    host: str
    port: int
    is_encrypted: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    prefix: str = DEFAULT_PREFIX


def parse_mqtt_url(text: str) -> str:
    """Return the address of a broker, checked."""
    find_broker(text)
    return text


def find_broker(text: str) -> Broker:
    """Return what the address of a broker says; raise ValueError, without the address, if it is none."""
    form = "write it as mqtt://user:password@192.168.1.20:1883, or mqtts:// for an encrypted connection"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(f"the address cannot be read; {form}") from None
    is_encrypted = parts.scheme.lower() == "mqtts"
    prefix = parts.path.strip("/") or DEFAULT_PREFIX
    is_whole = parts.scheme.lower() in ("mqtt", "mqtts") and parts.hostname and port != 0
    if not is_whole or parts.query or parts.fragment or any(character.isspace() for character in text):
        raise ValueError(f"it is no address of a broker; {form}")
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"the part behind the host is the prefix of discovery, such as /{DEFAULT_PREFIX}; {form}")
    return Broker(
        host=parts.hostname or "",
        port=port or (8883 if is_encrypted else 1883),
        is_encrypted=is_encrypted,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        prefix=prefix,
    )
