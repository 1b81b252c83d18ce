"""Regular expressions of schemas as llguidance understands them, with the same meaning.

`curta.schemas` checks an answer with Python's `re`, in ASCII; llguidance's classes are those of Unicode, and what it
does not know keeps the whole grammar from compiling. In JSON it lets `\\"` through a class such as `[^"]`, because that
has control characters, which are escaped as well. So classes are written out as ranges of characters, without control
characters where they say what they have not, and the rest is refused by its name.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

Ranges: TypeAlias = Sequence[tuple[int, int]]
"""Characters, by their numbers: from the first to the second, each."""

CLASSES: Mapping[str, Ranges] = {
    "d": ((0x30, 0x39),),
    "w": ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)),
    "s": ((0x09, 0x0D), (0x20, 0x20)),
}
EVERY: Ranges = ((0x20, 0x7E), (0xA0, 0xD7FF), (0xE000, 0x10FFFF))
CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}
SPECIAL = set("\\^$.|?*+()[]{}-/&~#")

REFUSED: Mapping[str, str] = {
    r"\(\?(?!:).{0,2}": "a group that looks around, has a name or sets a flag",
    r"(?:[*+?]|\{[^}]*\})\+": "a possessive repetition",
    r"\{(?!\d+(?:,\d*)?\})": "a brace that is no repetition",
    r"(?<![(|:])(?<!^)\^|\$(?![)|])(?!$)": "^ or $ in the middle",
}
"""What is looked for in a pattern without its escapes and classes: it would not compile, or mean something else."""


class UnwritableError(Exception):
    """A part of a pattern that the engine cannot enforce; its words name it."""


def translated(pattern: str) -> str:
    """`pattern` for the engine. Raises UnwritableError."""
    parts: list[str] = []
    bare = ""
    place = 0
    while place < len(pattern):
        read = _class if pattern[place] == "[" else _escape if pattern[place] == "\\" else _plain
        part, end = read(pattern, place)
        bare += part if read is _plain else "_"
        parts.append(part)
        place = end
    for refused, named in REFUSED.items():
        if found := re.search(refused, bare):
            raise UnwritableError(f"{named} ({found[0]!r})")
    return "".join(parts)


def _plain(pattern: str, place: int) -> tuple[str, int]:
    return pattern[place], place + 1


def _escape(pattern: str, place: int) -> tuple[str, int]:
    """An escape outside of a class."""
    if (ranges := _named(pattern[place + 1])) is not None:
        return _written(ranges), place + 2
    character, end = _character(pattern, place)
    return _literal(character), end


def _class(pattern: str, place: int) -> tuple[str, int]:
    """A class `[...]`."""
    negated = pattern.startswith("^", place + 1)
    first = place = place + 1 + negated
    ranges: list[tuple[int, int]] = []
    while place == first or pattern[place] != "]":
        if pattern[place] == "\\" and (named := _named(pattern[place + 1])) is not None:
            ranges += named
            place += 2
            continue
        low, place = _character(pattern, place)
        high = low
        if pattern[place] == "-" and pattern[place + 1] != "]":
            high, place = _character(pattern, place + 1)
        ranges.append((ord(low), ord(high)))
    return _written(_others(ranges) if negated else ranges), place + 1


def _character(pattern: str, place: int) -> tuple[str, int]:
    """One character, which may be written as an escape, and where it ends. Raises UnwritableError."""
    if pattern[place] != "\\":
        return pattern[place], place + 1
    if code := re.compile(r"x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}").match(pattern, place + 1):
        return chr(int(code[0][1:], 16)), code.end()
    name = pattern[place + 1]
    if name.isalnum() and name not in CONTROLS:
        raise UnwritableError(f"\\{name}")
    return CONTROLS.get(name, name), place + 2


def _named(name: str) -> Ranges | None:
    """The characters of `\\d` and its kin; None for any other name."""
    ranges = CLASSES.get(name.lower())
    return list(_others(ranges)) if ranges and name.isupper() else ranges


def _others(ranges: Ranges) -> Iterator[tuple[int, int]]:
    """All other characters that are no control characters."""
    for first, last in EVERY:
        for low, high in sorted(ranges):
            if low > first and low <= last:
                yield first, low - 1
            first = max(first, high + 1)
        if first <= last:
            yield first, last


def _written(ranges: Ranges | Iterator[tuple[int, int]]) -> str:
    return f"[{''.join(f'{_literal(chr(low))}-{_literal(chr(high))}' for low, high in ranges)}]"


def _literal(character: str) -> str:
    if character in SPECIAL:
        return f"\\{character}"
    return character if character.isprintable() else f"\\x{{{ord(character):x}}}"
