"""Which of the scores in a file are scores: numbers in [0, 1] that are not what another one is."""

from collections.abc import Mapping, Sequence

Scores = Mapping[str, float | None]
NO_SCORE = "it has no such score"
"""The failure of a score that an answer was not to have, such as a metric of other tests."""


def usable(answers: Sequence[Scores], twice: tuple[str, str] = ("", "")) -> tuple[list[str], list[str]]:
    """The names of the scores that can be compared, in their order; for the others, why they are left out.

    answers: the scores of each. twice: two names, of which the second is left out where it is always what the first is.
    """
    names, notes = list[str](), list[str]()
    for name in dict.fromkeys(name for each in answers for name in each):
        values = [value for each in answers if (value := each.get(name)) is not None]
        if values and min(values) >= 0 and max(values) <= 1:
            names.append(name)
        else:
            reach = f"it goes from {min(values):g} to {max(values):g}, and a score lies in [0, 1]" if values else ""
            notes.append(f"{name} is left out: {reach or 'it is no number'}")
    first, second = twice
    if {first, second} <= set(names) and all(each.get(first) == each.get(second) for each in answers):
        names.remove(second)
    return names, notes
