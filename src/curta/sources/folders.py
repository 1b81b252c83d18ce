"""A folder, or a pattern such as `src/**/*.py`, to one Document per text file in it.

Left out: what a `.gitignore` excludes (those of the folder, of its subfolders, and of the repository around it), hidden
files, the stores of version control, symbolic links (what they lead to inside of the folder is loaded under its own
name), and files that hold no text. The order is that of the names, on every machine.
"""

import os
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from curta import errors
from curta.errors import MissingExtra, SourceError, SourceNotFound, SourceNotText, SourceTooLarge
from curta.messages import Document
from curta.sources.decode import is_text
from curta.sources.files import LIMIT, load_file, read, read_head
from curta.sources.formats import format_of
from curta.sources.ignore import (
    FILE,
    Pattern,
    Rules,
    compile_pattern,
    ignored,
    leads_to,
    matches,
    names_of,
    parse_rules,
)
from curta.sources.names import is_pattern, not_found, shown, uri_of
from curta.sources.records import Problem, refuse

Names: TypeAlias = tuple[str, ...]

_STORES = frozenset({"CVS", "_darcs"})
_HEAD = 8_192


def load_folder(root: str) -> list[Document]:
    """The texts in a folder and its subfolders, at most LIMIT characters in all.

    Raises SourceNotFound when it holds none, SourceTooLarge, and SourceError for what cannot be read.
    """
    return _load(root, files_in(root), f"The folder {shown(root)} holds no text.")


def load_pattern(spec: str) -> list[Document]:
    """The texts whose path fits the pattern: `*` and `?` within a name, `**` for any folders between.

    Raises as `load_folder` does.
    """
    return _load(_split(spec)[0], files_fitting(spec), f"No text file fits {shown(spec)}.")


def files_in(root: str, problem: Problem = refuse) -> Iterator[str]:
    """The paths of the files in a folder and its subfolders that no rule leaves out, of text or not.

    problem: told of subfolders that cannot be read; without it the first one is raised.
    """
    return _files(root, compile_pattern("**"), problem)


def files_fitting(spec: str, problem: Problem = refuse) -> Iterator[str]:
    """The paths of the files that fit a pattern and that no rule leaves out. problem: as in `files_in`."""
    root, pattern = _split(spec)
    return _files(root, pattern, problem)


def _split(spec: str) -> tuple[str, Pattern]:
    """The folder a pattern starts from ('' for the current one), and the rest of it."""
    parts = uri_of(spec).split("/")
    fixed = next(i for i, part in enumerate(parts) if is_pattern(part))
    root = "/".join(parts[:fixed]) or ("/" if fixed else "")
    return root, compile_pattern("/".join(part for part in parts[fixed:] if part not in ("", ".")))


# Reading


def _load(root: str, paths: Iterable[str], nothing: str) -> list[Document]:
    documents, size, left_out = list[Document](), 0, set[str]()
    for path in paths:
        texts = _texts_at(path, left_out)
        documents += texts
        size += sum(len(document.text) for document in texts)
        if size > LIMIT:
            raise SourceTooLarge(
                f"{shown(root or '.')} holds more than {LIMIT >> 20} MB of text.",
                then="Name fewer files, by a pattern such as 'docs/**/*.md'.",
            )
    if not documents:
        raise SourceNotFound(nothing, why="Hidden, ignored and binary files and symbolic links are not counted.")
    return documents


def _texts_at(path: str, left_out: set[str]) -> list[Document]:
    """The Documents of a file, none when it holds no text. What a person would miss is told, each sentence once."""
    try:
        return load_file(path)
    except (SourceNotText, MissingExtra) as error:
        if format_of(path) != "plain" and error.what not in left_out:
            left_out.add(error.what)
            errors.tell(f"Left out: {error.what}")
        return []
    except SourceTooLarge:
        if is_text(read_head(path, _HEAD)):
            raise
        return []


# Walking


def _files(root: str, pattern: Pattern, problem: Problem) -> Iterator[str]:
    """The files below a folder ('' for the current one) that fit the pattern and that no rule leaves out.

    With a stack of its own: a hostile tree may be deeper than Python's.
    """
    base = names_of(root or ".")
    stack: list[tuple[Names, bool, tuple[Rules, ...]]] = [((), True, _rules_around(base))]
    while stack:
        names, is_folder, chain = stack.pop()
        if is_folder and leads_to(pattern, names):
            folder = os.path.join(root, *names)
            try:
                chain += _rules_in(folder, base + names)
                inside = [((*names, name), below, chain) for name, below in _entries(folder)]
            except SourceError as error:
                if not names:
                    raise
                problem(error)
                continue
            stack += [entry for entry in reversed(inside) if not ignored(chain, base + entry[0], entry[1])]
        elif not is_folder and matches(pattern, names):
            yield os.path.join(root, *names)


def _entries(folder: str) -> list[tuple[str, bool]]:
    """The names of the files and folders (True) in a folder, in order, without those that are never loaded."""
    try:
        with os.scandir(folder or ".") as entries:
            found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries if _counts(entry)]
    except FileNotFoundError:
        raise not_found(folder) from None
    except OSError as error:
        raise SourceError(f"Cannot read the folder {shown(folder)}: {error.strerror}.") from error
    return sorted(found)


def _counts(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith(".") or entry.name in _STORES:
        return False
    return entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False)


def _rules_around(base: Names) -> tuple[Rules, ...]:
    """The rules that hold above a folder inside of a repository; none elsewhere."""
    above = [base[:depth] for depth in range(len(base), -1, -1)]
    repository = next((i for i, names in enumerate(above) if os.path.exists(_path(names, ".git"))), 0)
    return tuple(rules for names in reversed(above[1 : repository + 1]) for rules in _rules_in(_path(names), names))


def _path(names: Names, *more: str) -> str:
    return os.path.join(os.sep, *names, *more)


def _rules_in(folder: str, names: Names) -> tuple[Rules, ...]:
    """The rules of a folder's own file, if it has one."""
    path = os.path.join(folder, FILE)
    if not os.path.isfile(path):
        return ()
    return (parse_rules(read(path).decode("utf-8", "replace"), names),)
