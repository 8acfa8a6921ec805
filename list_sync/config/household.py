"""The settings of a household: its server, lists, credentials, caps and schedule."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Annotated

from pydantic import Field, InstanceOf, SecretStr

from list_sync.config.checked import Boolean, Checked, from_text, whole
from list_sync.config.rhythms import Rhythm, parse_rhythm, parse_schedule
from list_sync.config.values import parse_episodes, parse_interval, parse_secret, parse_server_url
from list_sync.model.households import HOME
from list_sync.model.policy import Caps, HouseholdPolicy
from list_sync.model.sources import ListKey, ListRef
from list_sync.model.terms import Terms
from list_sync.model.titles import Quality, counted

Cap = Annotated[int, whole(0, 1_000_000, "50 (0 means no cap)")]


class HouseholdSettings(Checked):
    """What one household wants: its server and requester, lists and credentials, caps and schedule.

    `name` is `home` for the household of the environment, and `stated_policy` the one that lists.yaml states. The
    server's address is not in the repr, because it may hold a password.
    """

    name: str = HOME
    overseerr_url: Annotated[str | None, from_text(parse_server_url)] = Field(default=None, repr=False)
    overseerr_api_key: Annotated[SecretStr | None, from_text(parse_secret)] = None
    overseerr_user_id: Annotated[int, whole(1, 2**31 - 1, "1 (the number in the address of the user's page)")] = 1
    overseerr_4k: Boolean = False
    sync_interval: Annotated[float, from_text(parse_interval)] = 24.0
    sync_schedule: Annotated[tuple[str, ...], from_text(parse_schedule)] = ()
    episodes: Annotated[str | None, from_text(parse_episodes)] = None
    trakt_special_items_limit: Annotated[int, whole(1, 10_000, "20")] = 20
    max_requests_per_run: Cap = 0
    max_requests_per_day: Cap = 0
    dry_run: Boolean = False
    lists: tuple[ListRef, ...] = ()
    credentials: Mapping[str, SecretStr] = Field(default_factory=dict)
    stated_policy: InstanceOf[HouseholdPolicy] | None = None

    @property
    def policy(self) -> HouseholdPolicy:
        """Return the policy; its fingerprint changes with every change of the lists or their terms."""
        policy = self.stated_policy or self._policy_of_environment
        defaults, keys = policy.defaults, sorted(ref.key for ref in self.lists)
        states = (policy.fingerprint, policy.caps, defaults.requester_id, defaults.qualities, keys)
        return replace(policy, fingerprint=hashlib.sha256(repr(states).encode()).hexdigest()[:32])

    @property
    def _policy_of_environment(self) -> HouseholdPolicy:
        quality = Quality.UHD if self.overseerr_4k else Quality.HD
        caps = Caps(self.max_requests_per_run, per_requester=self.max_requests_per_day)
        return HouseholdPolicy(defaults=Terms(self.overseerr_user_id, (quality,)), caps=caps)

    @property
    def rhythm(self) -> Rhythm:
        """Return how often lists are synced that have no schedule of their own."""
        return Rhythm(self.sync_interval, self.sync_schedule)

    @property
    def rhythms(self) -> Mapping[str, Rhythm]:
        """Return every rhythm by the schedule of its lists, which is empty for the rhythm of the household."""
        own = {text: parse_rhythm(text) for ref in self.lists if (text := ref.terms.schedule)}
        return own if own and all(ref.terms.schedule for ref in self.lists) else {"": self.rhythm, **own}

    def find_resting(self, due: Collection[ListRef]) -> frozenset[ListKey]:
        """Return the lists that are not due, if `due` are all lists of one or more schedules; none otherwise."""
        keys = {ref.key for ref in due}
        schedules = {ref.terms.schedule for ref in self.lists if ref.key in keys}
        of_them = {ref.key for ref in self.lists if ref.terms.schedule in schedules}
        return frozenset(ref.key for ref in self.lists) - keys if keys and keys == of_them else frozenset()

    def describe_rhythm(self) -> str:
        """Return how often the lists are synced, for people."""
        own = sum(bool(ref.terms.schedule) for ref in self.lists)
        of_own = [f"{counted(own, 'list')} by {'its' if own == 1 else 'their'} own schedule"] if own else []
        return ", ".join([*([self.rhythm.describe()] if "" in self.rhythms else []), *of_own])

    def longest_interval(self, now: datetime, zone: tzinfo) -> timedelta:
        """Return the longest time without a scheduled sync."""
        gaps = (rhythm.find_longest_gap(now, zone) for rhythm in self.rhythms.values())
        return min(filter(None, gaps), default=timedelta(0))

    def shortest_interval(self, now: datetime, zone: tzinfo) -> timedelta | None:
        """Return the shortest time between two scheduled syncs of a list; None if there is only one."""
        gaps = (rhythm.find_shortest_gap(now, zone) for rhythm in self.rhythms.values())
        return min(filter(None, gaps), default=None)
