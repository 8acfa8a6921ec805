"""The channels for messages: the only module that knows Apprise, which is imported when a message is to be sent."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from list_sync.config.messages import DISCORD, DISCORD_ADVICE, Address
from list_sync.notifying.rendering import APP, Form, Message

if TYPE_CHECKING:
    from apprise import NotifyBase

# Discord cuts nothing: it refuses what is longer.
MOST_CHARACTERS = 1900
# Discord shows plain text as Markdown.
_ALWAYS_MARKDOWN = ("Discord",)
_STATUS = re.compile(r"error[= ](\d{3})")


@dataclass(frozen=True, slots=True)
class Channel:
    """One service that takes messages; `name` is that of the service, without its address."""

    key: str
    name: str
    form: Form
    most: int
    _plugin: "NotifyBase"

    def send(self, message: Message) -> str:
        """Send a message and return why it did not arrive, "" if it did; each socket waits a few seconds."""
        from apprise import NotifyFormat

        heard, logger = _Heard(), _silence()
        logger.addHandler(heard)
        try:
            body_format = NotifyFormat(self.form.value)
            is_sent = self._plugin.notify(body=message.body, title=message.title, body_format=body_format)
        except Exception as error:
            # Each of its services is other people's code, and no fault of theirs may end the thread.
            return f"it failed: {type(error).__name__}"
        finally:
            logger.removeHandler(heard)
        return "" if is_sent else heard.reason


def _silence() -> logging.Logger:
    """Keep what Apprise logs out of our log, because it holds addresses and their keys; return its logger."""
    from apprise.logger import logger

    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return logger


class _Heard(logging.Handler):
    """Hears what Apprise says of a failure, and keeps the HTTP status alone: the rest may hold the address."""

    def __init__(self) -> None:
        super().__init__()
        self.reason = "it did not answer, or did not take it"

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the status of an answer."""
        if found := _STATUS.search(record.getMessage()):
            self.reason = f"it answered HTTP {found[1]}"


def open_channels(addresses: Sequence[Address]) -> tuple[tuple[Channel, ...], tuple[str, ...]]:
    """Return the channels, and a line for each address that Apprise does not understand."""
    import apprise

    _silence()
    asset = apprise.AppriseAsset(
        app_id=APP, app_desc=APP, app_url="https://github.com/Woahai321/list-sync", async_mode=False, plugin_paths=[]
    )
    channels, wrong, names = list[Channel](), list[str](), list[str]()
    for number, address in enumerate(addresses, start=1):
        plugin = apprise.Apprise.instantiate(address.text, asset=asset)
        if plugin is None:
            wrong.append(_describe_wrong(address, number))
            continue
        service = str(plugin.service_name)
        names.append(service)
        count = names.count(service)
        name = service if count == 1 else f"{service} ({count})"
        form = Form.MARKDOWN if service in _ALWAYS_MARKDOWN else Form(plugin.resolve_format(None).value)
        channels.append(Channel(address.key, name, form, min(MOST_CHARACTERS, plugin.body_maxlen), plugin))
    return tuple(channels), tuple(wrong)


def _describe_wrong(address: Address, number: int) -> str:
    if address.setting == DISCORD:
        return f"{DISCORD}: it is no address of a webhook; {DISCORD_ADVICE}"
    advice = "see https://github.com/caronc/apprise/wiki for the address of each service"
    return f"{address.setting}: Apprise does not understand entry {number}; {advice}"
