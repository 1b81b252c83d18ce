"""Schemas that refer to themselves, to a depth at which every answer ends.

A model that is held to a tree may go on branching for ever, a weak one most of all. So what refers to itself is
written out DEEPEST times; below that, only what does without it is allowed: an empty list, a field left out, another
alternative.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from curta.messages import JSON
from curta.schemas.keywords import inside, place

DEEPEST = 6
"""How often a schema may stand inside itself."""

_IMPOSSIBLE = object()
"""Instead of a schema that nothing shallow enough could follow."""


def bounded(schema: Mapping[str, JSON]) -> dict[str, JSON]:
    """`schema` without endless references; as it is where no value could be that shallow."""
    reached = {name: _reached(schema, name) for name in _references(schema)}
    endless = {name for name, others in reached.items() if name in others}
    if not endless:
        return dict(schema)
    unrolling = _Unrolling(schema, {name for name, others in reached.items() if endless & {name, *others}})
    top = unrolling.at(dict(schema), 0)
    if top is _IMPOSSIBLE:
        return dict(schema)
    return {**top, "$defs": {**top.get("$defs", {}), **unrolling.written}}


def _references(schema: Any) -> Iterator[str]:
    """All references in a schema."""
    if isinstance(schema, Mapping):
        if "$ref" in schema:
            yield schema["$ref"]
        for _, inner in inside(schema):
            yield from _references(inner)


def _reached(root: Mapping[str, JSON], reference: str) -> set[str]:
    """The references that one leads to, by one or more steps."""
    found: set[str] = set()
    todo = [reference]
    while todo:
        for name in _used(place(root, todo.pop())):
            if name not in found:
                found.add(name)
                todo.append(name)
    return found


def _used(schema: Any) -> Iterator[str]:
    """The references in a schema, without those in definitions, which are used by nobody there."""
    if isinstance(schema, Mapping):
        yield from _references({name: value for name, value in schema.items() if name not in ("$defs", "definitions")})


class _Unrolling:
    """The copies of definitions, by depth. written: those that were needed, for `$defs`.

    copied: the references to those that are endless, or lead to one that is.
    """

    def __init__(self, root: Mapping[str, JSON], copied: set[str]) -> None:
        self._root = root
        self._names = {reference: f"deep{number}" for number, reference in enumerate(sorted(copied))}
        self._made: dict[tuple[str, int], bool] = {}
        self.written: dict[str, JSON] = {}

    def at(self, schema: Any, depth: int) -> Any:
        """The schema as it stands at a depth, or _IMPOSSIBLE."""
        if not isinstance(schema, Mapping):
            return schema
        said = {name: value for name, value in schema.items() if name not in ("$defs", "definitions")}
        kept = {name: value for name, value in schema.items() if name in ("$defs", "definitions")}
        if said.get("$ref") in self._names and not self._is_possible(said["$ref"], depth + 1):
            return _IMPOSSIBLE
        if said.get("$ref") in self._names:
            said["$ref"] = f"#/$defs/{self._names[said['$ref']]}-{depth + 1}"
        for part in (self._fields, self._elements, self._alternatives):
            if part(said, depth) is _IMPOSSIBLE:
                return _IMPOSSIBLE
        return {**said, **kept}

    def _is_possible(self, reference: str, depth: int) -> bool:
        """Whether there is a copy of a definition at this depth; it is written out when it is first asked for."""
        if depth > DEEPEST:
            return False
        if (reference, depth) not in self._made:
            self._made[reference, depth] = False
            copy = self.at(place(self._root, reference), depth)
            self._made[reference, depth] = copy is not _IMPOSSIBLE
            if copy is not _IMPOSSIBLE:
                self.written[f"{self._names[reference]}-{depth}"] = copy
        return self._made[reference, depth]

    def _fields(self, said: dict[str, Any], depth: int) -> Any:
        for keyword in ("properties", "patternProperties"):
            if keyword in said:
                inner = {name: self.at(each, depth) for name, each in said[keyword].items()}
                if any(inner.get(name) is _IMPOSSIBLE for name in said.get("required", ())):
                    return _IMPOSSIBLE
                said[keyword] = {name: each for name, each in inner.items() if each is not _IMPOSSIBLE}
        if "additionalProperties" in said:
            more = self.at(said["additionalProperties"], depth)
            said["additionalProperties"] = False if more is _IMPOSSIBLE else more
        return None

    def _elements(self, said: dict[str, Any], depth: int) -> Any:
        if "prefixItems" in said:
            said["prefixItems"] = [self.at(each, depth) for each in said["prefixItems"]]
            if _IMPOSSIBLE in said["prefixItems"]:
                return _IMPOSSIBLE
        if "items" in said:
            said["items"] = self.at(said["items"], depth)
            if said["items"] is _IMPOSSIBLE:
                if said.get("minItems", 0) > len(said.get("prefixItems", ())):
                    return _IMPOSSIBLE
                said["items"] = False
        return None

    def _alternatives(self, said: dict[str, Any], depth: int) -> Any:
        for keyword in ("anyOf", "allOf"):
            if keyword in said:
                inner = [self.at(each, depth) for each in said[keyword]]
                possible = [each for each in inner if each is not _IMPOSSIBLE]
                if not possible or (keyword == "allOf" and len(possible) < len(inner)):
                    return _IMPOSSIBLE
                said[keyword] = possible
        return None
