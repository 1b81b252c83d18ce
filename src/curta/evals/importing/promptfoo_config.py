"""A configuration of promptfoo as a spec: prompts, providers, tests. What has no like here is named, not guessed.

Several prompts become a factor, for promptfoo compares them; an assertion of a test's own goes into its input.
Source: promptfoo's documentation, "Configuration reference" and "Test case configuration" (CSV)
"""

import csv
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, product
from typing import Any, NamedTuple

from curta.errors import SourceError, UsageError
from curta.evals import spec
from curta.evals.importing.foreign import mapping, sequence, short
from curta.evals.importing.json_pieces import pieces
from curta.evals.importing.promptfoo_tests import Scorers, of_cell, scorers, words
from curta.sources import files
from curta.sources.names import shown

_MODEL_OF = (
    "openai:chat:",
    "openai:responses:",
    "openai:",
    "anthropic:messages:",
    "google:",
    "ollama:chat:",
    "ollama:",
)
_CODE = ("file://", "exec:", "python:", "javascript:", "http:", "https:", "package:", "webhook:")
_KEYS = (
    "description",
    "prompts",
    "providers",
    "targets",
    "tests",
    "defaultTest",
    "evaluateOptions",
    "commandLineOptions",
)
_ROWS = ("results", "results")
_OF_TEST = ("vars", "assert", "description")
_PREFIX, _SUFFIX = "__prefix", "__suffix"
EXPECT = "expect"


class Converted(NamedTuple):
    """A spec, as a mapping, and what of the configuration is not in it."""

    spec: dict[str, Any]
    left_out: list[str]

    def yaml(self) -> str:
        """The spec as a file, with what was left out as its first lines."""
        import yaml

        head = [f"# left out: {' '.join(each.split())}\n" for each in self.left_out]
        written_out = type("WrittenOut", (yaml.SafeDumper,), {"ignore_aliases": lambda *_: True})
        return "".join(head) + yaml.dump(self.spec, Dumper=written_out, sort_keys=False, allow_unicode=True, width=120)


def is_configuration(path: str) -> bool:
    """Whether a file may be a configuration, rather than what came of a run."""
    return path.lower().endswith((".yaml", ".yml", ".csv")) or (path.lower().endswith(".json") and _has_prompts(path))


def _has_prompts(path: str) -> bool:
    try:
        with files.opened(path) as file:
            return any(place[0] in ("prompts", "tests") for place, _ in islice(pieces(file, {_ROWS, ("samples",)}), 5))
    except ValueError:
        return False


def converted(path: str) -> Converted:
    """The spec that a configuration (YAML, JSON) or a table of tests (CSV) describes.

    Raises SourceError for a file that is none, UsageError where nothing is left to ask or to score by.
    """
    table = path.lower().endswith(".csv")
    config = {"prompts": [], "tests": path} if table else _read(path)
    return _Converter(os.path.dirname(path), path).convert(config)


def _read(path: str) -> Mapping[str, Any]:
    from curta.templates.reading import read_yaml

    told = read_yaml(files.read(path).decode("utf-8", "replace"), path)
    if not isinstance(told, Mapping) or not {"prompts", "tests"} & set(told):
        raise SourceError(
            f"{shown(path)} is no configuration of promptfoo.", why="One has `prompts:`, `providers:` and `tests:`."
        )
    return told


class _Converter:
    """left_out: what is not in the spec, each once."""

    def __init__(self, folder: str, path: str) -> None:
        self.folder, self.path = folder, path
        self.left_out: list[str] = []

    def leave_out(self, what: str) -> None:
        if what not in self.left_out:
            self.left_out.append(what)

    def convert(self, config: Mapping[str, Any]) -> Converted:
        for name in config:
            if name not in _KEYS:
                self.leave_out(f"`{name}:`")
        default = mapping(config.get("defaultTest"))
        rows = self._rows(config.get("tests"), default)
        prompts, system = self._prompts(config.get("prompts"))
        told: dict[str, Any] = {"name": str(config.get("description") or "")} if config.get("description") else {}
        told |= self._asked(prompts, rows)
        told |= {"system": system} if system else {}
        told |= self._models(config.get("providers") or config.get("targets"))
        told |= self._scored(rows, scorers(default.get("assert"), "defaultTest", self.leave_out))
        if (repeat := mapping(config.get("evaluateOptions")).get("repeat")) not in (None, 1):
            told["repeat"] = repeat
        spec.spec_of(told)
        return Converted(told, self.left_out)

    # What is asked

    def _asked(self, prompts: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        around = [f"${{{each}}}" if any(row.get(each) for row in rows) else "" for each in (_PREFIX, _SUFFIX)]
        told = [f"{around[0]}{each}{around[1]}" for each in prompts]
        if len(told) == 1:
            return {"prompt": told[0]}
        levels = {short(each): each for each in told}
        name = "prompt" if all("prompt" not in row for row in rows) else "wording_of_prompt"
        return {"prompt": f"${name}", "factors": {name: levels}}

    def _prompts(self, told: Any) -> tuple[list[str], str]:
        """The prompts, and the system prompt that all of them have."""
        found = list[tuple[str, str]]()
        for number, each in enumerate(told if isinstance(told, list) else [told] if told else [], 1):
            if (read := self._prompt(each, f"prompt {number}")) is not None:
                found.append(read)
        if not found:
            if told:
                self._refuse("It has no prompt that can be asked here.")
            self.leave_out("there are no prompts: write them under `prompt:`")
            return ["$question"], ""
        system = found[0][0]
        for other, text in found[1:]:
            if other != system:
                self.leave_out(f"the prompt {short(text)!r}: its system message is not that of the first")
        return [text for other, text in found if other == system], system

    def _prompt(self, told: Any, where: str) -> tuple[str, str] | None:
        """The system message and the words of a prompt."""
        raw = mapping(told).get("raw") or mapping(told).get("id") or told
        if not isinstance(raw, str) or raw.startswith(_CODE) or mapping(told).get("function"):
            self.leave_out(f"{where}: it is in a file of its own, or code")
            return None
        try:
            turns = sequence(json.loads(raw)) if raw.lstrip().startswith("[") else ()
        except ValueError:
            turns = ()
        roles = [mapping(each).get("role") for each in turns]
        try:
            if roles in (["user"], ["system", "user"]):
                texts = [words(str(each["content"]), where) for each in turns]
                return "".join(texts[:-1]), texts[-1]
            if not turns:
                return "", words(raw, where)
        except UsageError as error:
            self.leave_out(error.what.rstrip("."))
            return None
        self.leave_out(f"{where}: a conversation of several turns")
        return None

    def _models(self, told: Any) -> dict[str, Any]:
        names, options = list[str](), list[Mapping[str, Any]]()
        for each in told if isinstance(told, list) else [told] if told else []:
            name, config = _provider(each)
            if not name or name.startswith(_CODE):
                self.leave_out(f"the provider {name or each!r}: it is code, or in a file of its own")
                continue
            names.append(next((name.removeprefix(start) for start in _MODEL_OF if name.startswith(start)), name))
            options.append(
                {key: config[key] for key in ("temperature", "max_tokens", "top_p", "seed") if key in config}
            )
            self._note_config(name, config, options[-1])
        if len(set(names)) < len(names):
            self.leave_out("of providers with the same model, all but the first")
        same = all(each == options[0] for each in options)
        if options and not same:
            self.leave_out("options of providers: they are not the same for all")
        kept = dict(options[0]) if options and same else {}
        models = list(dict.fromkeys(names))
        return ({"models": models} if models else {}) | ({"options": kept} if kept else {})

    def _note_config(self, name: str, config: Mapping[str, Any], kept: Mapping[str, Any]) -> None:
        if others := sorted(set(config) - set(kept)):
            self.leave_out(f"of the provider {name}: {', '.join(others)}")

    # Inputs

    def _rows(self, told: Any, default: Mapping[str, Any]) -> list[dict[str, Any]]:
        for name in default:
            if name not in ("vars", "assert"):
                self.leave_out(f"`{name}:` of defaultTest")
        shared = mapping(default.get("vars"))
        tests = [told] if isinstance(told, str | Mapping) else sequence(told)
        rows = [row for number, each in enumerate(tests, 1) for row in self._of_test(each, number)]
        return [{**shared, **row} for row in rows] or [dict(shared)]

    def _of_test(self, told: Any, number: int) -> Iterable[dict[str, Any]]:
        if isinstance(told, str):
            return self._of_file(told)
        where = f"test {number}"
        for name in mapping(told):
            if name not in _OF_TEST:
                self.leave_out(f"`{name}:` of tests")
        expected = scorers(mapping(told).get("assert"), where, self.leave_out)
        return [{**row, EXPECT: expected} for row in self._combinations(mapping(told).get("vars"), where)]

    def _combinations(self, told: Any, where: str) -> Iterable[dict[str, Any]]:
        """An input for each combination of the values that variables have."""
        if isinstance(told, str):
            self.leave_out(f"{where}: its variables are in a file of their own")
            return []
        values = {str(name): each if isinstance(each, list) else [each] for name, each in mapping(told).items()}
        if any(isinstance(one, str) and one.startswith("file://") for each in values.values() for one in each):
            self.leave_out(f"{where}: a variable is in a file of its own")
            return []
        return [dict(zip(values, each, strict=True)) for each in product(*values.values())]

    def _of_file(self, told: str) -> Iterable[dict[str, Any]]:
        path = told if told == self.path else os.path.join(self.folder, told.removeprefix("file://"))
        if not path.lower().endswith(".csv"):
            self.leave_out(f"tests in {told}: only tables (.csv) are read")
            return []
        text = files.read(path).decode("utf-8-sig", "replace")
        return [self._of_line(row, f"{shown(told)}, line {number}") for number, row in _lines(text)]

    def _of_line(self, row: Mapping[str, str], where: str) -> dict[str, Any]:
        expected = Scorers()
        values = dict[str, Any]()
        for name, cell in row.items():
            if name.startswith("__expected"):
                expected += of_cell(cell, where, self.leave_out)
            elif name in (_PREFIX, _SUFFIX) or not name.startswith("__"):
                values[name] = cell
            elif cell and name != "__description":
                self.leave_out(f"the column {name}")
        return {**values, EXPECT: expected}

    # Scores

    def _scored(self, rows: list[dict[str, Any]], shared: Scorers) -> dict[str, Any]:
        """The inputs and what they are scored by: assertions that all have in common are no column."""
        own = any(row.get(EXPECT) for row in rows)
        if not own and not shared:
            self._refuse("It has no assertion that can be scored by here.")
        score: list[dict[str, Any]] = [*shared, *([{EXPECT: f"${EXPECT}"}] if own else [])]
        if not own:
            return {"inputs": [_without(row) for row in rows], "score": score}
        kept = [row for row in rows if row.get(EXPECT)]
        if len(kept) < len(rows):
            gone = len(rows) - len(kept)
            self.leave_out(f"{gone} test{'s' * (gone != 1)} of which no assertion is left")
        return {"inputs": kept, "score": score}

    def _refuse(self, what: str) -> None:
        left = f"Left out: {'; '.join(self.left_out)}." if self.left_out else ""
        raise UsageError(f"{shown(self.path)} makes no spec. {what}", why=left)


def _provider(told: Any) -> tuple[str, Mapping[str, Any]]:
    """The id of a provider, and its settings: `id`, `{id, config}`, or `{id: {config}}`."""
    if isinstance(told, str):
        return told, {}
    if mapping(told).get("id"):
        return str(told["id"]), mapping(told.get("config"))
    ((name, inner),) = mapping(told).items() if len(mapping(told)) == 1 else (("", None),)
    return str(name), mapping(mapping(inner).get("config"))


def _lines(text: str) -> Iterable[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(text.splitlines(keepends=True))
    for row in reader:
        yield reader.line_num, {name.strip(): cell or "" for name, cell in row.items() if isinstance(name, str)}


def _without(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in row.items() if name != EXPECT}
