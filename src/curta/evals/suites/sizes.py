"""How large models are: what is known of them, and what orders them, the smallest first."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from curta.errors import UsageError
from curta.models import extractive, registry
from curta.models.model import Model
from curta.text.sizes import in_bytes, size


class Sized(NamedTuple):
    """A model. price: US dollars for a million tokens in and a million out. None: not known."""

    name: str
    where: str
    bytes: int | None = None
    parameters: int | None = None
    price: float | None = None


class Axis(NamedTuple):
    """What orders models. name: as it is told; of: what a model has of it; told: a value of it in words."""

    name: str
    of: "Callable[[Sized], float | None]"
    told: "Callable[[float], str]"


def _in_millions(count: float) -> str:
    return f"{count / 1e9:.3g} B" if count >= 1e9 else f"{count / 1e6:.3g} M"


BYTES = Axis("size on disk", lambda each: each.bytes, size)
PARAMETERS = Axis("parameters", lambda each: each.parameters, _in_millions)
PRICE = Axis("price in US dollars, a million tokens in and out", lambda each: each.price, "${:g}".format)
GIVEN = Axis("", lambda each: None, str)
"""Nothing is known of all: they stand in the order in which they were given."""


def sized(model: Model, bytes: int | None = None) -> Sized:
    """What is known of the size of a model. bytes: what its user says, which wins."""
    facts = model.facts
    if bytes is None:
        bytes = _of_program() if model.name == registry.BUILT_IN else facts.bytes
    price = facts.price and facts.price.input + facts.price.output
    return Sized(model.name, facts.where, bytes, facts.parameters, price)


def ordered(models: Sequence[Sized]) -> tuple[list[Sized], Axis]:
    """The smallest first, by the first of these that is known of all: bytes, parameters, price; else as given."""
    for axis in (BYTES, PARAMETERS, PRICE):
        if all(axis.of(each) is not None for each in models):
            return sorted(models, key=lambda each: (axis.of(each) or 0, each.name)), axis
    return list(models), GIVEN


def stated(sizes: Sequence[str]) -> Mapping[str, int]:
    """`NAME=85MB` as bytes, by name. Raises UsageError."""
    return dict(map(_stated, sizes))


def _stated(told: str) -> tuple[str, int]:
    name, _, count = told.rpartition("=")
    if not name:
        raise UsageError(f"{told!r} is no size of a model.", then="For example: --size small=85MB")
    return name, in_bytes(count)


def _of_program() -> int:
    """The size of the built-in model, which has no weights: of its program."""
    return sum(each.stat().st_size for each in Path(extractive.__file__).parent.glob("*.py"))
