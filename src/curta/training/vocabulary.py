"""What the `tokenizer.json` of a model folder says: the tokens, how words are cut, and the template of a chat.

Only byte-level BPE, and only ways of cutting words that llama.cpp has under a name: with another one, the same text
would become other tokens and the model would answer nonsense. The official converter refuses tokenizers that are not in
its list of published ones; here the way of cutting itself is looked at, so one trained at home is known too.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from curta.errors import ConfigError

BYTES = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}
AFTER_SPLIT = {**BYTES, "use_regex": False}

LLAMA_3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)

CUTS: list[tuple[str, list[dict[str, Any]]]] = [
    ("gpt-2", [BYTES]),
    ("smollm", [{"type": "Digits", "individual_digits": True}, BYTES]),
    (
        "llama-bpe",
        [{"type": "Split", "pattern": {"Regex": LLAMA_3}, "behavior": "Isolated", "invert": False}, AFTER_SPLIT],
    ),
]
"""The ways of cutting words: what llama.cpp calls them, and how `tokenizer.json` says them."""


class Token(NamedTuple):
    text: str
    special: bool
    """A mark of the template, such as the end of a turn, and no word."""
    added: bool
    """Put beside the trained vocabulary, and matched before words are cut."""


class Vocabulary(NamedTuple):
    tokens: dict[int, Token]
    merges: list[str]
    """Pairs of tokens that become one, in the order of their rank, with a space between."""
    cut: str
    """llama.cpp's name of the way words are cut."""
    starts_with_bos: bool
    template: str | None


def read(folder: Path) -> Vocabulary:
    """The tokenizer in a model folder. ConfigError when it is missing or of a kind that cannot be converted."""
    path = folder / "tokenizer.json"
    told = read_json(path)
    try:
        return _vocabulary(told, folder, path)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ConfigError(f"{path} is not a tokenizer as the package `tokenizers` writes it: {error}") from error


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file. ConfigError when there is none."""
    try:
        told = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise ConfigError(
            f"{path} is missing", then="Name a folder that transformers or an own trainer wrote."
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    if not isinstance(told, dict):
        raise ConfigError(f"{path} holds no JSON object")
    return told


def _vocabulary(told: dict[str, Any], folder: Path, path: Path) -> Vocabulary:
    model = told["model"]
    if model.get("type") != "BPE" or model.get("byte_fallback"):
        raise ConfigError(
            f"{path}: tokenizers of type {model.get('type')} cannot be converted", then="Byte-level BPE can."
        )
    if told.get("normalizer"):
        raise ConfigError(f"{path}: the engine cannot normalise text as this tokenizer does")
    tokens = {int(number): Token(text, False, False) for text, number in model["vocab"].items()}
    tokens |= {int(one["id"]): Token(one["content"], bool(one["special"]), True) for one in told["added_tokens"]}
    return Vocabulary(
        tokens=tokens,
        merges=[pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"]],
        cut=_cut(told["pre_tokenizer"], path),
        starts_with_bos=_starts_with_special(told.get("post_processor")),
        template=_template(folder),
    )


def _cut(told: dict[str, Any], path: Path) -> str:
    steps = told["pretokenizers"] if told["type"] == "Sequence" else [told]
    for name, known in CUTS:
        if len(steps) == len(known) and all(_is(step, wanted) for step, wanted in zip(steps, known, strict=True)):
            return name
    raise ConfigError(
        f"{path}: words are cut in a way that the engine does not have",
        then=f"Train the tokenizer with one of: {', '.join(name for name, _ in CUTS)}.",
    )


def _is(step: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all(step.get(name) == value for name, value in wanted.items())


def _starts_with_special(told: dict[str, Any] | None) -> bool:
    """Whether a text begins with the first token of all, as the post-processor says it."""
    steps = told.get("processors", [told]) if told else []
    return any("SpecialToken" in next(iter(step.get("single") or []), {}) for step in steps)


def _template(folder: Path) -> str | None:
    """The chat template: a file of its own since transformers 5, a field of the configuration before."""
    own = folder / "chat_template.jinja"
    if own.is_file():
        return own.read_text(encoding="utf-8")
    settings = folder / "tokenizer_config.json"
    template = read_json(settings).get("chat_template") if settings.is_file() else None
    return template if isinstance(template, str) else None
