"""Which kinds of scorers there are, and the module that has each: only those that are used are imported."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from inspect import Parameter, signature
from typing import Any, NamedTuple

from curta.evals.scorers.scorer import Rated

HOMES: Mapping[str, str] = {
    "equals": "matching",
    "iequals": "matching",
    "contains": "matching",
    "icontains": "matching",
    "contains-any": "matching",
    "icontains-any": "matching",
    "contains-all": "matching",
    "icontains-all": "matching",
    "regex": "patterns",
    "json-schema": "structure",
    "field-f1": "structure",
    "token-f1": "overlap",
    "numeric": "numeric",
    "choice": "choice",
    "length": "length",
    "size": "length",
    "constraints": "constraints",
    "quotes": "quoting",
    "attribution": "quoting",
    "refusal": "refusal",
    "program": "program",
    "judge": "judge",
    "expect": "expected",
    "product": "expected",
    "coverage": "coverage",
    "quoted": "quoting",
    "chosen": "choice",
    "computed": "computed",
    "helps": "helping",
    "civil": "civility",
}


class Kind(NamedTuple):
    """A kind of scorer.

    rate: called with a Sample and the settings by name; the first of them is the one that may be given alone, as in
    `{contains: $answer}`. whole: the first setting may itself be a mapping. prepare: what has to be done once with the
    settings, such as refusing what cannot be meant. mark: what has to be said beside each score. relative: two of its
    scores are compared by (a - b) / (a + b), since neither is good or bad. slow: it may take long: it waits for another
    process, a model, or code that is not ours.
    """

    rate: Callable[..., Rated]
    version: int = 1
    whole: bool = False
    prepare: Callable[[dict[str, Any]], dict[str, Any]] = lambda settings: settings
    mark: str = ""
    relative: bool = False
    slow: bool = False

    @property
    def settings(self) -> dict[str, Parameter]:
        """The settings it takes, by name, in order."""
        return dict(list(signature(self.rate).parameters.items())[1:])


@cache
def built_in(name: str) -> Kind:
    """The kind of ours that is called `name`, which is in HOMES."""
    kind: Kind = import_module(f"curta.evals.scorers.{HOMES[name]}").KINDS[name]
    return kind
