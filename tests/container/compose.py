"""A project folder with the repository's own compose files, in which docker-compose runs."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.container.engine import IMAGE, LABEL, TIMEOUT_SECONDS, Container, docker, new_name

REPOSITORY = Path(__file__).parents[2]
PORTS = re.compile(r"^    ports:\n(?:      .*\n)+", re.MULTILINE)
COMMAND = ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]


def find_problem():
    """Return why compose cannot be tried, or None."""
    try:
        done = subprocess.run([*COMMAND, "version"], capture_output=True, text=True, timeout=20)
    except OSError as error:
        return f"there is no compose ({error})"
    return None if done.returncode == 0 else "there is no compose"


class Project:
    """One project, whose services have names of their own.

    They share the network of the neighbours, where docker publishes no port; without neighbours, they are as the
    files say.
    """

    def __init__(self, folder, neighbours, *files, services, image=IMAGE, **settings):
        self.folder = folder
        self.name = new_name()
        self.services = {service: f"{self.name}-{service}" for service in services}
        compose_file = (REPOSITORY / "docker-compose.yml").read_text()
        (folder / "docker-compose.yml").write_text(PORTS.sub("", compose_file) if neighbours else compose_file)
        shutil.copytree(REPOSITORY / "docker", folder / "docker", dirs_exist_ok=True)
        (folder / ".env").write_text("".join(f"{name}={text}\n" for name, text in settings.items()))
        network = {"network_mode": f"container:{neighbours.name}"} if neighbours else {}
        overrides = {
            service: {"container_name": container, "labels": [LABEL], **network}
            for service, container in self.services.items()
        }
        override = folder / "docker-compose.override.yml"
        override.write_text(json.dumps({"services": overrides}))
        files = [*(files or ("docker-compose.yml",)), override.name]
        # The guide's script calls docker-compose without any option.
        self.environment = {
            **os.environ,
            "COMPOSE_FILE": ":".join(files),
            "COMPOSE_PROJECT_NAME": self.name,
            "IMAGE": image,
        }

    def compose(self, *arguments):
        return self.run([*COMMAND, "--project-directory", ".", *arguments])

    def run(self, command, *, check=True):
        """Run something in the folder, as somebody who sits there."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=TIMEOUT_SECONDS
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def up(self):
        self.compose("up", "--detach", "--no-build")

    def container(self, service="listsync"):
        return Container(self.services[service])

    def remove(self):
        self.compose("down", "--volumes", "--timeout", "1")
        for container in self.services.values():
            docker("rm", "--force", "--volumes", container, check=False)
