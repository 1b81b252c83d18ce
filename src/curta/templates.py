"""Prompts that are kept: a YAML file with a prompt, a system prompt, a model, options, and declared inputs.

The keys are those of `llm` (`prompt system model defaults options schema_object extract extract_last fragments`), and
`description` and `inputs`, which declares each `$name` of the prompt:

    inputs:
      audience: {label: Who will read it, type: choice, choices: [experts, everybody], default: everybody}

A file is looked up in the user's `templates` folder, then among the built-in ones; a name with a `/` or ending in
`.yaml` is a path. `$input` stands for the words typed with the call; what was read stays a Document beside them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from string import Template as StringTemplate
from typing import Any

from curta import config
from curta.errors import TemplateError, UsageError
from curta.messages import JSON

BUILT_IN = Path(__file__).parent / "data" / "templates"
TYPES: Mapping[str, type] = {"text": str, "integer": int, "number": float, "flag": bool, "choice": str}
_KEYS_OF_INPUT = {"type", "label", "example", "default", "choices"}
_NAME = re.compile(r"[\w-]+(?:\.[\w-]+)*")


@dataclass(frozen=True, slots=True)
class Input:
    """A value that a template asks for."""

    name: str
    type: str = "text"
    label: str = ""
    example: str = ""
    default: Any = None
    choices: tuple[str, ...] = ()

    def read(self, value: str) -> Any:
        """`value`, as typed by the user, in the type of this input. Raises UsageError, saying what would fit."""
        kind = TYPES[self.type]
        try:
            read = value.strip().lower() in _TRUE if kind is bool and value.strip().lower() in _FLAGS else kind(value)
        except ValueError as error:
            raise self._refuse(value, f"It takes {_ARTICLES[self.type]}.") from error
        if kind is bool and value.strip().lower() not in _FLAGS:
            raise self._refuse(value, "It takes yes or no.")
        if self.choices and read not in self.choices:
            raise self._refuse(value, f"It takes one of: {', '.join(self.choices)}.")
        return read

    def _refuse(self, value: str, why: str) -> UsageError:
        example = f"For example: -p {self.name} {self.example!r}" if self.example else ""
        return UsageError(f"{value!r} does not fit the input {self.name!r}.", why=why, then=example)


_TRUE = {"yes", "true", "on", "1"}
_FLAGS = _TRUE | {"no", "false", "off", "0"}
_ARTICLES = {
    "integer": "a whole number",
    "number": "a number",
    "text": "text",
    "flag": "yes or no",
    "choice": "a choice",
}


@dataclass(frozen=True, slots=True)
class Template:
    """A kept prompt. `path` is the file it was read from."""

    name: str
    path: Path
    prompt: str = ""
    system: str = ""
    model: str = ""
    description: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, JSON] = field(default_factory=dict)
    schema_object: Mapping[str, JSON] | None = None
    fragments: tuple[str, ...] = ()
    extract: bool = False
    extract_last: bool = False
    inputs: tuple[Input, ...] = ()

    @property
    def variables(self) -> tuple[str, ...]:
        """The names the prompt and the system prompt hold, in order, without `input`."""
        names = [*StringTemplate(self.prompt).get_identifiers(), *StringTemplate(self.system).get_identifiers()]
        return tuple(dict.fromkeys(name for name in names if name != "input"))

    def fill(self, words: str, given: Mapping[str, str]) -> tuple[str, str]:
        """The prompt and the system prompt, with `words` for `$input` and a value for each variable.

        Raises UsageError for a value that does not fit, TemplateError for one that is missing.
        """
        values = self._values(given)
        prompt = _substitute(self.prompt, {**values, "input": words or "the text given above"})
        if words and not _mentions_input(self.prompt):
            prompt = f"{prompt}\n\n{words}" if prompt else words
        return prompt, _substitute(self.system, {**values, "input": words})

    def _values(self, given: Mapping[str, str]) -> dict[str, Any]:
        declared = {each.name: each for each in self.inputs}
        known = {*declared, *self.variables}
        if unknown := [name for name in given if name not in known]:
            takes = ", ".join(sorted(known)) or "none"
            raise UsageError(f"The template {self.name!r} has no input {unknown[0]!r}.", then=f"Its inputs: {takes}.")
        read = {name: declared[name].read(value) if name in declared else value for name, value in given.items()}
        defaults = {each.name: each.default for each in self.inputs if each.default is not None}
        values = {**defaults, **self.defaults, **read}
        if missing := [name for name in self.variables if name not in values]:
            raise TemplateError(
                f"The template {self.name!r} needs: {', '.join(missing)}.",
                then=" ".join(f"-p {name} {_sample(declared.get(name))}" for name in missing),
            )
        return values


def folder() -> Path:
    """Where the user's own templates live."""
    return config.home() / "templates"


def path_of(name: str) -> Path:
    """Where the template called `name` is, or would be written. Raises TemplateError for an impossible name."""
    if "/" in name or name.endswith((".yaml", ".yml")):
        return Path(name)
    if not _NAME.fullmatch(name):
        raise TemplateError(f"{name!r} cannot be the name of a template.", then="Use letters, digits and dashes.")
    return folder() / f"{name}.yaml"


def names() -> Iterator[tuple[str, Path]]:
    """Every template, by name, with its file; the user's own hide built-in ones of the same name."""
    found = {path.stem: path for place in (BUILT_IN, folder()) for path in sorted(place.glob("*.yaml"))}
    yield from sorted(found.items())


def load(name: str) -> Template:
    """The template called `name`. Raises TemplateError, naming file and line."""
    path = path_of(name)
    if not path.exists() and path.parent == folder():
        path = BUILT_IN / path.name
    try:
        source = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise _unknown(name) from None
    except OSError as error:
        raise TemplateError(f"Cannot read the template {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise TemplateError(f"The template {path} is not UTF-8 text.") from error
    return parse(source, path.stem, path)


def parse(source: str, name: str, path: Path) -> Template:
    """A template from its YAML. Raises TemplateError, naming file and line."""
    value = _read_yaml(source, path)
    if isinstance(value, str):
        value = {"prompt": value}
    if not isinstance(value, dict):
        raise TemplateError(f"{path}: a template is a mapping with `prompt:` or `system:`, or plain text.")
    known = {f.name for f in fields(Template)} - {"name", "path"}
    for key in value:
        if key not in known:
            raise TemplateError(f"{path}, line {_line(source, key)}: unknown key {key!r}.", then=_known(known))
    try:
        return Template(
            name=str(value.pop("name", name)),
            path=path,
            inputs=tuple(_input(source, path, *item) for item in (value.pop("inputs", None) or {}).items()),
            fragments=tuple(map(str, value.pop("fragments", None) or ())),
            **{key: _typed(source, path, key, each) for key, each in value.items()},
        )
    except AttributeError as error:
        line = _line(source, "inputs")
        raise TemplateError(f"{path}, line {line}: `inputs:` maps each name to what it takes.") from error


def _read_yaml(source: str, path: Path) -> Any:
    import yaml

    try:
        return yaml.load(source, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise TemplateError(f"{path}, line {line}: {error.problem or 'not valid YAML'}.") from error
    except yaml.YAMLError as error:
        raise TemplateError(f"{path}: not valid YAML: {error}.") from error


def _input(source: str, path: Path, name: str, what: Any) -> Input:
    what = {} if what is None else {"default": what} if not isinstance(what, dict) else dict(what)
    where = f"{path}, line {_line(source, name)}: the input {name!r}"
    if wrong := sorted(set(what) - _KEYS_OF_INPUT):
        raise TemplateError(f"{where} has an unknown key {wrong[0]!r}.", then=_known(_KEYS_OF_INPUT))
    choices = tuple(map(str, what.pop("choices", None) or ()))
    kind = what.pop("type", "choice" if choices else "text")
    if kind not in TYPES:
        raise TemplateError(f"{where} has an unknown type {kind!r}.", then=_known(set(TYPES)))
    texts = {key: str(what.pop(key, "") or "") for key in ("label", "example")}
    return Input(name, kind, **texts, default=what.pop("default", None), choices=choices)


def _typed(source: str, path: Path, key: str, value: Any) -> Any:
    """`value` as the field `key` wants it; a missing value is the field's default."""
    kind: Any = {"defaults": dict, "options": dict, "schema_object": dict, "extract": bool, "extract_last": bool}.get(
        key, str
    )
    if value is None:
        return None if key == "schema_object" else kind()
    if not isinstance(value, kind):
        wanted = {dict: "a mapping", bool: "true or false", str: "text"}[kind]
        raise TemplateError(f"{path}, line {_line(source, key)}: `{key}:` takes {wanted}.")
    return value


def _substitute(text: str, values: Mapping[str, Any]) -> str:
    return StringTemplate(text).safe_substitute({name: str(value) for name, value in values.items()})


def _mentions_input(text: str) -> bool:
    return "input" in StringTemplate(text).get_identifiers()


def _sample(declared: Input | None) -> str:
    return repr(declared.example or declared.label or "...") if declared else "..."


def _line(source: str, key: str) -> int:
    """The line on which `key` stands, counted from 1."""
    lines = source.splitlines()
    return next((n for n, line in enumerate(lines, 1) if line.lstrip(" -{'\"").startswith(str(key))), 1)


def _known(names: set[str]) -> str:
    return f"Known: {', '.join(sorted(names))}."


def _unknown(name: str) -> TemplateError:
    from difflib import get_close_matches

    close = get_close_matches(name, [each for each, _ in names()], cutoff=0.5)
    return TemplateError(
        f"There is no template called {name!r}.",
        why=f"Close to it: {', '.join(close)}." if close else "",
        then=f"`curta templates` lists them; `curta templates edit {name}` makes one.",
    )
