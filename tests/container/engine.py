"""Containers of the image under test, driven by the docker command as people drive it."""

import itertools
import json
import os
import re
import subprocess
import threading
import time
import uuid

from tests.fakes.patience import PATIENCE_SECONDS

DOCKER = os.environ.get("DOCKER", "docker")
IMAGE = os.environ.get("LIST_SYNC_IMAGE", "list-sync:slim")
FULL_IMAGE = os.environ.get("LIST_SYNC_FULL_IMAGE", "list-sync:full")
ROUNDS = int(os.environ.get("CONTAINER_ROUNDS", "2"))
PREFIX = "list-sync-test"
# What is left of this run is told from what runs beside it.
LABEL = f"{PREFIX}={uuid.uuid4().hex}"
DATA = "/usr/src/app/data"
TIMEOUT_SECONDS = 120
NO_CAPABILITY = (
    *("--read-only", "--tmpfs", "/tmp:rw,noexec,nosuid,size=256m"),  # noqa: S108 (of the container)
    *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
)
CLOSED = re.compile(r'^.*(?:INFO |ERROR |"message": ")(?:Sync completed|Error).*$', re.MULTILINE)


def docker(*arguments, check=True, **more):
    """Run the docker command to its end; return what it printed and its code."""
    done = subprocess.run([DOCKER, *arguments], capture_output=True, text=True, timeout=TIMEOUT_SECONDS, **more)
    assert not check or done.returncode == 0, f"docker {' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done


def find_problem():
    """Return why no container can be tried here, or None."""
    try:
        info = subprocess.run([DOCKER, "info"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"the image cannot be tried: no docker command answers ({error})"
    if info.returncode:
        return "the image cannot be tried: no Docker engine answers; start one, or set DOCKER_HOST"
    return None


def has_image(image):
    return docker("image", "inspect", image, check=False).returncode == 0


def new_name():
    return f"{PREFIX}-{uuid.uuid4().hex[:12]}"


def counter(text):
    return lambda line: line.count(text)


def settings_of(settings):
    return [part for name, text in settings.items() for part in ("--env", f"{name}={text}")]


class Container:
    """One container, from its start to its removal; its log is that of all its starts."""

    def __init__(self, name):
        self.name = name

    @classmethod
    def run(cls, *command, options=(), image=IMAGE, **settings):
        """Start one that stays in the background."""
        name = new_name()
        docker("run", "--detach", "--name", name, "--label", LABEL, *options, *settings_of(settings), image, *command)
        return cls(name)

    def inspect(self, what):
        return docker("inspect", "--format", what, self.name).stdout.strip()

    @property
    def is_running(self):
        return self.inspect("{{.State.Running}}") == "true"

    @property
    def exit_code(self):
        return int(self.inspect("{{.State.ExitCode}}"))

    @property
    def log(self):
        return self.log_since("")

    def log_since(self, moment):
        """Return what was said from a moment on, or all of it."""
        done = docker("logs", *(["--since", moment] if moment else []), self.name)
        return done.stdout + done.stderr

    def state_words(self):
        """Return what the guide's Home Assistant sensor sees."""
        command = f"{DOCKER} logs {self.name} --tail 1 2>/dev/null | grep -o 'Sync completed\\|Error\\|Running'"
        found = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
        return found.stdout.splitlines()

    def wait_for(self, text, *, times=1, seconds=PATIENCE_SECONDS, since=""):
        """Follow its log until it has said something so many times; fail if it ends before that."""
        command = [DOCKER, "logs", "--follow", *(["--since", since] if since else []), self.name]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            timer = threading.Timer(seconds, process.kill)
            timer.start()
            try:
                if not any(count >= times for count in itertools.accumulate(map(counter(text), process.stdout))):
                    raise AssertionError(f"{text!r} was not in the log of {self.name} within {seconds} s:\n{self.log}")
            finally:
                timer.cancel()
                process.kill()

    def wait(self):
        """Wait for its end; return the exit code."""
        return int(docker("wait", self.name).stdout)

    def signal(self, name):
        docker("kill", "--signal", name, self.name)

    def kill(self):
        """Cut its power; one that has ended by itself is dead as well."""
        docker("kill", "--signal", "KILL", self.name, check=False)
        docker("wait", self.name)

    def start(self):
        docker("start", self.name)

    def stop(self, *, seconds=10):
        """Stop as `docker stop` does; return the exit code and the seconds that it took."""
        began = time.monotonic()
        docker("stop", "--time", str(seconds), self.name)
        return self.exit_code, time.monotonic() - began

    def execute(self, *command, check=True, **more):
        return docker("exec", self.name, *command, check=check, **more)

    def closings(self):
        """Return the closing lines of its runs; one that is repeated holds the same time and counts once."""
        return list(dict.fromkeys(CLOSED.findall(self.log)))

    def processes(self):
        """Return what the processes inside are doing and called, as one (id, state, name) each."""
        script = (
            "import os\n"
            "for entry in os.listdir('/proc'):\n"
            "    if entry.isdigit() and int(entry) != os.getpid():\n"
            "        try: print(open(f'/proc/{entry}/stat').read())\n"
            "        except OSError: continue\n"
        )
        lines = self.execute("/opt/list-sync/bin/python", "-c", script).stdout.splitlines()
        found = (re.match(r"(\d+) \((.*)\) (\S)", line) for line in lines if line)
        return [(int(process[1]), process[3], process[2]) for process in found]

    def read(self, *paths):
        """Return the first file inside that there is, or None."""
        script = f"for file in {' '.join(paths)}; do [ -r $file ] && cat $file && exit 0; done; exit 1"
        done = self.execute("sh", "-c", script, check=False)
        return done.stdout if done.returncode == 0 else None

    def peak_bytes(self):
        """Return the most memory that its cgroup ever held, file cache included."""
        return int(self.read("/sys/fs/cgroup/memory.peak", "/sys/fs/cgroup/memory/memory.max_usage_in_bytes"))

    def remove(self):
        docker("rm", "--force", "--volumes", self.name, check=False)


class Neighbours:
    """The demo's server and sources in a container whose loopback others share; it has no network, or that of another.

    They are told over stdin what to do: `neighbours.server.requests()`, `neighbours.server.faults.set(only=...)`.
    """

    def __init__(self, program, *, image=IMAGE, mounts=(), network="none", **options):
        self.name = new_name()
        start = ["run", "--interactive", "--rm", "--name", self.name, "--label", LABEL, "--network", network]
        user = ["--user", "65534:65534", "--entrypoint", "/opt/list-sync/bin/python", *mounts]
        command = [DOCKER, *start, *user, image, "-u", "-c", program.read_text(), json.dumps(options)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addresses = json.loads(self._process.stdout.readline())
        self.network = ("--network", f"container:{self.name}")
        self.server = Remote(self, "server")
        self.sources = Remote(self, "sources")

    def ask(self, order):
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer
        return answer["is"]

    def settings(self, **more):
        """Return how a ListSync finds the server."""
        return {"OVERSEERR_URL": self.addresses["server"], "OVERSEERR_API_KEY": self.addresses["key"], **more}

    def requested(self):
        """Return the TMDB ids of the requests on the server, sorted, doubled ones twice."""
        return sorted(row["tmdb_id"] for row in self.server.requests())

    def close(self):
        self._process.stdin.close()
        self._process.wait(TIMEOUT_SECONDS)
        self._process.stdout.close()


class Remote:
    """One thing in there, whose methods can be called and whose attributes can be set."""

    def __init__(self, neighbours, path):
        self._neighbours = neighbours
        self._path = path

    def __getattr__(self, name):
        return Remote(self._neighbours, f"{self._path}.{name}")

    def __call__(self, *arguments):
        return self._neighbours.ask({"call": self._path, "arguments": arguments})

    def get(self):
        return self._neighbours.ask({"get": self._path})

    def set(self, **values):
        return self._neighbours.ask({"of": self._path, "set": values})
