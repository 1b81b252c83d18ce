"""The pages of other people that documented lines fetch, on this computer."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from tests.servers.quiet import QuietServer

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000050001"
    "0d0a2db40000000049454e44ae426082"
)
PAGES = {
    "/robots.txt": ("text/plain", b"User-agent: *\nAllow: /\n"),
    "/index.html": ("text/html", b"<title>Pelicans</title><p>A page about pelicans.</p>"),
    "/template.yaml": ("text/plain", b"system: Be brief.\nprompt: 'Shorten this: $input'\n"),
    "/pelicans.jpg": ("image/png", PIXEL),
}


@contextmanager
def web() -> Iterator[str]:
    """Serve PAGES while the block runs; the URL."""
    with QuietServer(Page) as server:
        yield server.address


class Page(BaseHTTPRequestHandler):
    """A page of PAGES."""

    def do_GET(self) -> None:
        kind, content = PAGES.get(self.path, ("text/plain", b""))
        self.send_response(200 if content else 404)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        pass
