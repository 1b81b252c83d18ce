"""Keys, aliases, the default model and the options of models: the small files of an `llm` user directory.

A file that is not there, not JSON or not of the expected shape reads as empty; the latter two are named.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curta.llm_home import location, note_trouble
from curta.messages import JSON

KEYS, ALIASES, OPTIONS, DEFAULT = "keys.json", "aliases.json", "model_options.json", "default_model.txt"
DEFAULT_EMBEDDING = "default_embedding_model.txt"
KEY_NAMES: Mapping[str, tuple[str, ...]] = {"anthropic": ("claude",), "gemini": ("palm",), "xai": ("grok",)}
"""Name of a key -> other names under which plugins of `llm` keep the key of that provider."""

UNSAID_DEFAULT = "gpt-5.6-luna"
"""What `llm` asks when its user has chosen no model."""


def keys() -> dict[str, str]:
    """The saved keys by name, the note that `llm` keeps among them left out."""
    return {name: value for name, value in _texts(KEYS).items() if not name.startswith("//")}


def key(name: str) -> str | None:
    """The saved key for `name`, also under the name a plugin used for the same provider."""
    saved = keys()
    return next((saved[each] for each in (name, *KEY_NAMES.get(name, ())) if saved.get(each)), None)


def aliases() -> dict[str, str]:
    """Alias -> model, as the user set them."""
    return _texts(ALIASES)


def chosen_model() -> str | None:
    """The default model the user has chosen."""
    return _word(DEFAULT)


def chosen_embedding_model() -> str | None:
    """The default embedding model the user has chosen."""
    return _word(DEFAULT_EMBEDDING)


def _word(name: str) -> str | None:
    try:
        return (location() / name).read_text(encoding="utf-8").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        note_trouble(f"{location() / name} of llm cannot be read: {_reason(error)}.")
        return None


def default_model() -> str | None:
    """The model that `llm` would ask: the chosen one, else its own default where there is a key for it."""
    return chosen_model() or (UNSAID_DEFAULT if "openai" in keys() else None)


def all_options() -> dict[str, dict[str, JSON]]:
    """Model -> its default options."""
    return {model: options for model, options in _read(OPTIONS).items() if isinstance(options, dict)}


def _texts(name: str) -> dict[str, str]:
    return {each: value for each, value in _read(name).items() if isinstance(value, str)}


def _read(name: str) -> dict[str, Any]:
    path = location() / name
    try:
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError) as error:
        note_trouble(f"{path} of llm cannot be read: {_reason(error)}.")
        return {}
    if not isinstance(value, dict):
        note_trouble(f"{path} of llm does not hold a JSON object.")
        return {}
    return value


def _reason(error: Exception) -> str:
    """Why, without what the file says: it may hold keys."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    if isinstance(error, json.JSONDecodeError):
        return f"not valid JSON at line {error.lineno}"
    return "not UTF-8 text" if isinstance(error, UnicodeError) else type(error).__name__


def path_of(name: str) -> Path | None:
    """The file called `name` in `llm`'s folder, when there is one."""
    path = location() / name
    return path if path.is_file() else None
