"""What an experiment is, as it was written down before the first call: a value, read from YAML or a mapping.

Every key is known or refused with the nearest that is; everything that can be known to be wrong is refused here.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

from curta.errors import SourceError, UsageError
from curta.evals.scorers import Scorer, scorer_of
from curta.evals.scorers.filling import fields
from curta.evals.scorers.settings import unknown
from curta.messages import JSON, canonical, sha256, well_formed

MODEL = "model"
"""The factor that the models of a spec are the levels of."""
WORDING = "wording"
"""The factor that several prompts are the levels of: it is averaged over, not tested."""

Errors: TypeAlias = Literal["zero", "drop"]
"""What an answer that failed counts: nothing, or its whole block is left out of every arm."""


class Factor(NamedTuple):
    """Something that is varied. levels: name -> what takes its place; the first is the base."""

    name: str
    levels: Mapping[str, JSON]

    @property
    def base(self) -> str:
        return next(iter(self.levels))


class Stop(NamedTuple):
    """When to stop asking, whatever is known by then. max_cost: US dollars; max_time: seconds."""

    max_calls: int | None = None
    max_cost: float | None = None
    max_time: float | None = None
    max_inputs: int | None = None


_UNLIMITED = Stop()


@dataclass(frozen=True, slots=True)
class Spec:
    """An experiment.

    factors: with the models and the wordings among them, if there are several. inputs: rows, or what names them (a
    file, `sqlite:PATH?QUERY`). unit: the column whose values are independent of each other; None: each row.
    documents: columns that are sent as Documents, apart from the words. alpha: what may go wrong; rope: the margin of
    practical equivalence. seed: of the order. tools: what models that can call tools are offered; no call is run, the
    scorers see it.
    """

    prompt: str
    factors: tuple[Factor, ...]
    inputs: str | tuple[Mapping[str, JSON], ...]
    score: tuple[Scorer, ...]
    name: str = ""
    system: str = ""
    documents: tuple[str, ...] = ()
    options: Mapping[str, JSON] = field(default_factory=dict)
    schema: JSON = None
    unit: str | None = None
    repeat: int = 1
    alpha: float = 0.05
    rope: float = 0.05
    errors: Errors = "zero"
    interactions: bool = False
    stop: Stop = _UNLIMITED
    seed: int = 0
    tools: tuple[str, ...] = ()

    @property
    def columns(self) -> set[str]:
        """The columns that inputs have to have."""
        told = [self.prompt, self.system, self.options, *(list(each.levels.values()) for each in self.factors)]
        named = {*fields(told), *self.documents, *(name for each in self.score for name in each.fields)}
        return (named | ({self.unit} if self.unit else set())) - {each.name for each in self.factors}

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON. Levels are a list, for the first is the base, and the names of a mapping have no order."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {
            "factors": [[each.name, [list(level) for level in each.levels.items()]] for each in self.factors],
            "inputs": self.inputs if isinstance(self.inputs, str) else [dict(each) for each in self.inputs],
            "score": [each.to_dict() for each in self.score],
            "documents": list(self.documents),
            "tools": list(self.tools),
            "stop": self.stop._asdict(),
        }

    @property
    def id(self) -> str:
        """Equal for specs that ask and judge the same. When to stop, and what it is called, may change in between."""
        same = {name: each for name, each in self.to_dict().items() if name not in ("stop", "name")}
        return sha256(canonical(same))


def read(path: str | Path) -> Spec:
    """The spec in a YAML file; files that it names lie beside it. Raises UsageError, TemplateError, SourceError."""
    from curta.templates.reading import read_yaml

    try:
        source = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"Cannot read {path}: {error}.") from error
    return spec_of(read_yaml(source, str(path)), Path(path).parent)


def of_dict(told: Mapping[str, Any]) -> Spec:
    """The spec that `Spec.to_dict` wrote down. Raises UsageError where a scorer is not there any more."""
    values = {
        "factors": tuple(Factor(name, dict(levels)) for name, levels in told["factors"]),
        "inputs": told["inputs"] if isinstance(told["inputs"], str) else tuple(told["inputs"]),
        "score": tuple(scorer_of({each["name"]: each["settings"] or None}) for each in told["score"]),
        "documents": tuple(told["documents"]),
        "tools": tuple(told.get("tools", ())),
        "stop": Stop(**told["stop"]),
    }
    return Spec(**{**told, **values})


def spec_of(told: Any, folder: Path | None = None) -> Spec:
    """The spec that a mapping describes. folder: where files that it names are found. Raises UsageError."""
    if not isinstance(told, Mapping):
        raise UsageError("A spec is a mapping.", then="It begins with `prompt:`, `inputs:`, `score:`.")
    told = _plain(told)
    if "evals" in told:
        told = _of_evals(**told)
    for key in told:
        if key not in _READERS:
            raise unknown("key in a spec", key, _READERS)
    if missing := [key for key in ("prompt", "inputs", "score") if told.get(key) is None]:
        raise UsageError(f"The spec has no `{missing[0]}:`.")
    values = {key: _READERS[key](key, each) for key, each in told.items() if each is not None}
    wordings, models = values.pop("prompt"), values.pop("models", {})
    factors = [*values.pop("factors", ()), *_several(MODEL, models), *_several(WORDING, wordings)]
    inputs = values.pop("inputs")
    if isinstance(inputs, str) and folder and inputs != "-" and not inputs.lower().startswith("sqlite:"):
        inputs = str(folder / inputs)
    prompt = next(iter(wordings.values())) if len(wordings) == 1 else f"${WORDING}"
    return _checked(Spec(prompt, tuple(factors), inputs, **values))


def _plain(value: Any) -> Any:
    """What YAML made of a text, as JSON: it knows dates, and keys that are no texts. Raises UsageError for the rest."""
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str | int | float | None) or (isinstance(value, float) and not math.isfinite(value)):
        raise UsageError(f"A spec cannot hold {value!r}.")
    return well_formed(value) if isinstance(value, str) else value


def _of_evals(evals: Any, **others: Any) -> dict[str, Any]:
    """The short form, `evals: [{name, prompt, expect}]`, in which each input has a prompt and scorers of its own."""
    if not isinstance(evals, list) or not all(isinstance(each, Mapping) for each in evals):
        raise _takes("evals", "a list of {name: ..., prompt: ..., expect: [{contains: ...}]}")
    for each in evals:
        if wrong := [key for key in each if key not in _OF_EVAL]:
            raise unknown("key in `evals:`", wrong[0], _OF_EVAL)
        if lacking := [key for key in ("prompt", "expect") if not each.get(key)]:
            raise UsageError(f"One of the `evals:` has no `{lacking[0]}:`.")
        _scorers("expect", each["expect"])
    rows = [
        {"id": each.get("name", str(number)), "prompt": each["prompt"], "expect": _listed(each["expect"])}
        for number, each in enumerate(evals, 1)
    ]
    return {"prompt": "$prompt", "inputs": rows, "score": {"expect": "$expect"}, **others}


_OF_EVAL = ("name", "prompt", "expect")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _checked(spec: Spec) -> Spec:
    names = [each.name for each in spec.factors]
    if twice := [name for name in names if names.count(name) > 1]:
        raise UsageError(
            f"The factor {twice[0]!r} is there twice.", why=f"`{twice[0]}` is what Curta calls one itself."
        )
    used = set(fields([spec.prompt, spec.system, spec.options]))
    used |= {name for each in spec.factors if each.name == WORDING for name in fields(list(each.levels.values()))}
    if idle := [name for name in names if name not in used and name not in (MODEL, WORDING)]:
        raise UsageError(
            f"The factor {idle[0]!r} changes nothing.", then=f"Put ${idle[0]} into the prompt or an option."
        )
    return spec


# Keys


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _takes(key, "a text")
    return value


def _wordings(key: str, value: Any) -> Mapping[str, str]:
    """One prompt or several, by name."""
    several = value if isinstance(value, Mapping) else dict(enumerate(_listed(value), 1))
    if not several or not all(isinstance(each, str) and each.strip() for each in several.values()):
        raise _takes(key, "a text, a list of texts, or names with texts")
    return {str(name): each for name, each in several.items()}


def _models(key: str, value: Any) -> Mapping[str, str]:
    names = _texts(key, value)
    if len(set(names)) < len(names) or not names:
        raise _takes(key, "names that differ")
    return {name: name for name in names}


def _factors(key: str, value: Any) -> tuple[Factor, ...]:
    if not isinstance(value, Mapping):
        raise _takes(key, "names, each with its levels: style: {base: ..., caps: ...}")
    return tuple(_factor(str(name), levels) for name, levels in value.items())


def _factor(name: str, levels: Any) -> Factor:
    if not name.isidentifier():
        raise UsageError(f"{name!r} cannot be the name of a factor: ${name} could not name it.")
    if isinstance(levels, list):
        levels = {str(each): each for each in levels}
    if not isinstance(levels, Mapping) or len(levels) < 2:
        raise UsageError(
            f"The factor {name!r} takes two different levels at least, the base first.",
            then=f'For example: {name}: {{base: "", tip: "I will tip you $$20."}}',
        )
    if any(isinstance(each, Mapping | list) for each in levels.values()):
        raise UsageError(f"The levels of the factor {name!r} are texts, numbers, true or false.")
    return Factor(name, {str(level): "" if each is None else each for level, each in levels.items()})


def _several(name: str, levels: Mapping[str, str]) -> list[Factor]:
    """The factor of what there are several of; one model is named all the same."""
    return [Factor(name, levels)] if len(levels) > 1 or (levels and name == MODEL) else []


def _inputs(key: str, value: Any) -> str | tuple[Mapping[str, JSON], ...]:
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        raise _takes(key, "the name of a file, or a list")
    return tuple(each if isinstance(each, Mapping) else {"text": each} for each in value)


def _scorers(key: str, value: Any) -> tuple[Scorer, ...]:
    if not _listed(value):
        raise _takes(key, "scorers: [{contains: $answer}]")
    return tuple(scorer_of(each) for each in _listed(value))


def _mapping(key: str, value: Any) -> Mapping[str, JSON]:
    if not isinstance(value, Mapping):
        raise _takes(key, "names with values")
    return {str(name): each for name, each in value.items()}


def _texts(key: str, value: Any) -> tuple[str, ...]:
    if not all(isinstance(each, str) for each in _listed(value)):
        raise _takes(key, "a name, or a list of names")
    return tuple(_listed(value))


def _whole(least: int) -> Callable[[str, Any], int]:
    def read(key: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise _takes(key, f"a whole number, {least} or more")
        return value

    return read


def _share(key: str, value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1:
        raise _takes(key, "a number between 0 and 1, such as 0.05")
    return float(value)


def _one_of(*known: str) -> Callable[[str, Any], str]:
    def read(key: str, value: Any) -> str:
        if value not in known:
            raise _takes(key, " or ".join(known))
        return str(value)

    return read


def _flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _takes(key, "true or false")
    return value


def _stop(key: str, value: Any) -> Stop:
    told = _mapping(key, value)
    for each, limit in told.items():
        if each not in Stop._fields:
            raise unknown("limit in `stop:`", each, Stop._fields)
        if not isinstance(limit, int | float) or isinstance(limit, bool) or not limit > 0:
            raise _takes(f"stop: {each}", "a number above 0")
    return Stop(**told)


def _takes(key: str, wanted: str) -> UsageError:
    return UsageError(f"`{key}:` takes {wanted}.")


_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "name": _text,
    "prompt": _wordings,
    "system": _text,
    "documents": _texts,
    "factors": _factors,
    "models": _models,
    "inputs": _inputs,
    "unit": _text,
    "score": _scorers,
    "repeat": _whole(1),
    "alpha": _share,
    "rope": _share,
    "errors": _one_of(*get_args(Errors)),
    "interactions": _flag,
    "options": _mapping,
    "schema": lambda _, value: value,
    "stop": _stop,
    "seed": _whole(0),
    "tools": _texts,
}
