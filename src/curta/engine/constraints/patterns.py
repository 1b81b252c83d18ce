"""Regular expressions of schemas as llguidance understands them, with the same meaning.

`curta.schemas` checks an answer with Python's `re`, in ASCII; llguidance's classes are those of Unicode, and what it
does not know keeps the whole grammar from compiling. So classes are written out, and the rest is refused by its name.
"""

import re
from collections.abc import Mapping

CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": r" \t\n\r\f\v"}
CONTROLS = set("nrtfv")
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
    name = pattern[place + 1]
    if name.lower() in CLASSES:
        return f"[{'^' if name.isupper() else ''}{CLASSES[name.lower()]}]", place + 2
    return _character(pattern, place)


def _class(pattern: str, place: int) -> tuple[str, int]:
    """A class `[...]`, with the names of classes in it written out."""
    negated = pattern.startswith("^", place + 1)
    first = place = place + 1 + negated
    parts: list[str] = []
    while place == first or pattern[place] != "]":
        if pattern[place] == "\\" and pattern[place + 1] in CLASSES:
            part, place = CLASSES[pattern[place + 1]], place + 2
        elif pattern[place] == "\\":
            part, place = _character(pattern, place)
        else:  # - keeps its meaning; what llguidance's classes know besides is escaped
            part, place = (_literal(pattern[place]) if pattern[place] != "-" else "-"), place + 1
        parts.append(part)
    return f"[{'^' if negated else ''}{''.join(parts)}]", place + 1


def _character(pattern: str, place: int) -> tuple[str, int]:
    """An escape that stands for one character."""
    if code := re.compile(r"x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}").match(pattern, place + 1):
        return _literal(chr(int(code[0][1:], 16))), code.end()
    name = pattern[place + 1]
    if name.isalnum() and name not in CONTROLS:
        raise UnwritableError(f"\\{name}")
    return (f"\\{name}" if name in CONTROLS else _literal(name)), place + 2


def _literal(character: str) -> str:
    return f"\\{character}" if character in SPECIAL else character
