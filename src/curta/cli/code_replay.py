"""`curta code --replay ID`: the logged rounds run again, without the model."""

import json
from typing import TYPE_CHECKING

from curta.cli import output

if TYPE_CHECKING:
    from curta.coding.replaying import Replayed


def replay(call: str, *, as_json: bool, log: bool) -> int:
    """Run them, and say of each whether it comes to the same; 3 when one does not."""
    from curta.api import programs

    done = programs.code_again(call or None, log=log, on_run=None if as_json else _tell, on_compile=output.note)
    differ = sum(not each.again.same for each in done)
    if as_json:
        output.line(json.dumps([each.to_dict() for each in done], ensure_ascii=False))
    else:
        of = f"{len(done)} run{'s' * (len(done) != 1)}"
        output.line(f"{of}: {f'{differ} came to something else' if differ else 'the same as then'}.")
    return 3 if differ else 0


def _tell(done: "Replayed") -> None:
    from curta.coding.report import complaint

    came = complaint(done.again.result) or "it works"
    what = "the test" if done.is_test else "the program"
    differs = f"; it differs in {', '.join(done.again.differs)}" if done.again.differs else ""
    output.note((f"Round {done.round}, {what}: {came}{differs}", "bad" if differs else "faint"), force=bool(differs))
