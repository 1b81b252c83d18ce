"""At least 95 of 100 documented command lines of `llm` do the same when `llm` is another name for `curta`."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parity.runner import Outcome, outcomes, pages

SHARE = 0.95
PAGES = {
    "/robots.txt": ("text/plain", b"User-agent: *\nAllow: /\n"),
    "/index.html": ("text/html", b"<title>Pelicans</title><p>A page about pelicans.</p>"),
    "/template.yaml": ("text/plain", b"system: Be brief.\nprompt: 'Shorten this: $input'\n"),
    "/pelicans.jpg": ("image/jpeg", b"\xff\xd8\xff\xe0" + bytes(64)),
}
_seen: dict[str, list[Outcome]] = {}


class Page(http.server.BaseHTTPRequestHandler):
    """A page of PAGES."""

    def do_GET(self) -> None:
        kind, content = PAGES.get(self.path, ("text/plain", b""))
        self.send_response(200 if content else 404)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    """A server of PAGES on this computer."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", pages())
def test_lines_do_the_same_or_are_known_to_differ(name: str, tmp_path: Path, web: str) -> None:
    _seen[name] = list(outcomes(name, tmp_path, web))
    unknown = [f"{each.line.run}\n    {each.wrong}" for each in _seen[name] if not each.same and not each.line.differs]
    mended = [each.line.run for each in _seen[name] if each.same and each.line.differs]
    assert not unknown, "\n".join(unknown)
    assert not mended, f"known to differ, but do the same now: {mended}"


def test_the_share_of_lines_that_do_the_same() -> None:
    if len(_seen) < len(pages()):
        pytest.skip("only some pages were run")
    every = [each for found in _seen.values() for each in found]
    same = sum(each.same for each in every)
    differences = "\n".join(f"{each.line.run}: {each.line.differs or each.wrong}" for each in every if not each.same)
    assert same / len(every) >= SHARE, f"{same} of {len(every)} lines do the same; these do not:\n{differences}"
