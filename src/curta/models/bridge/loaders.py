"""Loaders of templates and fragments that plugins provide: `PREFIX:ARGUMENT`.

What they load comes from elsewhere: a template without the right to run code, a fragment as a text that is untrusted.
"""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from curta.errors import SourceError
from curta.messages import Attachment, Document
from curta.models.bridge import child, failures, manifest

Kind: TypeAlias = Literal["template", "fragment"]


def prefixes(kind: Kind) -> dict[str, str]:
    """Prefix -> what its loader says of itself."""
    return {each["prefix"]: each["help"] for each in _entries(kind)}


def template(prefix: str, argument: str) -> dict[str, Any]:
    """The fields of a template, as in a template's YAML, without `functions`: code from elsewhere is not run.

    Raises SourceError when there is no such loader, or it fails.
    """
    loaded: dict[str, Any] = _load("template", prefix, argument)["template"]
    loaded.pop("functions", None)
    return loaded


def fragments(prefix: str, argument: str) -> list[Document | Attachment]:
    """What a loader of fragments makes of `argument`. Raises SourceError as `template`."""
    uri = f"{prefix}:{argument}"
    return [_fragment(each, uri) for each in _load("fragment", prefix, argument)["fragments"]]


def _fragment(each: Mapping[str, Any], uri: str) -> Document | Attachment:
    from curta.models.bridge.tools import attachment

    return attachment(each["attachment"]) if "attachment" in each else Document(each["text"], each["source"] or uri)


def _entries(kind: Kind) -> tuple[Mapping[str, Any], ...]:
    kept = manifest.listed()
    if kept is None:
        return ()
    return kept.template_loaders if kind == "template" else kept.fragment_loaders


def _load(kind: Kind, prefix: str, argument: str) -> dict[str, Any]:
    entry = next((each for each in _entries(kind) if each["prefix"] == prefix), None)
    kept = manifest.kept()
    if entry is None or kept is None:
        raise SourceError(f"No plugin of llm loads {kind}s from {prefix!r}.")
    question = {"op": "load", "kind": kind, "prefix": prefix, "argument": argument, "plugin": entry["plugin"]}
    try:
        _, line = child.ask(kept.python, question)
    except child.ChildEnded as error:
        raise failures.ended(entry["plugin"], error, arrived=False) from error
    if wrong := line.get("error"):
        raise SourceError(f"{prefix}:{argument} cannot be loaded.", why=failures.clean(wrong["message"]))
    return line
