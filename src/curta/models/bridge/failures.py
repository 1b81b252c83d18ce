"""What goes wrong in a plugin, as errors of ours: one class per next step, cleaned of keys."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from curta.errors import (
    BadKey,
    BrokenAnswer,
    MissingKey,
    ModelError,
    ProviderError,
    RateLimited,
    UnknownModel,
    UnsupportedRequest,
)
from curta.models import keys
from curta.models.bridge.child import ChildEnded

LONGEST_SENTENCE = 600
LONGEST_TAIL = 6
"""Lines of stderr that are shown."""

SHORTEST_SECRET = 6
_KEYLIKE = re.compile(r"\b(?:sk-|AIza|gsk_|hf_|Bearer\s+)[\w.\-]{6,}")
_REFRESH = "If its plugins have changed, list them again: curta models --refresh"


def failure(plugin: str, error: Mapping[str, Any], given: str | None = None) -> ModelError:
    """The error that a plugin's exception means. given: the key that was passed to it."""
    names = set(error["names"])
    said = clean(error["message"], given)
    if "NeedsKeyException" in names:
        return _needs_key(plugin, said)
    if "WrongOptions" in names:
        return _wrong_options(plugin, error["details"])
    if names & {"Unsupported", "ConversationNotSupported"}:
        return UnsupportedRequest(f"The llm plugin {plugin} cannot do this: {said}")
    if names & {"Unknown", "UnknownModelError"}:
        return UnknownModel(said, then=_REFRESH)
    if "No module named 'llm'" in error["message"]:
        return ModelError("The interpreter of llm has no llm.", why=said, then="curta doctor says which one it is.")
    return _by_status(plugin, error.get("status"), said, names, error["names"][0])


def _needs_key(plugin: str, said: str) -> MissingKey:
    name = re.search(r"llm keys set (\S+?)['\"`.]?(?:\s|$)", said)
    known = name[1] if name else "NAME"
    return MissingKey(f"The llm plugin {plugin} has no key.", then=f"Set one: curta keys set {known}")


def _wrong_options(plugin: str, details: list[Mapping[str, Any]]) -> UnsupportedRequest:
    unknown = [each["name"] for each in details if each["unknown"]]
    if unknown:
        return UnsupportedRequest(
            f"The llm plugin {plugin} takes no option {', '.join(map(repr, unknown))} for this model.",
            then="curta models show NAME lists those it takes.",
        )
    wrong = "; ".join(f"{each['name']!r}: {clean(each['message'])}" for each in details)
    return UnsupportedRequest(f"The llm plugin {plugin} does not take this option: {wrong}.")


def _by_status(plugin: str, status: int | None, said: str, names: set[str], name: str) -> ModelError:
    what = f"The llm plugin {plugin} failed: {said or name}"
    if "ModelError" in names:
        return ModelError(what)
    if status is None or status < 400:
        return ModelError(what if name in said or not said else f"The llm plugin {plugin} failed: {name}: {said}")
    if status in (401, 403):
        return BadKey(what, status=status, then="Check the key: curta keys, or llm keys.")
    return (RateLimited if status == 429 else ProviderError)(what, status=status)


def miscounted(plugin: str, given: int, expected: int) -> BrokenAnswer:
    return BrokenAnswer(f"The llm plugin {plugin} gave {given} vectors for {expected} items.")


def ended(plugin: str, error: ChildEnded, arrived: bool, given: str | None = None) -> ModelError:
    """The error that the end of a plugin's process means. arrived: whether something of the answer had."""
    tail = "\n".join(clean(line, given) for line in error.tail.strip().splitlines()[-LONGEST_TAIL:])
    kind = BrokenAnswer if arrived else ModelError
    what = f"The llm plugin {plugin} ended {'in the middle of its answer' if arrived else 'before it answered'}."
    return kind(what, why=tail or error.what, then="Try it there: curta llm")


def clean(text: str, given: str | None = None) -> str:
    """`text` on one line, short, printable, without keys."""
    for secret in {*_secrets(), given or ""}:
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, "****")
    line = _KEYLIKE.sub("****", " ".join(text.split()))
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)
    return shown if len(shown) <= LONGEST_SENTENCE else shown[: LONGEST_SENTENCE - 1] + "…"


def _secrets() -> Iterator[str]:
    """Every key that a plugin may have found: Curta's, those of `llm`, those in the environment."""
    with suppress(Exception):
        yield from keys.saved().values()
    yield from _theirs()
    for name, value in os.environ.items():
        if name.upper().endswith(("_KEY", "_TOKEN", "_SECRET", "_PASSWORD")):
            yield value


def _theirs() -> Iterator[str]:
    import json

    from curta.models.bridge import manifest

    if kept := manifest.kept():
        with suppress(OSError, ValueError, AttributeError):
            values = json.loads(Path(kept.user_dir, "keys.json").read_text(encoding="utf-8")).values()
            yield from (value for value in values if isinstance(value, str))
