"""Which full-text table a document belongs to, and its words as that table has them.

Measured on XQuAD (nDCG@10): trigrams are best for spaced languages other than English and for Thai, character bigrams
for Chinese and Japanese; Korean, whose words have two or three characters, goes with them.
"""

import re
from functools import cache

_BIGRAM_LANGUAGES = frozenset({"zh", "ja", "ko"})
_LONGEST_IDENTIFIER = 200
_CODE = frozenset(
    "py pyi pyx ipynb js jsx mjs cjs ts tsx vue svelte java kt kts scala groovy c h cc cpp cxx hh hpp hxx m mm cs fs "
    "go rs rb php pl pm lua r jl swift dart zig nim ex exs erl hs ml mli clj lisp el scm sh bash zsh fish ps1 sql "
    "proto cu css scss less cmake mk gradle tf toml yaml yml ini cfg json xml".split()
)


def is_code(uri: str) -> bool:
    """Whether a document is a program or data, by the end of its name."""
    name = uri.rsplit("/", 1)[-1]
    return name.rpartition(".")[2].lower() in _CODE if "." in name else name in ("Makefile", "Dockerfile")


def lexicon(language: str | None, text: str, code: bool) -> str:
    """The table for a text of `language` (None: unknown): `en`, `tri` or `cjk`."""
    if language in _BIGRAM_LANGUAGES:
        return "cjk"
    if language == "en" or code or (language is None and _is_mostly_ascii(text)):
        return "en"
    return "tri"


def _is_mostly_ascii(text: str) -> bool:
    """Whether nine of ten letters are: names, tables and short notes in English, with what they quote."""
    if text.isascii():
        return True
    plain = text.encode("ascii", "ignore").decode()
    return sum(map(str.isalpha, plain)) >= 0.9 * sum(map(str.isalpha, text))


def identifiers(text: str) -> str:
    """The names in a program, in their parts: `readHTTPFile2` and `read_http` as `read HTTPFile2 read http`."""
    found = dict.fromkeys(filter(None, (_around(text, position) for position in _joints(text))))
    return " ".join(_camel().sub(" ", name.replace("_", " ")) for name in found)


def _around(text: str, position: int) -> str:
    """The word that holds `position`; '' when it has no parts after all, or is endless."""
    first = last = position
    while first > 0 and position - first <= _LONGEST_IDENTIFIER and _is_word(text[first - 1]):
        first -= 1
    while last < len(text) and last - position <= _LONGEST_IDENTIFIER and _is_word(text[last]):
        last += 1
    word = text[first:last]
    return word if len(word) <= _LONGEST_IDENTIFIER and _camel().search(word.strip("_").replace("_", "aA")) else ""


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def bigrams(text: str | None) -> str:
    """`text` with each run of a script of short words as its overlapping pairs of characters."""
    return _wide().sub(lambda run: f" {' '.join(pairs(run.group()))} ", text or "")


def is_wide(term: str) -> bool:
    """Whether a term is one character of a script of short words."""
    return len(term) == 1 and bool(_wide().match(term))


def pairs(run: str) -> list[str]:
    """The overlapping pairs of characters of a run; a lone character is itself."""
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def _joints(text: str) -> list[int]:
    """Where two parts of a name meet: at a capital after a small letter, or at a `_`."""
    capitals = [match.start() for match in _inner_capital().finditer(text)]
    return sorted([*capitals, *(match.start() for match in re.finditer("_", text))]) if "_" in text else capitals


@cache
def _inner_capital() -> re.Pattern[str]:
    return re.compile("[A-Z](?<=[a-z][A-Z])")  # looks for capitals, of which there are few


@cache
def _camel() -> re.Pattern[str]:
    return re.compile("(?<=[a-z0-9])(?=[A-Z])")


@cache
def _wide() -> re.Pattern[str]:
    return re.compile("[\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]+")
