"""What is varied: factors with their levels, the models and the wordings among them, as a spec names them."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from curta.errors import UsageError
from curta.evals.keys import listed, takes, texts
from curta.messages import JSON

MODEL = "model"
"""The factor that the models of a spec are the levels of."""
WORDING = "wording"
"""The factor that several prompts are the levels of: it is averaged over, not tested."""


class Factor(NamedTuple):
    """Something that is varied. levels: name -> what takes its place; the first is the base."""

    name: str
    levels: Mapping[str, JSON]

    @property
    def base(self) -> str:
        return next(iter(self.levels))


def wordings(key: str, value: Any) -> Mapping[str, str]:
    """One prompt or several, by name."""
    several = value if isinstance(value, Mapping) else dict(enumerate(listed(value), 1))
    if not several or not all(isinstance(each, str) and each.strip() for each in several.values()):
        raise takes(key, "a text, a list of texts, or names with texts")
    return {str(name): each for name, each in several.items()}


def models(key: str, value: Any) -> Mapping[str, str]:
    names = texts(key, value)
    if len(set(names)) < len(names) or not names:
        raise takes(key, "names that differ")
    return {name: name for name in names}


def factors(key: str, value: Any) -> tuple[Factor, ...]:
    if not isinstance(value, Mapping):
        raise takes(key, "names, each with its levels: style: {base: ..., caps: ...}")
    return tuple(_factor(str(name), levels) for name, levels in value.items())


def several(name: str, levels: Mapping[str, str]) -> list[Factor]:
    """The factor of what there are several of; one model is named all the same."""
    return [Factor(name, levels)] if len(levels) > 1 or (levels and name == MODEL) else []


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


def fraction(key: str, value: Any) -> int:
    """`1/4` is 4: a regular fraction of the cells is half of them so many times."""
    found = re.fullmatch(r"1/(1|2|4|8|16|32)", str(value))
    if not found:
        raise takes(key, "1/2, 1/4, 1/8, 1/16 or 1/32")
    return int(found[1])
