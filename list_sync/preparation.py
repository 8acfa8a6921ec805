"""Settings together with the providers, which bring settings of their own."""

from dataclasses import replace

from list_sync.config import Settings, find_config_dir, load_settings
from list_sync.config.environment import export_proxies
from list_sync.providers import available_providers
from list_sync.providers.custom import find_untold, load_custom_providers


def prepare_settings() -> Settings:
    """Load the providers in CONFIG_DIR, then the settings, because each provider brings settings of its own."""
    export_proxies()
    problems = load_custom_providers(find_config_dir() / "providers")
    settings = load_settings(providers=available_providers())
    return replace(settings, warnings=(*settings.warnings, *find_untold(problems, settings.household.lists)))
