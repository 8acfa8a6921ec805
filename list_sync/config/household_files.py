"""The files of further households in CONFIG_DIR/households: which there are, and what they may be called."""

import re
from pathlib import Path

from list_sync.errors import ConfigError
from list_sync.model.households import HOME

FOLDER = "households"
SUFFIX = ".yaml"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")


def find_files(config_dir: Path) -> dict[str, Path]:
    """Return the file of each further household by its name, which may be a wrong one; none of a closed folder."""
    try:
        paths = sorted((config_dir / FOLDER).glob("[!.]*.y*ml"))
    except PermissionError:
        return {}
    return {path.name.removesuffix(SUFFIX): path for path in paths if path.suffix in (SUFFIX, ".yml")}


def check_name(name: str, path: Path) -> None:
    """Raise ConfigError if a file is not called as the file of a household may be."""
    if path.suffix != SUFFIX:
        raise ConfigError(f"{path}: rename it to {path.stem}{SUFFIX}, the only ending that is read")
    if name == HOME:
        raise ConfigError(f"{path}: {HOME} is the household of the environment and of lists.yaml; give it another name")
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{path}: name it with small letters, digits and -, at most 32, as in kids-4k{SUFFIX}")
