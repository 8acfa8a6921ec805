"""What a container holds in memory while something happens, looked at from inside every tenth of a second."""

import subprocess

from tests.container.engine import DOCKER, TIMEOUT_SECONDS

# Usage without the file cache that the kernel takes back at will, as `docker stats` counts; cgroup 1 and 2.
WATCH = """
cd /sys/fs/cgroup
if [ -d memory ]; then usage=memory/memory.usage_in_bytes stat=memory/memory.stat word=total_inactive_file
else usage=memory.current stat=memory.stat word=inactive_file; fi
while sleep 0.1; do read -r held <$usage; while read -r name count; do
  if [ $name = $word ]; then echo $((held - count)); fi; done <$stat; done
"""


class Watch:
    """Looks as long as the context lasts; `peak` and `last` are bytes."""

    def __init__(self, container):
        self._container = container
        self.peak = 0
        self.last = 0

    def __enter__(self):
        command = [DOCKER, "exec", self._container.name, "sh", "-c", WATCH]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self._process.stdout.readline()
        return self

    def __exit__(self, *_):
        # The shell inside ends at its next line, as nobody reads it any more.
        self._process.terminate()
        output, _ = self._process.communicate(timeout=TIMEOUT_SECONDS)
        held = [int(line) for line in output.split()]
        self.peak, self.last = max(held), held[-1]
