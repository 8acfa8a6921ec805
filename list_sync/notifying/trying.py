"""A test message to each channel, at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from list_sync.config.messages import Address
from list_sync.notifying.channels import open_channels
from list_sync.notifying.rendering import APP, Message

TEST = Message(f"{APP}: a test", "Messages of ListSync arrive here.")
UNSET = "no address for messages is set: for example NOTIFY_URLS=ntfy://ntfy.sh/my-topic"


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of the test of one channel; `reason` is "" if the message arrived."""

    service: str
    reason: str = ""


def try_channels(addresses: Sequence[Address]) -> tuple[Trial, ...]:
    """Send a test message to each channel and return what came of it."""
    channels, wrong = open_channels(addresses)
    tried = [Trial(channel.name, channel.send(TEST)) for channel in channels]
    return (*tried, *(Trial(*line.split(": ", 1)) for line in wrong))
