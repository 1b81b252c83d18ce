"""The OpenAI-compatible models a user has described in `extra-openai-models.yaml`."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from curta.llm_home import EXTRA_MODELS, location, note_trouble

OPENAI = "https://api.openai.com/v1"
_NOT_SPOKEN = {"completion": "the old completions protocol", "api_engine": "api_engine", "api_type": "api_type"}
_FEATURES = {"vision": "image", "audio": "audio"}


class ExtraModel(NamedTuple):
    """A model as the file describes it.

    key: the name of its key; None when its server wants none.
    missing: what it needs that Curta does not speak; empty when it can be asked.
    streams: whether its answers may be streamed.
    """

    name: str
    model_name: str
    url: str
    key: str | None
    wire: str
    headers: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    streams: bool = True
    missing: str = ""


def extra_models() -> list[ExtraModel]:
    """The models of the file, in its order. What cannot be read is named, and the others are kept."""
    path = location() / EXTRA_MODELS
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else []


@lru_cache(maxsize=1)
def _read(path: Path, _modified: int) -> list[ExtraModel]:
    found = []
    for number, described in enumerate(_described(path), 1):
        try:
            found.append(_model(described))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            note_trouble(f"Model {number} of llm's {EXTRA_MODELS} cannot be used: {_what_is_wrong(error)}.")
    return found


def _described(path: Path) -> list[Any]:
    import yaml

    try:
        value = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f", line {line + 1}"
        note_trouble(f"{path}{where}: llm's extra models cannot be read ({type(error).__name__}).")
        return []
    if value is not None and not isinstance(value, list):
        note_trouble(f"{path} of llm does not hold a list of models.")
    return value if isinstance(value, list) else []


def _model(described: Mapping[str, Any]) -> ExtraModel:
    base = described.get("api_base")
    return ExtraModel(
        name=_text(described["model_id"]),
        model_name=_text(described["model_name"]),
        url=_text(base or OPENAI).rstrip("/"),
        key=_text(described["api_key_name"]) if described.get("api_key_name") else None if base else "openai",
        wire="openai_responses" if described.get("responses") else "openai_chat",
        headers={_text(name): _text(value) for name, value in (described.get("headers") or {}).items()},
        aliases=tuple(map(_text, described.get("aliases") or ())),
        modalities=tuple(name for flag, name in _FEATURES.items() if described.get(flag) is True),
        streams=described.get("can_stream") is not False,
        missing=next((what for flag, what in _NOT_SPOKEN.items() if described.get(flag)), ""),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise ValueError(f"{type(value).__name__} where text belongs")
    return str(value)


def _what_is_wrong(error: Exception) -> str:
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error)
