"""Embedding models of plugins: texts or bytes in, vectors out."""

import sys
from array import array
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from curta.errors import UnsupportedRequest
from curta.models.bridge import child, failures
from curta.models.bridge.plugin_model import given_key
from curta.models.wires.parts import base64

LARGEST_BATCH = 256
MOST_BYTES = 4_000_000
"""What is handed to the plugin at once; the plugin divides it further as its provider wants."""


class Embedder:
    """An embedding model of a plugin. key: as it was given with the call."""

    def __init__(self, python: str, entry: Mapping[str, Any], key: str | None = None) -> None:
        self.name: str = entry["name"]
        self.plugin: str = entry["plugin"]
        self.where = f"through llm plugin {self.plugin}"
        self._python = python
        self._entry = entry
        self._key = key

    def embed(self, items: Iterable[str | bytes]) -> Iterator["array[float]"]:
        """A vector of 32-bit floats for each item, in order, as they come.

        Raises UnsupportedRequest for a kind of item the model does not take, and the plugin's failure as a ModelError.
        """
        for batch in _batches(items):
            yield from self._vectors([self._described(each) for each in batch])

    def _described(self, item: str | bytes) -> dict[str, str]:
        kind, taken = ("text", "text") if isinstance(item, str) else ("bytes", "binary")
        if not self._entry[taken]:
            raise UnsupportedRequest(f"{self.name} embeds no {'text' if kind == 'text' else 'binary data'}.")
        return {kind: item if isinstance(item, str) else base64(item)}

    def _vectors(self, items: Sequence[dict[str, str]]) -> Iterator["array[float]"]:
        key = given_key(self._entry, self._key)
        question = {"op": "embed", "model": self.name, "plugin": self.plugin, "items": items, "key": key}
        lines, count = child.Answer(self._python, question), 0
        try:
            for line in lines:
                if error := line.get("error"):
                    raise failures.failure(self.plugin, error, key)
                if not line.get("done"):
                    count += 1
                    yield _vector(line["vector"])
        except child.ChildEnded as error:
            raise failures.ended(self.plugin, error, arrived=count > 0, given=key) from error
        finally:
            lines.close()
        if count != len(items):
            raise failures.miscounted(self.plugin, count, len(items))


def _batches(items: Iterable[str | bytes]) -> Iterator[list[str | bytes]]:
    batch: list[str | bytes] = []
    size = 0
    for item in items:
        batch.append(item)
        size += len(item)
        if len(batch) >= LARGEST_BATCH or size >= MOST_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _vector(packed: str) -> "array[float]":
    vector = array("f")
    vector.frombytes(b64decode(packed))
    if sys.byteorder == "big":
        vector.byteswap()
    return vector
