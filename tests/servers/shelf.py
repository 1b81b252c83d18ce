"""A loopback web server with files: whatever a URL may name."""

from http.server import BaseHTTPRequestHandler

from tests.servers.quiet import QuietServer


class Shelf:
    """A web server whose files are in `files`, by path."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[str, bytes]] = {}
        shelf = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, body = shelf.files.get(self.path, ("text/plain", None))
                self.send_response(200 if body is not None else 404)
                self.send_header("content-type", kind)
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: object) -> None:
                pass

        self.server = QuietServer(Handler)
        self.url = self.server.address

    def put(self, path: str, text: str | bytes, kind: str = "text/yaml") -> str:
        self.files[path] = (kind, text.encode() if isinstance(text, str) else text)
        return self.url + path
