"""What scripts need of the settings."""

from typing import NamedTuple

from list_sync.config.settings import load_settings


class EnvConfig(NamedTuple):
    """What scripts need of the environment; only `url` and `api_key` can be None."""

    url: str | None
    api_key: str | None
    user_id: int
    sync_interval: float
    automated_mode: bool
    is_4k: bool


def load_env_config() -> EnvConfig:
    """Return the server's settings from the environment, secret files and .env, without any network call.

    Raise ConfigError with every problem at once.
    """
    settings = load_settings(providers={})
    key = settings.household.overseerr_api_key
    return EnvConfig(
        url=settings.household.overseerr_url,
        api_key=key.get_secret_value() if key else None,
        user_id=settings.household.overseerr_user_id,
        sync_interval=settings.household.sync_interval,
        automated_mode=settings.process.automated_mode,
        is_4k=settings.household.overseerr_4k,
    )
