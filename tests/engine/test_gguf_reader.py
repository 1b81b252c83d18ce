"""What a GGUF file says of itself is read as the reference reads it, and nothing it says is believed unbounded."""

import struct
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.engine import gguf
from curta.engine.facts import FILE_TYPES, facts, of
from curta.engine.files.held import ModelFile
from curta.errors import BadModelFile
from curta.messages import sha256

reference = pytest.importorskip("gguf", reason="the reference reader of GGUF files")


def text(words: str) -> bytes:
    data = words.encode()
    return struct.pack("<Q", len(data)) + data


def head(keys: int = 0, tensors: int = 0, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, keys)


def said(path: Path, data: bytes) -> str:
    """What is said of a file with these bytes, which is bad."""
    path.write_bytes(data)
    with pytest.raises(BadModelFile) as caught:
        gguf.read(path)
    return str(caught.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


def test_the_reference_reader_reads_the_same(tiny_gguf: Path) -> None:
    mine, theirs = gguf.read(tiny_gguf), reference.GGUFReader(tiny_gguf)
    fields = {name: field.contents() for name, field in theirs.fields.items() if not name.startswith("GGUF.")}
    assert mine.values.keys() == fields.keys()
    for name, value in mine.values.items():
        assert (list(value) if isinstance(value, tuple) else value) == fields[name]
    assert [(t.name, t.shape, t.type, mine.data + t.offset, t.bytes) for t in mine.tensors] == [
        (t.name, tuple(map(int, t.shape)), int(t.tensor_type), t.data_offset, t.n_bytes) for t in theirs.tensors
    ]


def test_the_sizes_of_quantised_blocks_are_the_reference_s() -> None:
    theirs = {int(type): size for type, size in reference.GGML_QUANT_SIZES.items()}
    assert {type: theirs[type] for type in gguf.BLOCKS} == gguf.BLOCKS


def test_the_names_of_file_types_are_the_reference_s() -> None:
    theirs = {int(type): type.name.removeprefix("MOSTLY_").removeprefix("ALL_") for type in reference.LlamaFileType}
    assert {number: theirs.get(number) for number in FILE_TYPES} == {
        number: name if name != "MXFP4" else theirs.get(number) for number, name in FILE_TYPES.items()
    }


def test_facts_are_those_of_the_model(tiny_gguf: Path) -> None:
    known = of(gguf.read(tiny_gguf))
    reader = reference.GGUFReader(tiny_gguf)
    layers, groups = (reader.fields[f"llama.{name}"].contents() for name in ("block_count", "attention.head_count_kv"))
    width = reader.fields["llama.attention.key_length"].contents()
    assert (known.architecture, known.quantisation, known.name) == ("llama", "F16", "tiny")
    assert known.parameters == sum(int(tensor.n_elements) for tensor in reader.tensors)
    assert known.per_token == 2 * 2 * layers * groups * width  # a key and a value, of two bytes a number


def test_facts_are_read_once_for_a_file(tiny_held: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    known = facts(tiny_held)
    monkeypatch.setattr(gguf, "read", lambda path: pytest.fail("it was read again"))
    assert facts(tiny_held) == known


def test_every_beginning_of_a_file_is_known_to_be_cut_off(tiny_gguf: Path, path: Path) -> None:
    data = tiny_gguf.read_bytes()
    table = gguf.read(tiny_gguf).data
    for length in [*range(0, table, 997), table, table + 1, len(data) // 2, len(data) - 1024]:
        assert "cut off" in said(path, data[:length]) if length > 3 else "no GGUF file" in said(path, data[:length])


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "It is empty."),
        (b"%PDF-1.7 and so on", "does not begin as one"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "big-endian"),
        (head(version=1), "version 1"),
        (head(keys=2**60), "1,152,921,504,606,846,976 keys"),
        (head(tensors=2**40), "tensors"),
        (head(1) + struct.pack("<Q", 2**63), "cut off"),
        (head(1) + text("a") + struct.pack("<IIQ", 9, 8, 2**61), "cut off"),
        (head(1) + text("a") + struct.pack("<IIQ", 9, 9, 1), "array of type 9"),
        (head(1) + text("a") + struct.pack("<I", 77), "type 77"),
        (head(2) + (text("a") + struct.pack("<IB", 0, 1)) * 2, "'a' twice"),
        (head(1) + text("general.alignment") + struct.pack("<II", 4, 0), "alignment is 0"),
        (head(tensors=1) + text("t") + struct.pack("<I", 2**31), "2147483648 dimensions"),
        (head(tensors=1) + text("t") + struct.pack("<IQIQ", 1, 33, 8, 0), "does not fill its blocks"),
        (head(tensors=1) + text("t") + struct.pack("<IQIQ", 1, 2**62, 0, 0), "cut off"),
        (head(tensors=1) + text("t") + struct.pack("<IQIQ", 1, 4, 0, 2**63), "cut off"),
    ],
)
def test_a_hostile_file_is_refused_in_a_sentence(path: Path, data: bytes, what: str) -> None:
    assert what in said(path, data)


def test_a_file_that_promises_much_costs_little(path: Path) -> None:
    """A gigabyte of zeros on disk (sparse) that says it is one array of texts."""
    with path.open("wb") as file:
        file.write(head(1) + text("tokens") + struct.pack("<IIQ", 9, 8, 2**26))
        file.truncate(2**30)
    tracemalloc.start()
    with pytest.raises(BadModelFile, match="longer than 128 MB"):
        gguf.read(path)
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


@given(st.data())
def test_no_damage_leads_to_anything_but_a_sentence(tiny_gguf: Path, tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(tiny_gguf.read_bytes())
    table = gguf.read(tiny_gguf).data
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, table - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.gguf"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    with suppress(BadModelFile):
        of(gguf.read(path))


def test_a_file_that_became_another_is_not_used(tiny_held: ModelFile, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(tiny_held.path.read_bytes() + b"more")
    changed = tiny_held._replace(path=other, sha256=sha256(b"unread"))
    with pytest.raises(BadModelFile, match="not the file that was verified"):
        facts(changed)
    other.unlink()
    with pytest.raises(BadModelFile, match="is not there"):
        facts(changed)
