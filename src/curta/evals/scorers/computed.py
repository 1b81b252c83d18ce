"""Whether the program in an answer comes to the right number: what it printed counts, not what was said."""

from collections.abc import Mapping
from typing import Any

from curta.evals.scorers.guests import guest
from curta.evals.scorers.kinds import Kind
from curta.evals.scorers.numeric import numeric
from curta.evals.scorers.scorer import Rated, Sample, checked
from curta.sandbox import engines
from curta.text.fenced import fenced_block


def computed(
    sample: Sample, value: float, tolerance: float = 0.0, language: str = "python", seconds: float = 10.0
) -> Rated:
    """Whether the last number that the program prints, or the value of its last line, is `value`.

    The program is what the answer's call of a tool has as `code`, else its last fenced block, else all of it. It runs
    in a fresh guest of the sandbox, for as many seconds.
    """
    source = _program(sample)
    with guest(seconds) as sandbox:
        result = sandbox.run(source, language)
    printed = f"{result.stdout}\n{result.value or ''}"
    found = checked(numeric(Sample(printed), value, tolerance=tolerance))
    return (found.value or 0.0) if result.ok else 0.0, {"status": result.status, **found.detail}


def _program(sample: Sample) -> str:
    codes = [each.arguments.get("code") for each in sample.calls]
    written = [code for code in codes if isinstance(code, str)]
    return written[-1] if written else fenced_block(sample.output, last=True) or sample.output


def _prepare(settings: dict[str, Any]) -> dict[str, Any]:
    engines.find(settings.get("language", "python"))
    return settings


KINDS: Mapping[str, Kind] = {"computed": Kind(computed, prepare=_prepare, slow=True)}
