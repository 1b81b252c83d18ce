"""The signature of a Python function as a JSON schema, and a model's arguments as the values the signature asks for.

Models send numbers as texts and whole numbers as `3.0`; what can be meant in only one way is read that way, anything
else is an error in words the model can act on.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, get_type_hints

from curta.errors import ToolError, UsageError
from curta.messages import JSON, Tool
from curta.tools.forms import Form, form

_SECTION = re.compile(r"^(Args|Arguments|Parameters):\s*$", re.MULTILINE)
_ENTRY = re.compile(r"^(\s+)\*{0,2}(\w+)\s*(?:\([^)]*\))?:\s*(.*)$")
_FIELD = re.compile(r"^\s*:param\s+(?:[\w\[\], .]+\s)?(\w+):\s*(.*)$", re.MULTILINE)


class Signature(NamedTuple):
    """What a function takes: what the model is told, and how its arguments are read.

    forms: the parameters, in order. required: those without a default. positional: those that have no keyword.
    open: whether any other argument goes too (`**kwargs`).
    """

    tool: Tool
    forms: Mapping[str, Form]
    required: frozenset[str]
    positional: tuple[str, ...]
    open: bool

    def bind(self, given: Mapping[str, JSON]) -> tuple[list[Any], dict[str, Any]]:
        """The arguments to call with. Raises ToolError, which names each argument that is wrong and why."""
        read: dict[str, Any] = {}
        wrong: list[str] = []
        for name, value in given.items():
            if name not in self.forms and not self.open:
                wrong.append(f"there is no argument {name!r}; it takes {', '.join(self.forms) or 'none'}")
                continue
            try:
                read[name] = self.forms[name].read(value) if name in self.forms else value
            except ValueError as error:
                wrong.append(f"{name} {error}")
        wrong += [f"{name} is missing" for name in self.forms if name in self.required and name not in given]
        if wrong:
            raise ToolError(f"The arguments of {self.tool.name} do not fit: {'; '.join(wrong)}.")
        return [read.pop(name) for name in self.positional if name in read], read


def signature(function: Callable[..., Any], name: str | None = None) -> Signature:
    """What `function` takes. Raises UsageError for a parameter that JSON cannot fill."""
    name = name or str(getattr(function, "__name__", type(function).__name__))
    described, explained = _documented(inspect.getdoc(_code_of(function)) or "")
    types, forms, required, positional, open = _types(function, name), {}, [], [], False
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            open = True
        elif parameter.kind is not parameter.VAR_POSITIONAL:
            each = _form(types.get(parameter.name, parameter.empty), f"{parameter.name} of {name}")
            forms[parameter.name] = each._replace(schema=_schema(each, parameter, explained))
            required += [parameter.name] if parameter.default is parameter.empty else []
            positional += [parameter.name] if parameter.kind is parameter.POSITIONAL_ONLY else []
    parameters: dict[str, JSON] = {
        "type": "object",
        "properties": {each: found.schema for each, found in forms.items()},
        **({"required": required} if required else {}),
        **({} if open else {"additionalProperties": False}),
    }
    return Signature(Tool(name, described, parameters), forms, frozenset(required), tuple(positional), open)


def _code_of(function: Callable[..., Any]) -> Any:
    """Where the docstring and the types are: in a partial's function, in a callable object's `__call__`."""
    inner = getattr(function, "func", function)
    return inner if inspect.isroutine(inner) else type(inner).__call__


def _types(function: Callable[..., Any], name: str) -> dict[str, Any]:
    try:
        return get_type_hints(_code_of(function), include_extras=True)
    except (NameError, TypeError, SyntaxError, AttributeError) as error:
        raise UsageError(f"The types of {name} cannot be read: {error}.") from error


def _form(annotation: Any, where: str) -> Form:
    try:
        return form(annotation)
    except TypeError as error:
        raise UsageError(
            f"{where} has a type a model cannot fill in: {error}.",
            then="Use str, int, float, bool, list, dict, Literal, an Enum or a dataclass.",
        ) from error


def _schema(found: Form, parameter: inspect.Parameter, explained: Mapping[str, str]) -> dict[str, JSON]:
    schema = dict(found.schema)
    if parameter.annotation is parameter.empty:
        schema = {"type": "string"}
    if (text := explained.get(parameter.name)) and "description" not in schema:
        schema["description"] = text
    default = parameter.default
    if default is not parameter.empty and isinstance(default, str | int | float | list) and default == default:
        schema["default"] = default
    return schema


def _documented(text: str) -> tuple[str, dict[str, str]]:
    """A docstring without its section on parameters, and what that says of each (Google's form, and Sphinx's)."""
    explained = {match[1]: match[2].strip() for match in _FIELD.finditer(text)}
    text = _FIELD.sub("", text)
    if (section := _SECTION.search(text)) is None:
        return text.strip(), explained
    rest, name = text[section.end() :].splitlines(), ""
    for number, line in enumerate(rest):
        if line.strip() and not line.startswith((" ", "\t")):
            after = "\n".join(rest[number:])
            return f"{text[: section.start()].rstrip()}\n\n{after}".strip(), explained
        if entry := _ENTRY.match(line):
            name, explained[name] = entry[2], entry[3].strip()
        elif name and line.strip():
            explained[name] = f"{explained[name]} {line.strip()}"
    return text[: section.start()].strip(), explained
