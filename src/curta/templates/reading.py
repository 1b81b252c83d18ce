"""Templates from their YAML: every key checked, every error with its file and line, and nothing endless.

A YAML file of a few bytes can stand for gigabytes (aliases of aliases), for a value that contains itself, or for a
nesting that ends the parser with the process: all three are refused before anything is made of them.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from curta import schemas
from curta.errors import TemplateError, UsageError
from curta.messages import well_formed
from curta.templates.template import KEYS, TYPES, Input, Template, TypedAttachment

LONGEST = 1 << 20
DEEPEST = 60
_VALUES = 20_000
_REMEDIES = {  # by what PyYAML says of a: b: c, of a tab, and of @
    "mapping values are not allowed in this context": "A text with a colon in it stands in quotation marks.",
    "found character that cannot start any token": "YAML is indented with spaces, not tabs;"
    " a text that begins with @, % or ` stands in quotation marks.",
}
_KEYS_OF_INPUT = {"type", "label", "example", "default", "choices"}


def parse(source: str, name: str, path: Path | None, origin: str = "") -> Template:
    """A template from its YAML. Raises TemplateError, naming file and line."""
    origin = origin or str(path or name)
    value = read_yaml(source, origin)
    if isinstance(value, str):
        value = {"prompt": value}
    if not isinstance(value, dict):
        raise TemplateError(f"{origin}: a template is a mapping with `prompt:` or `system:`, or plain text.")
    for key in value:
        if key not in KEYS:
            raise TemplateError(f"{origin}, line {_line(source, key)}: unknown key {key!r}.", then=_known(KEYS))
    at = _Place(source, origin)
    read = {key: _reader(key)(at, key, each) for key, each in value.items() if each is not None}
    return Template(name=str(read.pop("name", name)), path=path, origin=origin, **read)


def _reader(key: str) -> "_Reader":
    return _READERS.get(key, _text)


class _Place:
    """Where in which file a key stands, for the errors."""

    def __init__(self, source: str, origin: str) -> None:
        self.source, self.origin = source, origin

    def refuse(self, key: str, what: str, then: str = "") -> TemplateError:
        return TemplateError(f"{self.origin}, line {_line(self.source, key)}: {what}", then=then)

    def takes(self, key: str, wanted: str) -> TemplateError:
        return self.refuse(key, f"`{key}:` takes {wanted}.")


# Keys


def _text(at: _Place, key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise at.takes(key, "text")
    return well_formed(value)


def _flag(at: _Place, key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise at.takes(key, "true or false")
    return value


def _mapping(at: _Place, key: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise at.takes(key, "a mapping")
    return {str(name): each for name, each in value.items()}


def _texts(at: _Place, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str | int | float) for each in value):
        raise at.takes(key, "a list of texts")
    return tuple(map(str, value))


def _schema(at: _Place, key: str, value: Any) -> Mapping[str, Any] | None:
    try:
        return schemas.checked(_mapping(at, key, value))
    except UsageError as error:
        raise at.refuse(key, error.what, error.why) from error


def _typed_attachments(at: _Place, key: str, value: Any) -> tuple[TypedAttachment, ...]:
    wanted = "a list of {type: ..., value: ...}"
    if not isinstance(value, list):
        raise at.takes(key, wanted)
    for each in value:
        if not isinstance(each, dict) or set(each) != {"type", "value"}:
            raise at.takes(key, wanted)
    return tuple(TypedAttachment(str(each["value"]), str(each["type"])) for each in value)


def _inputs(at: _Place, key: str, value: Any) -> tuple[Input, ...]:
    if not isinstance(value, dict):
        raise at.refuse(key, "`inputs:` maps each name to what it takes.")
    return tuple(_input(at, str(name), what) for name, what in value.items())


def _input(at: _Place, name: str, what: Any) -> Input:
    what = {} if what is None else {"default": what} if not isinstance(what, dict) else dict(what)
    if wrong := sorted(set(map(str, what)) - _KEYS_OF_INPUT):
        raise at.refuse(name, f"the input {name!r} has an unknown key {wrong[0]!r}.", _known(_KEYS_OF_INPUT))
    choices = _texts(at, "choices", what.pop("choices", None) or [])
    kind = what.pop("type", "choice" if choices else "text")
    if kind not in TYPES:
        raise at.refuse(name, f"the input {name!r} has an unknown type {kind!r}.", _known(TYPES))
    texts = {key: str(what.pop(key, "") or "") for key in ("label", "example")}
    return Input(name, kind, **texts, default=what.pop("default", None), choices=choices)


_Reader: TypeAlias = Callable[[_Place, str, Any], Any]
_READERS: Mapping[str, _Reader] = {
    "defaults": _mapping,
    "options": _mapping,
    "schema_object": _schema,
    "fragments": _texts,
    "system_fragments": _texts,
    "attachments": _texts,
    "attachment_types": _typed_attachments,
    "tools": _texts,
    "extract": _flag,
    "extract_last": _flag,
    "inputs": _inputs,
}


# YAML


def read_yaml(source: str, origin: str) -> Any:
    """What a YAML text means, as plain values. Raises TemplateError, naming `origin` and the line."""
    import yaml

    if len(source) > LONGEST:
        raise TemplateError(f"{origin} is too long.", why=f"The longest is {LONGEST >> 20} MB.")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _refuse_nesting(yaml.parse(source, Loader=loader), origin)
        value = yaml.load(source, Loader=loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = f"{origin}, line {line}: {error.problem or 'not valid YAML'}."
        raise TemplateError(what, then=_REMEDIES.get(error.problem or "", "")) from error
    except (yaml.YAMLError, ValueError, TypeError) as error:  # e.g. a date that there never was; a list as a key
        raise TemplateError(f"{origin}: not valid YAML: {error}.") from error
    for count, _ in enumerate(_values(value, origin)):
        if count > _VALUES:
            raise TemplateError(f"{origin} stands for more than {_VALUES:,} values.", why="Its aliases repeat them.")
    return value


def _refuse_nesting(events: Iterator[Any], origin: str) -> None:
    """Deep nesting is refused by the events of the parser; composing it in C would end the process."""
    depth = 0
    for event in events:
        kind = type(event).__name__
        depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
        if depth > DEEPEST:
            line = event.start_mark.line + 1
            raise TemplateError(f"{origin}, line {line}: nested more than {DEEPEST} levels deep.")


def _values(value: Any, origin: str, around: tuple[int, ...] = ()) -> Iterator[Any]:
    """Every value in `value`, counted as often as it stands there. Raises TemplateError for one inside itself."""
    yield value
    if isinstance(value, dict | list):
        if id(value) in around:
            raise TemplateError(f"{origin} refers to itself.", why="An alias (*) stands inside what it is an alias of.")
        for each in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from _values(each, origin, (*around, id(value)))


def _line(source: str, key: str) -> int:
    """The line on which `key` stands, counted from 1."""
    lines = source.splitlines()
    return next((n for n, line in enumerate(lines, 1) if line.lstrip(" -{'\"").startswith(str(key))), 1)


def _known(names: Any) -> str:
    return f"Known: {', '.join(sorted(names))}."
