"""`python -m tests.parity`: how many documented command lines of `llm` do the same under `curta`, and which do not."""

import sys
import tempfile
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path

from tests.parity.runner import outcomes, pages
from tests.parity.test_parity import Page


def main(names: list[str]) -> None:
    """Print the report for these pages; for all without any."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    same = total = 0
    for name in names or pages():
        with tempfile.TemporaryDirectory() as folder:
            found = list(outcomes(name, Path(folder), f"http://127.0.0.1:{server.server_port}"))
        same, total = same + sum(each.same for each in found), total + len(found)
        _say(f"{name}: {sum(each.same for each in found)} of {len(found)}")
        for each in found:
            if not each.same:
                _say(f"  {each.line.run}\n      {each.line.differs or each.wrong}")
    _say(f"{same} of {total} lines do the same: {same / total:.1%}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


main(sys.argv[1:])
