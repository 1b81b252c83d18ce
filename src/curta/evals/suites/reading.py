"""Suites by name: the one that comes along, and files of one's own, in YAML.

A family is a spec without models: `prompt`, `inputs`, `score` and whatever else says what is asked; `measures`, `floor`
and `reference` say what is told of it. `words: [extract]` takes families of the suite that comes along.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from curta.errors import TemplateError, UsageError
from curta.evals.keys import mapping, takes, text, texts
from curta.evals.scorers.settings import unknown
from curta.evals.spec import spec_of
from curta.evals.suites.family import REFERENCE, Family, Row, Suite
from curta.sources import tables
from curta.sources.records import as_words

WORDS = "words"
_ABOUT = ("measures", "floor", "reference")
_ASKED = ("prompt", "system", "documents", "options", "schema", "tools", "unit", "repeat", "errors", "score")


def find(name: str) -> Suite:
    """The suite of this name, or in this YAML file. Raises UsageError, SourceError."""
    if name == WORDS:
        from curta.evals.suites.words import SUITE

        return SUITE
    if not Path(name).suffix and not Path(name).exists():
        raise unknown("suite", name, [WORDS, "FILE.yml"])
    return read(Path(name))


def read(path: Path) -> Suite:
    """The suite in a YAML file; files that it names lie beside it. Raises UsageError, SourceError."""
    from curta.templates.reading import read_yaml

    try:
        told = read_yaml(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"Cannot read the suite {path}: {why}.") from error
    except TemplateError as error:
        raise UsageError(error.what, why=error.why, then=error.then) from error
    return suite_of(told, path.parent, path.stem)


def suite_of(told: Any, folder: Path, name: str = "suite") -> Suite:
    """The suite that a mapping describes. folder: where files that it names lie. Raises UsageError, SourceError."""
    known = ("name", "about", "families", WORDS)
    if not isinstance(told, Mapping):
        raise UsageError("A suite is a mapping.", then="It begins with `families:`.")
    if wrong := [key for key in told if key not in known]:
        raise unknown("key in a suite", wrong[0], known)
    own = mapping("families", told.get("families") or {})
    families = [*_of_words(told.get(WORDS) or []), *(_family(str(name), each, folder) for name, each in own.items())]
    if not families:
        raise UsageError("The suite has no `families:`.", then="Each has a name, and is a spec without models.")
    if twice := [each for each, count in Counter(each.name for each in families).items() if count > 1]:
        raise UsageError(f"Two families are called {twice[0]!r}.")
    return Suite(text("name", told.get("name", name)), text("about", told.get("about", "")), tuple(families))


def _of_words(names: Any) -> list[Family]:
    from curta.evals.suites.words import SUITE

    known = {each.name: each for each in SUITE.families}
    for name in texts(WORDS, names):
        if name not in known:
            raise unknown(f"family in the suite {WORDS!r}", name, known)
    return [known[name] for name in texts(WORDS, names)]


def _family(name: str, told: Any, folder: Path) -> Family:
    if not isinstance(told, Mapping):
        raise takes(name, "a spec without models: prompt, inputs, score")
    if wrong := [key for key in told if key not in (*_ASKED, *_ABOUT, "inputs")]:
        raise unknown(f"key in the family {name!r}", wrong[0], (*_ASKED, *_ABOUT, "inputs"))
    asks = {key: each for key, each in told.items() if key in _ASKED}
    spec = spec_of({**asks, "inputs": told.get("inputs")}, folder)
    if spec.factors:
        raise UsageError(
            f"The family {name!r} has several prompts.", then="Vary the wording in a column, and name it: `$ask`."
        )
    given = spec.inputs
    rows = list(tables.read_table(given) if isinstance(given, str) else tables.of_mappings(given))
    if broken := next((row.error for row in rows if row.error), None):
        raise broken
    values = [dict(row.values) for row in rows]
    units = Counter(as_words(row.get(spec.unit, "")) for row in values) if spec.unit else Counter[str]()
    return Family(
        name,
        text("measures", told.get("measures", "")),
        asks,
        _all_of(values),
        floor=_floor(told.get("floor", 0)),
        each=max(units.values(), default=1),
        reference=text("reference", told.get("reference", REFERENCE)),
    )


def _all_of(rows: list[Row]) -> "Callable[[int, int], list[Row]]":
    """Rows that are given: there are as many as there are, whatever the seed."""
    return lambda seed, count: rows


def _floor(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1:
        raise takes("floor", "a share from 0 on, such as 0.5")
    return float(value)
