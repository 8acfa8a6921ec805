"""A real nginx of its own: Debian's, on a port of loopback, with one snippet as its server, ended with the test."""

import re
import shutil
import subprocess
from contextlib import contextmanager

import pytest

from tests.fakes.house import REPOSITORY
from tests.fakes.patience import wait_until
from tests.fakes.ports import find_free_port

PROGRAM = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
FRAME = """
daemon off; worker_processes 1; error_log {folder}/error.log; pid {folder}/pid; user root;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; {snippet} }}
}}
"""


def documented_snippet():
    """Return the lines that docs/deployment.md states for nginx below a path."""
    text = (REPOSITORY / "docs" / "deployment.md").read_text()
    return re.search(r"^nginx, here below a path.*?```\n(.*?)```", text, re.MULTILINE | re.DOTALL)[1]


@contextmanager
def nginx_before(folder, port_behind):
    """Give the port of an nginx before a service on loopback."""
    if PROGRAM is None:
        pytest.skip("nginx is not installed: apt-get install nginx-light")
    folder.mkdir()
    port = find_free_port()
    snippet = documented_snippet().replace("http://listsync:5000", f"http://127.0.0.1:{port_behind}")
    (folder / "conf").write_text(FRAME.format(folder=folder, port=port, snippet=snippet))
    process = subprocess.Popen([PROGRAM, "-c", folder / "conf", "-e", folder / "error.log"])
    try:
        wait_until(lambda: (folder / "pid").exists() and (folder / "pid").read_text().strip(), "the start of nginx")
        yield port
    finally:
        process.terminate()
        process.wait()
