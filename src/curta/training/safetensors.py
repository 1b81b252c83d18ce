"""The weights of a `.safetensors` file, one tensor at a time, without loading the file.

The format: eight bytes that say how long the header is, the header (JSON: for each tensor its type, its shape and where
its bytes are), the bytes. https://github.com/huggingface/safetensors#format
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from curta.errors import ConfigError

LARGEST_HEADER = 100_000_000
"""Bytes; the limit of the reference implementation."""

TYPES: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "BF16": np.dtype("<u2")}

Weights = npt.NDArray[np.float32]


class Stored(NamedTuple):
    """Where a tensor is in the file, and what it is."""

    name: str
    type: str
    shape: tuple[int, ...]
    begin: int
    end: int


def tensors(path: Path) -> Iterator[tuple[str, Weights]]:
    """Names and weights, as 32-bit numbers. ConfigError when the file is not one, or is damaged or cut off."""
    size = path.stat().st_size
    if size < 8:
        raise _damaged(path, "it is too short")
    kept = np.memmap(path, mode="r", dtype=np.uint8)
    for stored in _stored(path, kept):
        yield stored.name, _decoded(kept[stored.begin : stored.end], stored)


def _stored(path: Path, kept: npt.NDArray[np.uint8]) -> list[Stored]:
    length = int.from_bytes(kept[:8].tobytes(), "little")
    if length > min(LARGEST_HEADER, len(kept) - 8):
        raise _damaged(path, "its header is longer than the file")
    start = 8 + length
    try:
        header = json.loads(kept[8:start].tobytes())
        found = [_entry(name, told, start) for name, told in header.items() if name != "__metadata__"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(path, "its header cannot be read") from error
    for stored in found:
        _must_fit(path, stored, len(kept))
    return found


def _entry(name: str, told: dict[str, Any], start: int) -> Stored:
    begin, end = told["data_offsets"]
    shape = tuple(int(length) for length in told["shape"])
    return Stored(name, str(told["dtype"]), shape, start + int(begin), start + int(end))


def _must_fit(path: Path, stored: Stored, size: int) -> None:
    if stored.type not in TYPES:
        raise ConfigError(
            f"{path}: the weights {stored.name!r} are of type {stored.type}",
            why=f"Only {', '.join(TYPES)} can be read.",
            then="Save the model with 16-bit or 32-bit weights.",
        )
    expected = math.prod(stored.shape) * TYPES[stored.type].itemsize
    if min(stored.shape, default=1) < 0 or not 0 <= stored.begin <= stored.end <= size:
        raise _damaged(path, f"the weights {stored.name!r} lie outside the file")
    if stored.end - stored.begin != expected:
        raise _damaged(path, f"the weights {stored.name!r} should be {expected} bytes")


def _decoded(raw: npt.NDArray[np.uint8], stored: Stored) -> Weights:
    numbers = raw.view(TYPES[stored.type])
    if stored.type == "BF16":  # the upper half of a 32-bit number
        numbers = (numbers.astype(np.uint32) << 16).view(np.float32)
    weights: Weights = numbers.astype(np.float32).reshape(stored.shape)
    return weights


def _damaged(path: Path, why: str) -> ConfigError:
    return ConfigError(f"{path} is not a whole safetensors file: {why}", then="Fetch or save it again.")
