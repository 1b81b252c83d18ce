"""What a server says of a tool, the hash it is pinned by, and what has changed since the user agreed to it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias

from curta.messages import JSON, canonical, sha256

Change: TypeAlias = Literal["changed", "new", "gone"]

PINNED = ("name", "title", "description", "inputSchema", "outputSchema", "annotations")
"""What a tool is pinned by: all that a model or a person could be told of it. Icons and `_meta` may vary."""


class Listed(NamedTuple):
    """A tool as its server lists it.

    said: the fields of PINNED, by the protocol's own names. title, description: of the server's author; untrusted.
    claims: the annotations (`readOnlyHint`, ...): what the server says it does, which nobody has checked.
    """

    said: Mapping[str, JSON]

    @classmethod
    def of(cls, tool: Mapping[str, JSON]) -> "Listed":
        """`tool` as the protocol has it, reduced to what is pinned."""
        return cls({field: tool[field] for field in PINNED if tool.get(field) is not None})

    @property
    def name(self) -> str:
        return str(self.said["name"])

    @property
    def description(self) -> str:
        """As a model and a person are told it: characters that hide or reorder text are made visible."""
        from curta.text.terminal import clean

        return clean(str(self.said.get("description") or self.said.get("title") or ""))

    @property
    def parameters(self) -> Mapping[str, JSON]:
        """The JSON schema of the arguments, an object's."""
        schema: Mapping[str, JSON] = _shown({"type": "object", "properties": {}, **self.said.get("inputSchema", {})})
        return schema

    @property
    def claims(self) -> Mapping[str, JSON]:
        claims: Mapping[str, JSON] = self.said.get("annotations", {})
        return claims

    @property
    def sha256(self) -> str:
        """The pin."""
        return sha256(canonical(self.said))


def _shown(schema: JSON) -> JSON:
    """A schema whose words hide nothing; all else as it is."""
    from curta.text.terminal import clean

    if isinstance(schema, list):
        return [_shown(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: clean(value) if key in ("description", "title") and isinstance(value, str) else _shown(value)
        for key, value in schema.items()
    }


def compare(agreed: Iterable[Listed], now: Iterable[Listed]) -> dict[str, Change]:
    """Which tools differ from what was agreed to, by their names."""
    before = {tool.name: tool.sha256 for tool in agreed}
    after = {tool.name: tool.sha256 for tool in now}
    kinds: dict[str, Change] = {name: "changed" for name in before if name in after and before[name] != after[name]}
    kinds.update((name, "gone") for name in before if name not in after)
    kinds.update((name, "new") for name in after if name not in before)
    return kinds


def differences(agreed: Iterable[Listed], now: Iterable[Listed]) -> Iterator[str]:
    """The lines of a unified diff between what was agreed to and what the server says now."""
    from difflib import unified_diff

    before, after = {tool.name: tool for tool in agreed}, {tool.name: tool for tool in now}
    for name in compare(before.values(), after.values()):
        lines = (_lines(before.get(name)), _lines(after.get(name)))
        yield from unified_diff(*lines, f"{name} (agreed)", f"{name} (now)", lineterm="")


def _lines(tool: Listed | None) -> list[str]:
    """A tool as lines that can be compared: its words, then the rest as JSON."""
    import json

    if tool is None:
        return []
    rest = {field: value for field, value in tool.said.items() if field != "description"}
    described = json.dumps(rest, indent=2, ensure_ascii=False, sort_keys=True)
    return [*str(tool.said.get("description", "")).splitlines(), *described.splitlines()]
