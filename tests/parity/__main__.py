"""`python -m tests.parity [PAGE...]`: how many documented lines of `llm` do the same under `curta`, and which do not.

--llm: run `llm` itself instead, which shows what is wrongly expected.
"""

import sys
import tempfile
from pathlib import Path

from tests.parity.runner import curta, llm, outcomes, pages
from tests.parity.web import web


def main(names: list[str]) -> None:
    """Print the report for these pages; for all without any."""
    itself = "--llm" in names
    names = [name for name in names if name != "--llm"]
    same = total = 0
    with web() as url, llm() if itself else curta() as program:
        for name in names or pages():
            with tempfile.TemporaryDirectory() as folder:
                found = list(outcomes(name, Path(folder), url, program))
            same, total = same + sum(each.same for each in found), total + len(found)
            _say(f"{name}: {sum(each.same for each in found)} of {len(found)}")
            for each in found:
                if not each.same:
                    _say(f"  {each.line.run}\n      {(each.line.llm if itself else each.line.differs) or each.wrong}")
    _say(f"{same} of {total} lines do the same: {same / total:.1%}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
