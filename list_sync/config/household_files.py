"""The files of further households in CONFIG_DIR/households: which there are, and what they may be called."""

import os
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


def describe_closed(config_dir: Path) -> str:
    """Say that the folder of these files cannot be read, so that they are not known; "" if it can, or is missing."""
    folder = config_dir / FOLDER
    try:
        with os.scandir(folder):
            # A folder that may not be entered shows names alone.
            os.stat(f"{folder}/.")  # noqa: PTH116 (a Path has no dot at its end)
    except PermissionError:
        return f"{folder} cannot be read: let user {os.geteuid()} read it"
    except OSError:
        return ""
    return ""


def check_name(name: str, path: Path) -> None:
    """Raise ConfigError if a file is not called as the file of a household may be."""
    if path.suffix != SUFFIX:
        raise ConfigError(f"{path}: rename it to {path.stem}{SUFFIX}, the only ending that is read")
    if name == HOME:
        raise ConfigError(f"{path}: {HOME} is the household of the environment and of lists.yaml; give it another name")
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{path}: name it with small letters, digits and -, at most 32, as in kids-4k{SUFFIX}")
