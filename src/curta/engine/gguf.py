"""Reads what a GGUF file says of itself: metadata and the table of its tensors. Never the weights.

The file was written by somebody else. Everything it says is bounded before it is believed: no length leads to an
allocation or a walk longer than what is there, and a file that is cut off is known by its table before it is loaded.
Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little-endian.
"""

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeAlias

from curta.errors import BadModelFile

MAGIC = b"GGUF"
LONGEST_METADATA = 128 << 20
"""Bytes. The largest vocabularies in use, with their merges, take about 20 MB."""
MOST_KEYS, MOST_TENSORS = 4096, 100_000
LONGEST_STRING = 4 << 20
KEPT_ELEMENTS = 4096
"""Arrays that are longer (tokens, scores, merges) are counted, not kept."""
_CHUNK = 1 << 20


class Counted(NamedTuple):
    """An array that is only counted."""

    length: int


Value: TypeAlias = int | float | bool | str | tuple[int | float | bool | str, ...] | Counted


class Tensor(NamedTuple):
    """A line of the table. bytes: None for a type that is not known here. offset: from the start of the data."""

    name: str
    shape: tuple[int, ...]
    type: int
    offset: int
    bytes: int | None

    @property
    def elements(self) -> int:
        count = 1
        for length in self.shape:
            count *= length
        return count


class GGUF(NamedTuple):
    """What a file says of itself. data: where the weights begin. bytes: the size of the file."""

    version: int
    values: Mapping[str, Value]
    tensors: tuple[Tensor, ...]
    data: int
    bytes: int

    def text(self, key: str) -> str:
        """The text under `key`; empty when there is none."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int | None:
        """The whole number under `key`, which is a count and so not negative."""
        value = self.values.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

    def numbers(self, key: str) -> tuple[int, ...]:
        """The whole numbers under `key`: one for each layer, or one for all."""
        value = self.values.get(key)
        found = value if isinstance(value, tuple) and not isinstance(value, Counted) else (value,)
        return tuple(each for each in found if isinstance(each, int) and not isinstance(each, bool) and each >= 0)

    def length(self, key: str) -> int | None:
        """How many elements the array under `key` has."""
        value = self.values.get(key)
        if isinstance(value, Counted):
            return value.length
        return len(value) if isinstance(value, tuple) else None


def read(path: Path) -> GGUF:
    """What the file at `path` says of itself. Raises BadModelFile for what is no whole GGUF file."""
    try:
        with path.open("rb") as file:
            return _Reader(path, file).whole()
    except OSError as error:
        raise BadModelFile(f"Cannot read {path}: {error.strerror}.") from error


# The types of GGUF: of values, and of tensors


_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<B", 10: "<Q", 11: "<q", 12: "<d"}
_BOOL, _STRING, _ARRAY = 7, 8, 9

BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82),
    23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2),
    34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36), 41: (128, 18),
}  # fmt: skip
"""Type of a tensor -> elements and bytes of a block (`ggml_type` and `GGML_QUANT_SIZES` of ggml)."""


class _Reader:
    """A walk from the beginning of a file to the end of its table of tensors."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file = path, file
        self._size = file.seek(0, 2)
        self._window = b""
        self._start = 0  # where the window begins
        self._at = 0  # where the walk is
        file.seek(0)

    def whole(self) -> GGUF:
        version, tensors, keys = self._head()
        values = self._values(keys)
        table = tuple(self._tensors(tensors))
        alignment = values.get("general.alignment", 32)
        if not isinstance(alignment, int) or not 0 < alignment <= 1 << 20 or alignment & (alignment - 1):
            raise self._damaged(f"its alignment is {alignment!r}")
        data = -(-self._at // alignment) * alignment
        self._check_all_is_there(table, data)
        return GGUF(version, values, table, data, self._size)

    def _head(self) -> tuple[int, int, int]:
        if self._size < 4 or self._take(4) != MAGIC:
            raise BadModelFile(
                f"{self._path} is no GGUF file.",
                why="It is empty." if not self._size else "It does not begin as one.",
                then="Models for the engine are files that end in .gguf.",
            )
        version = self._number("<I")
        if version.bit_length() > 16:
            raise BadModelFile(
                f"{self._path} is a big-endian GGUF file.", then="Take the file for little-endian machines."
            )
        if version not in (2, 3):
            raise BadModelFile(f"{self._path} is of version {version} of GGUF; versions 2 and 3 can be read.")
        tensors, keys = self._number("<Q"), self._number("<Q")
        if keys > MOST_KEYS or tensors > MOST_TENSORS:
            raise self._damaged(f"it says that it has {keys:,} keys and {tensors:,} tensors")
        return version, tensors, keys

    def _values(self, count: int) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for _ in range(count):
            name = self._string()
            if name in values:
                raise self._damaged(f"it has {name[:64]!r} twice")
            values[name] = self._value(self._number("<I"))
        return values

    def _value(self, type: int) -> Value:
        if type == _ARRAY:
            return self._array(self._number("<I"), self._number("<Q"))
        return self._scalar(type)

    def _scalar(self, type: int) -> int | float | bool | str:
        if type == _STRING:
            return self._string()
        if type not in _SCALARS:
            raise self._damaged(f"it has a value of type {type}")
        value = self._number(_SCALARS[type])
        return bool(value) if type == _BOOL else value

    def _array(self, type: int, length: int) -> Value:
        if type != _STRING and type not in _SCALARS:
            raise self._damaged(f"it has an array of type {type}")
        smallest = 8 if type == _STRING else struct.calcsize(_SCALARS[type])
        self._check_room(length * smallest)
        if length <= KEPT_ELEMENTS:
            return tuple(self._scalar(type) for _ in range(length))
        if type == _STRING:
            self._skip_strings(length)
        else:
            self._at += length * smallest
        return Counted(length)

    def _skip_strings(self, count: int) -> None:
        unpack, size = struct.Struct("<Q").unpack_from, self._size
        for _ in range(count):
            inside = self._at - self._start
            if not 0 <= inside <= len(self._window) - 8:
                self._fill(8)
                inside = 0
            self._at += 8 + int(unpack(self._window, inside)[0])
            if self._at > size:
                raise self._cut_off()
            self._check_room(0)

    def _tensors(self, count: int) -> Iterator[Tensor]:
        names: set[str] = set()
        for _ in range(count):
            name = self._string()
            if name in names:
                raise self._damaged(f"it has the tensor {name[:64]!r} twice")
            names.add(name)
            dimensions = self._number("<I")
            if dimensions > 4:
                raise self._damaged(f"the tensor {name[:64]!r} has {dimensions} dimensions")
            shape = tuple(self._number("<Q") for _ in range(dimensions))
            type, offset = self._number("<I"), self._number("<Q")
            yield self._sized(Tensor(name, shape, type, offset, None))

    def _sized(self, tensor: Tensor) -> Tensor:
        if tensor.type not in BLOCKS:
            return tensor
        block, size = BLOCKS[tensor.type]
        if tensor.elements % block:
            raise self._damaged(f"the tensor {tensor.name[:64]!r} does not fill its blocks")
        return tensor._replace(bytes=tensor.elements // block * size)

    def _check_all_is_there(self, table: tuple[Tensor, ...], data: int) -> None:
        end = max((data + each.offset + (each.bytes or 0) for each in table), default=data)
        if end > self._size:
            raise self._cut_off(end)

    # Bytes

    def _string(self) -> str:
        length = self._number("<Q")
        if length > LONGEST_STRING and length <= self._size - self._at:
            raise self._damaged(f"it has a text of {length:,} bytes")
        return self._take(length).decode("utf-8", "replace")

    def _number(self, form: str) -> int:
        number: int = struct.unpack(form, self._take(struct.calcsize(form)))[0]
        return number

    def _take(self, length: int) -> bytes:
        self._check_room(length)
        inside = self._at - self._start
        if not 0 <= inside <= len(self._window) - length:
            self._fill(length)
            inside = 0
        self._at += length
        return self._window[inside : inside + length]

    def _fill(self, length: int) -> None:
        """Have at least `length` bytes at hand from where the walk is."""
        self._check_room(length)
        self._file.seek(self._at)
        self._window, self._start = self._file.read(max(length, _CHUNK)), self._at
        if len(self._window) < length:
            raise self._cut_off()  # somebody shortened it just now

    def _check_room(self, length: int) -> None:
        if self._at + length > self._size:
            raise self._cut_off()
        if self._at + length > LONGEST_METADATA:
            raise self._damaged(f"what it says of itself is longer than {LONGEST_METADATA >> 20} MB")

    # Errors

    def _cut_off(self, end: int | None = None) -> BadModelFile:
        whole = f"of {end:,} bytes only {self._size:,} are there" if end else "it ends in the middle of its metadata"
        return BadModelFile(f"{self._path} is cut off: {whole}.", then="Get the file again.")

    def _damaged(self, how: str) -> BadModelFile:
        return BadModelFile(f"{self._path} is damaged: {how}.", then="Get the file again.")
