"""Pages that need JavaScript, on loopback: lists, cookie walls, challenges, and pages that never come."""

import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PAGE = "<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>"
SCRIPTED = """<ul id="list"></ul><button id="next" onclick="turn()">Next</button><script>
let page = 0;
function turn() {
  page += 1;
  setTimeout(() => {
    document.querySelector("#list").innerHTML =
      [1, 2, 3].map((number) => `<li class="item">page ${page} item ${number}</li>`).join("");
    document.querySelector("#next").disabled = page >= 3;
  }, 150);
}
turn();
</script>"""
CATALOGUE = """<div id="films"></div><button class="pagination-next" onclick="turn()">Next</button><script>
let page = 0;
function turn() {
  page += 1;
  document.querySelector("#films").innerHTML = [1, 2, 3, 4, 5].map((number) =>
    `<div class="media-item" data-type="movie"><b class="title">Film ${page * 5 - 5 + number}</b>
     <i class="year">199${number}</i><u class="rating">4.5</u></div>`).join("");
  document.querySelector(".pagination-next").disabled = page >= 2;
}
turn();
</script>"""
COOKIE_WALL = """<h1>Cookies?</h1><button id="accept" onclick="document.cookie='ok=1';location.reload()">Yes</button>"""
PASSING = """<script>setTimeout(() => { document.cookie = "passed=1"; location.reload(); }, 500)</script>"""
# The rest comes once the browser has looked at the first half several times.
HALTING = (
    "<p class='item'>first half</p><script>"
    "const ask = performance.getEntriesByType.bind(performance); let looks = 0;"
    "performance.getEntriesByType = (kind) => { if (++looks === 4) fetch('/go-on'); return ask(kind); };"
    "</script><!--halt--><p class='item'>second half</p>"
)
STUCK = "<p class='item'>here</p><img src='/never'><script>document.write('<iframe src=/never></iframe>')</script>"


class Site:
    """Serves by path, and notes for every page when it was asked for and whether another was under way."""

    def __init__(self):
        self.visits = []
        self.most_at_once = 0
        self.on_visit = lambda path: None
        self._under_way = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._goes_on = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._closing.set()
        self._goes_on.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path, query, cookies):
        """Return status, headers and HTML."""
        linked = int(query.get("page", ["1"])[0])
        link = f"<a class='next' href='/linked?page={linked + 1}'>older</a>" if linked < 3 else ""
        challenge = {"x-amzn-waf-action": "challenge"}
        answers = {
            "/scripted": (200, {}, SCRIPTED),
            "/catalogue": (200, {}, CATALOGUE),
            "/linked": (200, {}, f"<p class='item'>linked {linked}</p>{link}"),
            "/cookies": (200, {}, SCRIPTED if "ok=1" in cookies else COOKIE_WALL),
            "/waf": (202, challenge, "<script>window.gokuProps = {}; </script>"),
            "/passing": (200, {}, "<p class='item'>in</p>" if "passed=1" in cookies else PASSING),
            "/stuck": (200, {}, STUCK),
            "/halting": (200, {}, HALTING),
            "/slow": (200, {}, "<p class='item'>late</p>"),
            "/empty": (200, {}, "<p>nothing of what you want</p>"),
            "/dead-end": (200, {}, "<p class='item'>one</p><a id='next' href='#' onclick='return false'>next</a>"),
            "/large": (
                200,
                {},
                "<p class='item'></p><script>document.body.append(new Comment('x'.repeat(33 * 2 ** 20)))</script>",
            ),
            "/who": (200, {}, "<p class='item'></p><script>document.body.append(`by ${navigator.webdriver}`)</script>"),
            "/down": (503, {}, "<p>broken</p>"),
            "/forbidden": (403, {}, "<p>no</p>"),
            "/often": (429, {}, "<p>slowly</p>"),
        }
        return answers.get(path, (404, {}, "<p class='item'>There is nothing here</p>"))

    def _handler(self):
        site = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                site.serve(self)

        return Handler

    def serve(self, handler):
        parts = urlsplit(handler.path)
        if parts.path.startswith("/never"):
            self._closing.wait()
            return
        if parts.path == "/go-on":
            self._goes_on.set()
        if parts.path in ("/favicon.ico", "/go-on"):
            handler.send_error(404)
            return
        with self._lock:
            self.visits.append((parts.path, time.monotonic()))
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            self.on_visit(parts.path)
            self._closing.wait(0.3 if parts.path == "/slow" else 0)
            self._send(handler, *self._page(parts, handler.headers.get("Cookie", "")))
        finally:
            with self._lock:
                self._under_way -= 1

    def _page(self, parts, cookies):
        title = "Just a moment..." if parts.path == "/cloudflare" else "Local"
        status, headers, body = (
            (403, {}, "<p>Checking your browser</p>")
            if parts.path == "/cloudflare"
            else self.answer(parts.path, parse_qs(parts.query), cookies)
        )
        return status, headers, PAGE.format(title=title, body=body).encode()

    def _send(self, handler, status, headers, content):
        handler.send_response_only(status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        first, halt, rest = content.partition(b"<!--halt-->")
        with suppress(OSError):
            handler.wfile.write(first)
            if halt:
                handler.wfile.flush()
                self._goes_on.wait()
                handler.wfile.write(halt + rest)
