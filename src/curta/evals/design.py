"""The design of an experiment: its cells, what is compared with what, and the order in which all of it is asked.

Units come in an order drawn from the seed. All cells and repeats of a unit are one block, in an order of their own, so
that whatever drifts at a provider drifts in all arms alike. Blocks are given to the statistics whole and in order.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, combinations, product
from random import Random
from statistics import fmean
from typing import NamedTuple

from curta.evals import fractions
from curta.evals.factors import MODEL, WORDING, Factor
from curta.evals.inputs import Input, Inputs
from curta.evals.power import too_few
from curta.evals.scorers.filling import filled, words
from curta.evals.spec import Spec
from curta.messages import JSON
from curta.statistics.factorial import JOINED, relative_length


class Cell(NamedTuple):
    """One way of asking: the level of each factor, by name."""

    levels: Mapping[str, str]

    @property
    def name(self) -> str:
        """`caps, no tip`: the levels in the order of the factors."""
        return ", ".join(self.levels.values()) or "base"


class Contrast(NamedTuple):
    """What is compared: the cells, by their place, whose mean is taken, less those that it is compared with.

    of: the level that is compared with its factor's base; two of them for an interaction.
    """

    name: str
    plus: tuple[int, ...]
    minus: tuple[int, ...]
    of: tuple[tuple[str, str], ...] = ()

    def difference(self, means: Sequence[float]) -> float:
        """The paired difference of one unit, in [-1, 1], from its mean score in each cell."""
        plus, minus = self._sides(means)
        return plus - minus

    def relative(self, means: Sequence[float]) -> float:
        """By how much more there is of something that is neither good nor bad, such as words, in [-1, 1]."""
        return relative_length(*self._sides(means))

    def _sides(self, means: Sequence[float]) -> tuple[float, float]:
        return fmean(means[place] for place in self.plus), fmean(means[place] for place in self.minus)


class Asking(NamedTuple):
    """One call: which input, in which cell, for the how-manieth time."""

    input: Input
    cell: int
    repeat: int


class Block(NamedTuple):
    """All that is asked of a unit. pos: its place in the order."""

    pos: int
    unit: str
    asked: tuple[Asking, ...]


class Asked(NamedTuple):
    """What a call says: the words, apart from its Documents; the model None for the default one."""

    words: str
    system: str
    documents: tuple[tuple[str, str], ...]
    model: str | None
    options: Mapping[str, JSON]


def cells(spec: Spec) -> list[Cell]:
    """All combinations of the levels of all factors, or the fraction of them; the first is the base throughout."""
    names = [each.name for each in spec.factors]
    all_cells: Iterable[tuple[str, ...]] = product(*(each.levels for each in spec.factors))
    if spec.fraction > 1:
        asked = fractions.kept(spec)
        all_cells = (levels for levels in all_cells if fractions.coded(spec.factors, levels) in asked)
    return [Cell(dict(zip(names, levels, strict=True))) for levels in all_cells]


def contrasts(spec: Spec) -> list[Contrast]:
    """Each level against the base of its factor, over all levels of the others; then the interactions, if asked for.

    The interaction of two levels is half of how much more the one does where the other is: their cells with both or
    neither, less those with one of them. Wordings are averaged over. What a fraction cannot tell apart is there once.
    """
    all_cells, tested = cells(spec), [each for each in spec.factors if each.name != WORDING]
    found = [_main(all_cells, factor, level) for factor in tested for level in list(factor.levels)[1:]]
    for one, other in combinations(tested, 2) if spec.interactions else ():
        pairs = product(list(one.levels)[1:], list(other.levels)[1:])
        found += [_interaction(all_cells, (one, a), (other, b)) for a, b in pairs]
    seen: dict[frozenset[tuple[int, ...]], Contrast] = {}
    for each in found:
        seen.setdefault(frozenset((each.plus, each.minus)), each)
    return list(seen.values())


class Blocks:
    """All that is asked, in the order that the seed assigns: the same for the same spec, whatever the machine.

    A block is made when it is asked for. rows, sizes: how many inputs and answers each has. first: the number of the
    first answer of each, and that of all.
    """

    def __init__(self, spec: Spec, inputs: Inputs) -> None:
        self._spec, self._inputs, self._ways = spec, inputs, len(cells(spec)) * spec.repeat
        self._order = array("I", range(len(inputs.sizes)))
        Random(f"units {spec.seed}").shuffle(self._order)
        self.first = array("L", accumulate(self.sizes, initial=0))

    @property
    def rows(self) -> Iterator[int]:
        return (self._inputs.sizes[unit] for unit in self._order)

    @property
    def sizes(self) -> Iterator[int]:
        return (self._ways * each for each in self.rows)

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, pos: int) -> Block:
        of_unit = self._inputs.of_unit(self._order[pos])
        drawn = order_within(self._spec, of_unit[0].unit, len(of_unit))
        asked = tuple(Asking(of_unit[place], cell, repeat) for place, cell, repeat in drawn)
        return Block(pos, of_unit[0].unit, asked)

    def __iter__(self) -> Iterator[Block]:
        return (self[pos] for pos in range(len(self)))


def order_within(spec: Spec, unit: str, inputs: int) -> list[tuple[int, int, int]]:
    """The order in which a unit that has so many inputs is asked about: each time the input's place, cell, repeat."""
    drawn = list(product(range(inputs), range(len(cells(spec))), range(spec.repeat)))
    Random(f"block {spec.seed} {unit}").shuffle(drawn)
    return drawn


def places_within(spec: Spec, unit: str, asked: Sequence[int]) -> Sequence[tuple[int | None, int | None]]:
    """The input and the repeat, from 1 on, of each answer of a unit, from the cells that they are in.

    Drawn again from the seed and the unit's name; where that does not give the cells that are there, for the name was
    taken out of the log, nobody knows.
    """
    inputs = len(asked) // (len(cells(spec)) * spec.repeat)
    if inputs == spec.repeat == 1:
        return [(1, 1)] * len(asked)
    drawn = order_within(spec, unit, inputs)
    if [cell for _, cell, _ in drawn] != list(asked):
        return [(None, None)] * len(asked)
    return [(place + 1, repeat + 1) for place, _, repeat in drawn]


def asked(spec: Spec, cell: Cell, values: Mapping[str, JSON]) -> Asked:
    """What is said of an input in a cell. Levels may name columns, and are put in as they are, never read again."""
    varied = {each.name: each.levels[cell.levels[each.name]] for each in spec.factors}
    said: dict[str, JSON] = {**values}
    for name, level in varied.items():
        if name != WORDING:
            said[name] = filled(level, values)
    wording = varied.get(WORDING)
    return Asked(
        words(spec.prompt if wording is None else str(wording), said),
        words(spec.system, said),
        tuple((name, words(f"${{{name}}}", said)) for name in spec.documents),
        str(varied[MODEL]) if MODEL in varied else None,
        filled(spec.options, said),
    )


def warnings(spec: Spec, inputs: Inputs) -> list[str]:
    """What a careful person would say of the design before the first call."""
    said = []
    if all(each.name != WORDING for each in spec.factors):
        said.append("One wording: what is found of it may not hold of another. `prompt:` takes a list.")
    units = len(inputs.sizes)
    if needed := too_few(units, spec.decide, spec.alpha):
        said.append(
            f"{units} independent input{'s' * (units != 1)}: too few to find a difference."
            f" {needed} that differ, all in one direction, are needed."
        )
    if equal := inputs.equal:
        said.append(f"{equal:,} input{'s' * (equal != 1)} ask what another one does: equal inputs are not independent.")
    said += fractions.remarks(spec, len(cells(spec)))
    if spec.repeat > 1:
        said.append("More inputs see more than repeats of the same do.")
    return said


def _main(all_cells: Sequence[Cell], factor: Factor, level: str) -> Contrast:
    there = {
        name: tuple(place for place, cell in enumerate(all_cells) if cell.levels[factor.name] == name)
        for name in (level, factor.base)
    }
    return Contrast(_called(factor, level), there[level], there[factor.base], ((factor.name, level),))


def _interaction(all_cells: Sequence[Cell], one: tuple[Factor, str], other: tuple[Factor, str]) -> Contrast:
    plus, minus = list[int](), list[int]()
    for place, cell in enumerate(all_cells):
        has = [cell.levels[factor.name] for factor, _ in (one, other)]
        if all(level in (wanted, factor.base) for level, (factor, wanted) in zip(has, (one, other), strict=True)):
            varied = sum(level == wanted for level, (_, wanted) in zip(has, (one, other), strict=True))
            (minus if varied == 1 else plus).append(place)
    of = tuple((factor.name, level) for factor, level in (one, other))
    return Contrast(JOINED.join(_called(*each) for each in (one, other)), tuple(plus), tuple(minus), of)


def _called(factor: Factor, level: str) -> str:
    """The name of a level's contrast: the factor's where it has two levels, else with the level."""
    return factor.name if len(factor.levels) == 2 and factor.name != MODEL else f"{factor.name} {level}"
