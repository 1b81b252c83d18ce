"""Rules of `.gitignore` files, and the matching of paths against patterns.

As git has them (gitignore(5)): `*`, `?`, `[a-z]` and `[!a-z]` inside a name; `**` for any folders; a pattern with a
slash before its end holds from the folder of its file, any other at every depth; `name/` means folders only; `!` takes
back; the last rule that matches decides, and those of a deeper file before those of a higher one. What lies in an
ignored folder cannot be taken back.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

# A name's pattern, or None for `**`: any number of names.
Pattern: TypeAlias = tuple[re.Pattern[str] | None, ...]

FILE = ".gitignore"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line. exclude: False when it begins with `!`."""

    pattern: Pattern
    exclude: bool
    folders_only: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one file. base: the names that lead to its folder."""

    base: tuple[str, ...]
    rules: tuple[Rule, ...]


def parse_rules(text: str, base: tuple[str, ...]) -> Rules:
    return Rules(base, tuple(rule for line in text.split("\n") if (rule := _parse_rule(line))))


def _parse_rule(line: str) -> Rule | None:
    line = _without_trailing_spaces(line)
    exclude = not line.startswith("!")
    line = line if exclude else line[1:]
    folders_only, path = line.endswith("/"), line.rstrip("/")
    if not path or (exclude and line.startswith("#")):
        return None
    anchored = path.lstrip("/") if "/" in path else "**/" + path
    return Rule(compile_pattern(anchored), exclude, folders_only)


def _without_trailing_spaces(line: str) -> str:
    stripped = line.rstrip(" \r")
    return stripped + " " if stripped.endswith("\\") and len(line) > len(stripped) else stripped


def compile_pattern(pattern: str) -> Pattern:
    """The pattern of a whole path."""
    names = pattern.split("/")
    # `folder/**` means what is in the folder, not the folder.
    names += ["*"] if names[-1] == "**" else []
    return tuple(None if name == "**" else _name_pattern(name) for name in names)


@cache
def _name_pattern(name: str) -> re.Pattern[str]:
    # `fnmatch` makes patterns that cannot be made to backtrack without end; it lacks only git's escapes and `[^`.
    from fnmatch import translate

    unescaped = re.sub(r"\\(.)", lambda found: f"[{found[1]}]" if found[1] in "*?[" else found[1], name)
    return re.compile(translate(unescaped.replace("[^", "[!")))


def matches(pattern: Pattern, names: Sequence[str]) -> bool:
    """Whether the pattern fits the whole path. Goes back at most to the last `**`, so time is bounded by m * n."""
    at = i = 0
    resume: tuple[int, int] | None = None
    while i < len(names):
        if at < len(pattern) and (part := pattern[at]) is None:
            at += 1
            resume = (at, i)
        elif at < len(pattern) and part is not None and part.match(names[i]):
            at, i = at + 1, i + 1
        elif resume:
            at, i = resume[0], resume[1] + 1
            resume = (at, i)
        else:
            return False
    return all(part is None for part in pattern[at:])


def leads_to(pattern: Pattern, folder: Sequence[str]) -> bool:
    """Whether something below the folder may fit the pattern, so that the others need not be walked."""
    fixed = pattern[: pattern.index(None)] if None in pattern else pattern[:-1]
    if len(folder) > len(fixed) and None not in pattern:
        return False
    return all(part and part.match(name) for part, name in zip(fixed, folder, strict=False))


def ignored(chain: Sequence[Rules], names: Sequence[str], is_folder: bool) -> bool:
    """Whether the rules, from the highest folder to the deepest, exclude the path."""
    for rules in reversed(chain):
        below = names[len(rules.base) :]
        for rule in reversed(rules.rules):
            if (is_folder or not rule.folders_only) and matches(rule.pattern, below):
                return rule.exclude
    return False


def names_of(path: str) -> tuple[str, ...]:
    """The names that lead from the root of the file system to `path`."""
    return tuple(name for name in os.path.realpath(path).split(os.sep) if name)
