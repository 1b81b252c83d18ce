"""`python -m tests.parity [PAGE...]`: how many documented lines of `llm` do the same under `curta`, and which do not.

--llm    run `llm` itself instead, which shows what is wrongly expected; what holds goes on record in checked.json
--write  run nothing, and write the share and the differences into docs/from-llm.md
"""

import sys
import tempfile
from pathlib import Path

from tests.parity import report
from tests.parity.runner import Outcome, curta, llm, outcomes, pages
from tests.parity.web import web


def main(words: list[str]) -> None:
    if "--write" in words:
        return report.write()
    itself = "--llm" in words
    same = total = 0
    names = [word for word in words if not word.startswith("--")] or pages()
    with web() as url, llm() if itself else curta() as program:
        for name in names:
            with tempfile.TemporaryDirectory() as folder:
                found = list(outcomes(name, Path(folder), url, program))
            same, total = same + sum(each.same for each in found), total + len(found)
            _say(f"{name}: {sum(each.same for each in found)} of {len(found)}")
            for each in found:
                if not each.same:
                    _say(f"  {each.line.run}\n      {_reason(each, itself)}")
            if itself and all(each.same or each.line.llm for each in found):
                report.record([name])
    _say(f"{same} of {total} lines do the same: {same / total:.1%}")
    return None


def _reason(outcome: Outcome, itself: bool) -> str:
    """Why it is known to differ, else how it does."""
    return (outcome.line.llm if itself else outcome.line.differs) or f"UNKNOWN {outcome.wrong}"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
