"""Debian's Prometheus with the configuration that we ship, scraping one target quickly, on a free port of loopback."""

import shutil
import subprocess
from pathlib import Path

import pytest
import requests
import yaml

from tests.fakes.patience import PATIENCE_SECONDS, wait_until
from tests.fakes.ports import find_free_port

SHIPPED = Path(__file__).parents[2] / "docker" / "monitoring"
NEEDED = pytest.mark.skipif(shutil.which("prometheus") is None, reason="apt install prometheus")


class PrometheusServer:
    """A Prometheus that runs; `query` asks it as Grafana does."""

    def __init__(self, folder, target):
        config = yaml.safe_load((SHIPPED / "prometheus.yml").read_text())
        config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        config["scrape_configs"][0]["static_configs"][0]["targets"] = [target]
        shutil.copy(SHIPPED / "rules.yml", folder)
        path = folder / "prometheus.yml"
        path.write_text(yaml.safe_dump(config))
        port = find_free_port()
        self.address = f"http://127.0.0.1:{port}"
        options = [f"--storage.tsdb.path={folder / 'tsdb'}", f"--web.listen-address=127.0.0.1:{port}"]
        command = ["prometheus", f"--config.file={path}", *options]
        self._process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._session = requests.Session()
        self._session.trust_env = False

    def ask(self, path, **parameters):
        """Return the data of an answer; None as long as nobody answers."""
        assert self._process.poll() is None, "prometheus ended"
        try:
            answer = self._session.get(f"{self.address}/api/v1/{path}", params=parameters, timeout=PATIENCE_SECONDS)
        except requests.ConnectionError:
            return None
        return answer.json()["data"] if answer.status_code == 200 else None

    def query(self, expression, at=None):
        """Return what an expression gives at a time: the values of each series' labels, by name, and its value.

        The labels of the target are left out.
        """
        data = wait_until(lambda: self.ask("query", query=expression, time=at), f"an answer to {expression}")
        return {
            tuple(
                value for name, value in sorted(row["metric"].items()) if name not in ("__name__", "instance", "job")
            ): (float(row["value"][1]))
            for row in data["result"]
        }

    def stop(self):
        self._session.close()
        self._process.terminate()
        self._process.wait()
