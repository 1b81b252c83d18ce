"""The short form of a spec, `evals: [{name, prompt, expect}]`: each input has a prompt and scorers of its own.

With `parameters:`, rows or what names them, an entry stands for as many inputs as there are rows.
Source: the format that simonw/llm-evals-plugin, issue 1, proposes
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from curta.errors import UsageError
from curta.evals.keys import listed, plain, takes
from curta.evals.scorers import scorer_of
from curta.evals.scorers.filling import filled, words
from curta.evals.scorers.settings import unknown

KEY = "evals"
_VERSION = "evals_version"
_KEYS = ("name", "prompt", "expect", "parameters")


def written_out(told: Mapping[str, Any], folder: Path | None) -> dict[str, Any]:
    """The same in the long form. folder: where files of parameters lie. Raises UsageError, SourceError."""
    evals = told[KEY]
    if not isinstance(evals, list) or not evals or not all(isinstance(each, Mapping) for each in evals):
        raise takes(KEY, "a list of {name: ..., prompt: ..., expect: [{contains: ...}]}")
    for each in evals:
        _check(each)
    rows = [row for number, each in enumerate(evals, 1) for row in _rows(each, number, folder)]
    others = {key: each for key, each in told.items() if key not in (KEY, _VERSION)}
    return {"prompt": "$prompt", "inputs": rows, "score": {"expect": "$expect"}, **others}


def _check(entry: Mapping[str, Any]) -> None:
    if wrong := [key for key in entry if key not in _KEYS]:
        raise unknown("key in `evals:`", wrong[0], _KEYS)
    if lacking := [key for key in ("prompt", "expect") if not entry.get(key)]:
        raise UsageError(f"One of the `evals:` has no `{lacking[0]}:`.")
    if not isinstance(entry["prompt"], str):
        raise takes("prompt", "a text")
    for each in listed(entry["expect"]):
        scorer_of(each)


def _rows(entry: Mapping[str, Any], number: int, folder: Path | None) -> Iterator[dict[str, Any]]:
    name, prompt, expect = str(entry.get("name", number)), entry["prompt"], listed(entry["expect"])
    if entry.get("parameters") is None:
        yield {"id": name, "prompt": prompt, "expect": expect}
        return
    for place, row in enumerate(_parameters(entry["parameters"], folder), 1):
        yield {"id": f"{name} {place}", "prompt": words(prompt, row), "expect": filled(expect, row)}


def _parameters(given: Any, folder: Path | None) -> Iterator[Mapping[str, Any]]:
    from curta.sources import tables

    if isinstance(given, list) and all(isinstance(each, Mapping) for each in given):
        yield from given
        return
    if not isinstance(given, str):
        raise takes("parameters", "rows, or a file or URL of rows")
    for row in tables.read_table(beside(given, folder)):
        if row.error:
            raise row.error
        yield plain(row.values)


def beside(name: str, folder: Path | None) -> str:
    """What a spec in `folder` means by the name of a file; anything that is no file of its own stays."""
    elsewhere = name == "-" or name.lower().startswith(("sqlite:", "https://", "http://"))
    return name if elsewhere or folder is None else str(folder / name)
