"""What Home Assistant is told of the device: its entities, their topics and their states; pure.

One retained message describes the whole device (Home Assistant 2024.11 or later, "Device discovery payload").
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from list_sync.api.http.client import PROJECT_URL
from list_sync.model.mood import Mood
from list_sync.version import __version__

ONLINE, OFFLINE = "online", "offline"
# The payloads of the buttons; anything else is ignored.
SYNC, PAUSE, RESUME = "sync", "pause", "resume"
_NAME = "ListSync"


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one device; `number` tells the daemons at one broker apart."""

    number: str
    prefix: str

    @property
    def device(self) -> str:
        """Return the name of the device."""
        return f"listsync_{self.number}"

    @property
    def config(self) -> str:
        """Return where the device is described."""
        return f"{self.prefix}/device/{self.device}/config"

    @property
    def state(self) -> str:
        """Return where the state of all entities is."""
        return f"listsync/{self.number}/state"

    @property
    def availability(self) -> str:
        """Return where it says whether the daemon runs."""
        return f"listsync/{self.number}/availability"

    @property
    def command(self) -> str:
        """Return where the buttons send their payloads."""
        return f"listsync/{self.number}/command"


@dataclass(frozen=True, slots=True)
class State:
    """The state of all entities."""

    status: Mood
    last_sync: datetime | None
    next_sync: datetime | None
    requested_today: int
    waiting: int
    needs_review: int

    def to_json(self) -> dict[str, Any]:
        """Return the state as it is published."""
        moments = {name: _write(getattr(self, name)) for name in ("last_sync", "next_sync")}
        problem = "ON" if self.status in (Mood.ERROR, Mood.ATTENTION) else "OFF"
        return asdict(self) | moments | {"problem": problem}


def build_config(topics: Topics, *, page: str) -> dict[str, Any]:
    """Return the description of the device; `page` is the address of the dashboard, "" if it is not known."""
    device = {"identifiers": [topics.device], "name": _NAME, "manufacturer": _NAME, "sw_version": __version__}
    return {
        "device": device | ({"configuration_url": page} if page else {}),
        "origin": {"name": _NAME, "sw_version": __version__, "support_url": PROJECT_URL},
        "availability_topic": topics.availability,
        "qos": 1,
        "components": {key: _build(topics, key, entity) for key, entity in _ENTITIES.items()},
    }


_COUNT = {"platform": "sensor", "state_class": "measurement"}
_MOMENT = {"platform": "sensor", "device_class": "timestamp"}
_ENTITIES: Mapping[str, Mapping[str, Any]] = {
    "status": {
        "platform": "sensor",
        "name": "Status",
        "device_class": "enum",
        "options": [mood.value for mood in Mood],
        "icon": "mdi:playlist-check",
    },
    "last_sync": {**_MOMENT, "name": "Last sync"},
    "next_sync": {**_MOMENT, "name": "Next sync"},
    "requested_today": {**_COUNT, "name": "Requested today", "icon": "mdi:send-check"},
    "waiting": {**_COUNT, "name": "Waiting", "icon": "mdi:timer-sand"},
    "needs_review": {**_COUNT, "name": "Needs review", "icon": "mdi:help-circle"},
    "problem": {"platform": "binary_sensor", "name": "Problem", "device_class": "problem"},
    SYNC: {"platform": "button", "name": "Sync now", "icon": "mdi:sync"},
    PAUSE: {"platform": "button", "name": "Pause for a day", "icon": "mdi:pause"},
    RESUME: {"platform": "button", "name": "End the pause", "icon": "mdi:play"},
}


def _build(topics: Topics, key: str, entity: Mapping[str, Any]) -> dict[str, Any]:
    known = {**entity, "unique_id": f"{topics.device}_{key}"}
    if entity["platform"] == "button":
        return known | {"command_topic": topics.command, "payload_press": key}
    return known | {"state_topic": topics.state, "value_template": f"{{{{ value_json.{key} }}}}"}


def _write(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
