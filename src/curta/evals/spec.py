"""What an experiment is, as it was written down before the first call: a value, read from YAML or a mapping.

Every key is known or refused with the nearest that is; everything that can be known to be wrong is refused here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, get_args

from curta.errors import TemplateError, UsageError
from curta.evals import fractions, short_form
from curta.evals.expectations import Expectation, expectations
from curta.evals.factors import MODEL, WORDING, Factor, factors, fraction, models, several, wordings
from curta.evals.keys import flag, listed, mapping, one_of, plain, refuse_twice, share, takes, text, texts, whole
from curta.evals.scorers import Scorer, elsewhere, scorer_of
from curta.evals.scorers.filling import fields
from curta.evals.scorers.settings import unknown
from curta.messages import JSON, canonical, sha256
from curta.sources import tables
from curta.sources.names import not_found
from curta.statistics.verdict import Decide

if TYPE_CHECKING:
    from curta.templates import Template

Errors: TypeAlias = Literal["zero", "drop"]
"""What an answer that failed counts: nothing, or its whole block is left out of every arm."""
Multiplicity: TypeAlias = Literal["fwer", "fdr"]
"""What is kept low where several contrasts are looked at: the probability that any found is false, or their share."""

READ_BY = ("alpha", "rope", "decide", "looks", "planned", "multiplicity", "errors", "interactions", "expect")
"""The keys that say how answers are read, not what is asked: with others it is the same experiment, read otherwise."""


class Stop(NamedTuple):
    """When to stop asking, whatever is known by then. max_cost: US dollars; max_time: seconds."""

    max_calls: int | None = None
    max_cost: float | None = None
    max_time: float | None = None
    max_inputs: int | None = None


_UNLIMITED = Stop()
_MISSING = {
    "prompt": "For example: `prompt: $tone Who is this about? $text`",
    "inputs": "Name a file of rows: `inputs: people.jsonl`, or --on people.jsonl",
    "score": "Say how good an answer is: `score: {contains: $name}`, or --score contains='$name'",
}
_TABLES = ("csv", "tsv", "jsonl")
"""Forms of files that are never a spec."""


@dataclass(frozen=True, slots=True)
class Spec:
    """An experiment.

    factors: with the models and the wordings among them, if there are several. inputs: rows, or what names them (a
    file, `sqlite:PATH?QUERY`). unit: the column whose values are independent of each other; None: each row.
    documents: columns that are sent as Documents, apart from the words. alpha: what may go wrong; rope: the margin of
    practical equivalence. decide: by which method; looks: how many a group-sequential design has; planned: after how
    many units the last is, known once the inputs are read, and None where one may look at any time. expect: the least
    means. fraction: the share of all cells of the factors with two levels that is asked, as 1/fraction. seed: of the
    order. tools: what models that can call tools are offered; no call is run, the
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
    decide: Decide = "anytime"
    looks: int = 5
    planned: int | None = None
    multiplicity: Multiplicity = "fwer"
    expect: tuple[Expectation, ...] = ()
    fraction: int = 1

    @property
    def asked(self) -> set[str]:
        """The columns that a call says something of."""
        told = [self.prompt, self.system, self.options, *(list(each.levels.values()) for each in self.factors)]
        return {*fields(told), *self.documents} - {each.name for each in self.factors}

    @property
    def columns(self) -> set[str]:
        """The columns that inputs have to have."""
        scored = {name for each in self.score for name in each.fields}
        return self.asked | (scored - {each.name for each in self.factors}) | ({self.unit} if self.unit else set())

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
            "expect": [list(each) for each in self.expect],
        }

    @property
    def id(self) -> str:
        """Equal for specs that ask and score the same. When to stop, what it is called and how its scores are read may
        change in between; of the last, what changes after looking is recorded."""
        same = {name: each for name, each in self.to_dict().items() if name not in ("stop", "name", *READ_BY)}
        return sha256(canonical(same))


def read(path: str | Path, changes: Mapping[str, Any] = {}) -> Spec:  # never written to
    """The spec in a YAML file; files that it names lie beside it. changes: keys that count instead of the file's.

    Raises UsageError, SourceError.
    """
    from curta.templates.reading import read_yaml

    if tables.form_of(str(path)) in _TABLES:
        raise UsageError(
            f"{path} is a table of inputs, and no spec.",
            then=f"Say what to ask of them: curta eval --prompt '... $text' --on {path} --score NAME",
        )
    try:
        source = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"Cannot read the spec {path}: {error.strerror}.", then=not_found(str(path)).then) from error
    except OSError as error:
        raise UsageError(f"Cannot read the spec {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"The spec {path} is not UTF-8 text.") from error
    try:
        told = read_yaml(source, str(path))
    except TemplateError as error:
        raise UsageError(error.what, why=error.why, then=error.then) from error
    refuse_twice(source, str(path))
    return spec_of({**told, **changes} if isinstance(told, Mapping) else told, Path(path).parent)


def given(
    told: "Spec | str | Path | Mapping[str, Any] | None" = None,
    template: "str | Template | None" = None,
    changes: Mapping[str, Any] = MappingProxyType({}),
) -> Spec:
    """The spec in a file, or of a mapping, or of a template, with `changes` instead of what these say.

    Raises UsageError, SourceError, TemplateError.
    """
    if isinstance(told, Spec):
        if template or changes:
            raise UsageError("A spec that is made already is not changed.", then="Give its file, or a mapping.")
        return told
    base = _of_template(template) if template else {}
    if isinstance(told, str | Path):
        return read(told, {**base, **changes})
    if told is None and not (base or changes):
        raise UsageError("Nothing says what to ask.", then="Name a spec, a template, or a prompt.")
    return spec_of({**base, **(told or {}), **changes})


def _of_template(template: "str | Template") -> dict[str, Any]:
    from curta import templates
    from curta.evals.kept_prompt import of_template

    return of_template(templates.load(template) if isinstance(template, str) else template)


def of_dict(told: Mapping[str, Any]) -> Spec:
    """The spec that `Spec.to_dict` wrote down. Raises UsageError where a scorer is not there any more."""
    values = {
        "factors": tuple(Factor(name, dict(levels)) for name, levels in told["factors"]),
        "inputs": told["inputs"] if isinstance(told["inputs"], str) else tuple(told["inputs"]),
        "score": tuple(map(_scorer_of_dict, told["score"])),
        "documents": tuple(told["documents"]),
        "tools": tuple(told.get("tools", ())),
        "stop": Stop(**told["stop"]),
        "expect": tuple(Expectation(*each) for each in told.get("expect", ())),
    }
    return Spec(**{**told, **values})


def _scorer_of_dict(told: Mapping[str, Any]) -> Scorer:
    name, settings = told["name"], told["settings"]
    if elsewhere.MADE_BY in settings:
        return elsewhere.made_elsewhere(name, settings[elsewhere.MADE_BY])
    return scorer_of({name: settings or None})


def spec_of(told: Any, folder: Path | None = None) -> Spec:
    """The spec that a mapping describes. folder: where files that it names are found. Raises UsageError."""
    if not isinstance(told, Mapping):
        raise UsageError("A spec is a mapping.", then="It begins with `prompt:`, `inputs:`, `score:`.")
    told = plain(told)
    if short_form.KEY in told:
        told = short_form.written_out(told, folder)
    for key in told:
        if key not in _READERS:
            raise unknown("key in a spec", key, _READERS)
    if missing := [key for key in ("prompt", "inputs", "score") if told.get(key) is None]:
        raise UsageError(f"The spec has no `{missing[0]}:`.", then=_MISSING[missing[0]])
    values = {key: _READERS[key](key, each) for key, each in told.items() if each is not None}
    prompts, named = values.pop("prompt"), values.pop("models", {})
    varied = [*values.pop("factors", ()), *several(MODEL, named), *several(WORDING, prompts)]
    inputs = values.pop("inputs")
    inputs = short_form.beside(inputs, folder) if isinstance(inputs, str) else inputs
    prompt = next(iter(prompts.values())) if len(prompts) == 1 else f"${WORDING}"
    return _checked(Spec(prompt, tuple(varied), inputs, **values), told)


def _checked(spec: Spec, told: Mapping[str, Any]) -> Spec:
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
    if not spec.asked:
        raise UsageError(
            "The prompt names no column, so each input would be asked the same.",
            then="Put one into it, such as $text, or send it as a document: `documents: [text]`.",
        )
    if "looks" in told and spec.decide != "group-sequential":
        raise UsageError("`looks:` belongs to `decide: group-sequential`.", why=f"Here it is `decide: {spec.decide}`.")
    if spec.fraction > 1:
        fractions.kept(spec)
    scored = [each.name for each in spec.score]
    if unscored := [each.scorer for each in spec.expect if each.scorer not in scored]:
        raise unknown("scorer in `score:`", unscored[0], scored)
    return spec


# Keys


def _inputs(key: str, value: Any) -> str | tuple[Mapping[str, JSON], ...]:
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        raise takes(key, "the name of a file, or a list")
    return tuple(each if isinstance(each, Mapping) else {"text": each} for each in value)


def _scorers(key: str, value: Any) -> tuple[Scorer, ...]:
    if not listed(value):
        raise takes(key, "scorers: [{contains: $answer}]")
    return tuple(scorer_of(each) for each in listed(value))


def _stop(key: str, value: Any) -> Stop:
    told = mapping(key, value)
    for each, limit in told.items():
        if each not in Stop._fields:
            raise unknown("limit in `stop:`", each, Stop._fields)
        if not isinstance(limit, int | float) or isinstance(limit, bool) or not limit > 0:
            raise takes(f"stop: {each}", "a number above 0")
    return Stop(**told)


_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "name": text,
    "prompt": wordings,
    "system": text,
    "documents": texts,
    "factors": factors,
    "models": models,
    "inputs": _inputs,
    "unit": text,
    "score": _scorers,
    "repeat": whole(1),
    "alpha": share,
    "rope": share,
    "errors": one_of(*get_args(Errors)),
    "interactions": flag,
    "options": mapping,
    "schema": lambda _, value: value,
    "stop": _stop,
    "seed": whole(0),
    "tools": texts,
    "decide": one_of(*get_args(Decide)),
    "looks": whole(2),
    "multiplicity": one_of(*get_args(Multiplicity)),
    "expect": expectations,
    "fraction": fraction,
}
