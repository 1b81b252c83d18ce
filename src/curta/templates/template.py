"""A kept prompt as a value, the values it asks for, and how they fill it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from string import Template as StringTemplate
from typing import Any, NamedTuple

from curta.errors import TemplateError, UsageError
from curta.messages import JSON

TYPES: Mapping[str, type] = {"text": str, "integer": int, "number": float, "flag": bool, "choice": str}
GIVEN_ABOVE = "the text given above"
"""What `$input` says when nothing was typed: whatever was read stands before the prompt."""


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


class TypedAttachment(NamedTuple):
    """An attachment whose media type the template says."""

    value: str
    type: str


@dataclass(frozen=True, slots=True)
class Template:
    """A kept prompt.

    path: the file it was read from; None when it came from elsewhere. origin: where it came from, for people.
    tools, functions: tools by name, and Python code that defines some; of trusted templates only.
    distrusted: the keys of a remote template that were not taken over, because they would run something here.
    """

    name: str
    path: Path | None = None
    origin: str = ""
    prompt: str = ""
    system: str = ""
    model: str = ""
    description: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, JSON] = field(default_factory=dict)
    schema_object: Mapping[str, JSON] | None = None
    fragments: tuple[str, ...] = ()
    system_fragments: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    attachment_types: tuple[TypedAttachment, ...] = ()
    tools: tuple[str, ...] = ()
    functions: str = ""
    extract: bool = False
    extract_last: bool = False
    inputs: tuple[Input, ...] = ()
    distrusted: tuple[str, ...] = ()

    @property
    def variables(self) -> tuple[str, ...]:
        """The names the prompt and the system prompt hold, in order, without `input`."""
        names = [*StringTemplate(self.prompt).get_identifiers(), *StringTemplate(self.system).get_identifiers()]
        return tuple(dict.fromkeys(name for name in names if name != "input"))

    @property
    def asks_for(self) -> tuple[Input, ...]:
        """Everything it takes a value for: what it declares, then the other variables, with their defaults."""
        declared = {each.name: each for each in self.inputs}
        others = [Input(name, default=self.defaults.get(name)) for name in self.variables if name not in declared]
        return (*self.inputs, *others)

    def fill(self, words: str, given: Mapping[str, str]) -> tuple[str, str]:
        """The prompt and the system prompt, with `words` for `$input` and a value for each variable.

        Raises UsageError for a value that does not fit, TemplateError for one that is missing.
        """
        return self.place(words, values_of((self,), given))

    def place(self, words: str, values: Mapping[str, Any]) -> tuple[str, str]:
        """`fill`, with values that are known already."""
        prompt = _substitute(self.prompt, {**values, "input": words or GIVEN_ABOVE})
        if words and "input" not in StringTemplate(self.prompt).get_identifiers():
            prompt = f"{prompt}\n\n{words}" if prompt else words
        return prompt, _substitute(self.system, {**values, "input": words})


KEYS = frozenset(each.name for each in fields(Template)) - {"path", "origin", "distrusted"}
"""What can stand in the file of a template."""


def values_of(templates: Sequence[Template], given: Mapping[str, str]) -> dict[str, Any]:
    """A value for each variable of these templates: `given`, else the default of the first that has one.

    Raises UsageError for a value that does not fit, TemplateError for one that is missing.
    """
    declared = {each.name: each for template in reversed(templates) for each in template.inputs}
    wanted = {name: template.name for template in reversed(templates) for name in template.variables}
    _refuse_unknown(given, {*declared, *wanted}, templates)
    read = {name: declared[name].read(value) if name in declared else value for name, value in given.items()}
    values = {**_defaults(templates), **read}
    if missing := [name for name in wanted if name not in values]:
        raise TemplateError(
            f"The template {wanted[missing[0]]!r} needs: {', '.join(missing)}.",
            then=" ".join(f"-p {name} {_sample(declared.get(name))}" for name in missing),
        )
    return values


def _defaults(templates: Sequence[Template]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for template in reversed(templates):
        values |= {each.name: each.default for each in template.inputs if each.default is not None}
        values |= template.defaults
    return values


def _refuse_unknown(given: Iterable[str], known: set[str], templates: Sequence[Template]) -> None:
    if unknown := [name for name in given if name not in known]:
        named = " and ".join(repr(each.name) for each in templates)
        which = f"The template {named} has" if len(templates) == 1 else f"The templates {named} have"
        takes = ", ".join(sorted(known)) or "none"
        raise UsageError(f"{which} no input {unknown[0]!r}.", then=f"Its inputs: {takes}.")


def _substitute(text: str, values: Mapping[str, Any]) -> str:
    return StringTemplate(text).safe_substitute({name: str(value) for name, value in values.items()})


def _sample(declared: Input | None) -> str:
    return repr(declared.example or declared.label or "...") if declared else "..."
