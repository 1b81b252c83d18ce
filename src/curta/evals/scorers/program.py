"""Whether a program that an answer holds passes its tests, in a fresh guest of the sandbox."""

from collections.abc import Mapping
from typing import Any

from curta.evals.scorers.guests import guest
from curta.evals.scorers.kinds import Kind
from curta.evals.scorers.scorer import Rated, Sample
from curta.sandbox import Result, engines
from curta.sandbox.judging import judge
from curta.text.fenced import fenced_block

_SHOWN = 400


def program(sample: Sample, tests: str, language: str = "python", seconds: float = 10.0) -> Rated:
    """Whether the program in the answer (its last fenced block, or all of it) passes `tests`.

    The tests are a Python program that imports `program` (`curta.sandbox.judging`). Each answer has a guest of its own;
    what it prints, claims or does to files is not believed.
    """
    source = fenced_block(sample.output, last=True) or sample.output
    with guest(seconds) as sandbox:
        result = sandbox.run(source, language)
        judged = judge(sandbox, source, result, tests, language=language)
        return float(judged.ok), {"status": judged.status, "error": _last(judged) or _last(result)}


def _last(result: Result) -> str:
    return result.error.strip()[-_SHOWN:]


def _prepare(settings: dict[str, Any]) -> dict[str, Any]:
    engines.find(settings.get("language", "python"))
    return settings


KINDS: Mapping[str, Kind] = {"program": Kind(program, prepare=_prepare, slow=True)}
