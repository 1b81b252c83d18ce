"""A Python type as a JSON schema, and a JSON value as a value of that type."""

import types
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, MutableSequence, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from inspect import Parameter
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from curta.messages import JSON, canonical


class Form(NamedTuple):
    """A type: its JSON schema, and the reader of its values.

    read: raises ValueError that goes on after the name of what was read: `should be a whole number, not 'x'`.
    """

    schema: Mapping[str, JSON]
    read: Callable[[JSON], Any]


def form(annotation: Any) -> Form:
    """Raises TypeError for a type that JSON has nothing for."""
    origin, args = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and origin is None:
        return _class(annotation)
    if origin is Annotated:
        words = " ".join(each for each in args[1:] if isinstance(each, str))
        inner = form(args[0])
        return inner._replace(schema={**inner.schema, "description": words}) if words else inner
    if origin is Literal:
        return _one_of({_key(each): each for each in args}, list(args))
    if origin in (Union, types.UnionType):
        return _any_of([form(each) for each in args])
    if origin in _LISTS:
        return _tuple(args) if origin is tuple and args[-1] is not ... else _list(_LISTS[origin], form(args[0]))
    if origin in _DICTS:
        return _dict(form(args[1])) if args[0] is str else _refuse(annotation)
    if hasattr(annotation, "__supertype__"):
        return form(annotation.__supertype__)  # a NewType
    if hasattr(annotation, "__value__"):
        return form(annotation.__value__)  # a `type` statement
    if annotation is None:
        return _NOTHING
    if annotation is Any or isinstance(annotation, TypeVar):
        return _ANYTHING
    return _refuse(annotation)


def _refuse(annotation: Any) -> Form:
    raise TypeError(getattr(annotation, "__name__", None) or str(annotation))


def _class(kind: type) -> Form:
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in _LISTS:
        return _list(_LISTS[kind], _ANYTHING)
    if kind in _DICTS:
        return _dict(_ANYTHING)
    if issubclass(kind, Enum):
        return _one_of({_key(each.value): each for each in kind}, [each.value for each in kind])
    if is_dataclass(kind):
        needed = {each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING}
        return _record(kind, needed)
    if issubclass(kind, dict) and hasattr(kind, "__required_keys__"):
        return _record(kind, set(kind.__required_keys__))  # a TypedDict
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return _record(kind, set(kind._fields) - set(kind._field_defaults))  # type: ignore[attr-defined]
    if hasattr(kind, "model_json_schema") and hasattr(kind, "model_validate"):  # pydantic's
        return Form(kind.model_json_schema(), kind.model_validate)
    if kind.__name__ in _TEXTUAL and kind.__module__ in _TEXTUAL[kind.__name__].modules:
        return _textual(kind, _TEXTUAL[kind.__name__])
    return _refuse(kind)


# The plain ones


def _text(value: JSON) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise _wanted("a text", value)


def _whole(value: JSON) -> int:
    try:
        if isinstance(value, int | str) and not isinstance(value, bool):
            return int(value)
        if isinstance(value, float) and value.is_integer():
            return int(value)
    except ValueError:
        pass
    raise _wanted("a whole number", value)


def _number(value: JSON) -> float:
    try:
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            return float(value)
    except (ValueError, OverflowError):
        pass
    raise _wanted("a number", value)


def _truth(value: JSON) -> bool:
    known = {True: True, False: False, "true": True, "false": False}
    if (
        isinstance(value, bool | str)
        and (read := known.get(value.lower() if isinstance(value, str) else value)) is not None
    ):
        return read
    raise _wanted("true or false", value)


def _null(value: JSON) -> None:
    if value is not None:
        raise _wanted("null", value)


def _same(value: JSON) -> Any:
    return value


def _wanted(what: str, value: JSON) -> ValueError:
    shown = repr(value)
    return ValueError(f"should be {what}, not {shown if len(shown) <= 80 else shown[:79] + '…'}")


_ANYTHING = Form({}, _same)
_NOTHING = Form({"type": "null"}, _null)
_PLAIN: dict[Any, Form] = {
    str: Form({"type": "string"}, _text),
    int: Form({"type": "integer"}, _whole),
    float: Form({"type": "number"}, _number),
    bool: Form({"type": "boolean"}, _truth),
    type(None): _NOTHING,
    object: _ANYTHING,
    Any: _ANYTHING,
    Parameter.empty: _ANYTHING,
}
_LISTS: dict[Any, Callable[[Iterable[Any]], Any]] = {
    list: list,
    tuple: tuple,
    set: set,
    frozenset: frozenset,
    Sequence: list,
    MutableSequence: list,
    Iterable: list,
    Iterator: iter,
    AbstractSet: set,
}
_DICTS = (dict, Mapping, MutableMapping)


class _Textual(NamedTuple):
    """A type that JSON writes as a text. format: JSON schema's name for it. read: the name of its own reader."""

    modules: tuple[str, ...]
    what: str
    format: str | None = None
    read: str | None = None


_TEXTUAL = {
    "datetime": _Textual(("datetime",), "a date and time as ISO 8601 has it", "date-time", "fromisoformat"),
    "date": _Textual(("datetime",), "a date as ISO 8601 has it", "date", "fromisoformat"),
    "time": _Textual(("datetime",), "a time as ISO 8601 has it", "time", "fromisoformat"),
    "Path": _Textual(("pathlib", "pathlib._local"), "the path of a file"),
    "Decimal": _Textual(("decimal",), "a number"),
    "UUID": _Textual(("uuid",), "a UUID", "uuid"),
}


def _textual(kind: type, how: _Textual) -> Form:
    make = getattr(kind, how.read) if how.read else kind

    def read(value: JSON) -> Any:
        try:
            return make(_text(value))
        except (ValueError, ArithmeticError):
            raise _wanted(how.what, value) from None

    return Form({"type": "string", **({"format": how.format} if how.format else {})}, read)


# Those made of others


def _key(value: JSON) -> bytes:
    """What tells 1 from True and from 1.0, which Python does not."""
    return canonical(value)


def _one_of(values: Mapping[bytes, Any], shown: list[JSON]) -> Form:
    by_text = {str(value): found for value, found in zip(shown, values.values(), strict=False)}

    def read(value: JSON) -> Any:
        try:
            if (key := _key(value)) in values:
                return values[key]
        except (TypeError, ValueError):
            pass
        if isinstance(value, str) and value in by_text:
            return by_text[value]
        raise _wanted(f"one of {', '.join(map(repr, shown))}", value)

    kinds = {type(value) for value in shown}
    names = {str: "string", int: "integer", float: "number", bool: "boolean"}
    kind = names.get(kinds.pop()) if len(kinds) == 1 else None
    return Form({**({"type": kind} if kind else {}), "enum": shown}, read)


def _any_of(forms: list[Form]) -> Form:
    """The first that takes the value as it is; else the first that can make sense of it."""

    def read(value: JSON) -> Any:
        complaints = []
        for each in sorted(forms, key=lambda each: not _is_exactly(value, each.schema)):
            try:
                return each.read(value)
            except ValueError as error:
                complaints.append(str(error))
        raise ValueError(" or ".join(dict.fromkeys(complaints)))

    return Form({"anyOf": [dict(each.schema) for each in forms]}, read)


def _is_exactly(value: JSON, schema: Mapping[str, JSON]) -> bool:
    kinds = {"string": str, "integer": int, "number": float, "boolean": bool, "array": list, "object": dict}
    kind = schema.get("type")
    return type(value) is kinds.get(str(kind)) or (value is None and kind == "null")


def _list(make: Callable[[Iterable[Any]], Any], inner: Form) -> Form:
    def read(value: JSON) -> Any:
        if not isinstance(value, list):
            raise _wanted("a list", value)
        return make([_inside(f"[{n}]", inner, each) for n, each in enumerate(value)])

    unique = {"uniqueItems": True} if make in (set, frozenset) else {}
    return Form({"type": "array", "items": dict(inner.schema), **unique}, read)


def _tuple(args: tuple[Any, ...]) -> Form:
    forms = [form(each) for each in args]

    def read(value: JSON) -> Any:
        if not isinstance(value, list) or len(value) != len(forms):
            raise _wanted(f"a list of {len(forms)}", value)
        return tuple(_inside(f"[{n}]", each, value[n]) for n, each in enumerate(forms))

    distinct = list({canonical(dict(each.schema)): dict(each.schema) for each in forms}.values())
    items = distinct[0] if len(distinct) == 1 else {"anyOf": distinct}
    return Form({"type": "array", "items": items, "minItems": len(forms), "maxItems": len(forms)}, read)


def _dict(inner: Form) -> Form:
    def read(value: JSON) -> Any:
        if not isinstance(value, Mapping):
            raise _wanted("an object", value)
        return {name: _inside(f".{name}", inner, each) for name, each in value.items()}

    return Form({"type": "object", **({"additionalProperties": dict(inner.schema)} if inner.schema else {})}, read)


def _record(kind: type, required: set[str]) -> Form:
    """A class with named fields: a dataclass, a NamedTuple, a TypedDict."""
    forms = {name: form(each) for name, each in get_type_hints(kind, include_extras=True).items()}

    def read(value: JSON) -> Any:
        if not isinstance(value, Mapping):
            raise _wanted("an object", value)
        if missing := sorted(required - value.keys()):
            raise ValueError(f"lacks {', '.join(missing)}")
        if unknown := sorted(value.keys() - forms.keys()):
            raise ValueError(f"has nothing called {', '.join(unknown)}; it has {', '.join(forms)}")
        return kind(**{name: _inside(f".{name}", forms[name], each) for name, each in value.items()})

    properties = {name: dict(each.schema) for name, each in forms.items()}
    ordered = [name for name in forms if name in required]
    needed = {"required": ordered} if ordered else {}
    return Form({"type": "object", "properties": properties, **needed, "additionalProperties": False}, read)


def _inside(place: str, inner: Form, value: JSON) -> Any:
    try:
        return inner.read(value)
    except ValueError as error:
        raise ValueError(f"at {place} {error}") from None
