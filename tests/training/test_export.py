"""A model folder becomes a GGUF file, or is refused by the name of what is not understood; nothing is half done."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.errors import ConfigError, MissingExtra, UsageError
from curta.training import safetensors
from curta.training.export import PRECISIONS, to_gguf
from tests.tiny.fixtures import MODEL

gguf = pytest.importorskip("gguf", reason="the converter needs it")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(MODEL, tmp_path / "model")


def changed(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    told = json.loads(path.read_text(encoding="utf-8"))
    change(told)
    path.write_text(json.dumps(told), encoding="utf-8")


def test_what_is_known_of_the_model_goes_along(folder: Path, tmp_path: Path) -> None:
    to_gguf(folder, tmp_path / "tiny.gguf", name="tiny", licence="Apache-2.0")
    fields = gguf.GGUFReader(tmp_path / "tiny.gguf").fields
    said = {name: fields[name].contents() for name in fields}
    assert said["general.license"] == "Apache-2.0"
    assert said["llama.context_length"] == 2048
    assert said["tokenizer.ggml.pre"] == "gpt-2"
    assert said["tokenizer.ggml.eos_token_id"] == 2
    assert "<|im_start|>" in said["tokenizer.chat_template"]


def test_fewer_bits_are_fewer_bytes(folder: Path, tmp_path: Path) -> None:
    sizes = [to_gguf(folder, tmp_path / precision, precision).stat().st_size for precision in PRECISIONS]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < sizes[0] / 3


@pytest.mark.parametrize(
    ("file", "change", "named"),
    [
        ("config.json", lambda told: told.update(architectures=["Qwen3ForCausalLM"]), "Qwen3ForCausalLM"),
        ("config.json", lambda told: told.update(attention_bias=True), "attention_bias"),
        ("config.json", lambda told: told.update(rope_parameters={"rope_type": "yarn"}), "yarn"),
        ("config.json", lambda told: told.pop("hidden_size"), "hidden_size"),
        ("config.json", lambda told: told.update(num_hidden_layers=4), "lacks weights"),
        ("config.json", lambda told: told.update(num_hidden_layers=2), "nobody expects"),
        ("config.json", lambda told: told.update(tie_word_embeddings=False), "lm_head"),
        ("tokenizer.json", lambda told: told.update(normalizer={"type": "NFC"}), "normalise"),
        ("tokenizer.json", lambda told: told.update(pre_tokenizer={"type": "Whitespace"}), "words are cut"),
        ("tokenizer.json", lambda told: told["model"].update(type="Unigram"), "Unigram"),
        ("tokenizer.json", lambda told: told.pop("added_tokens"), "added_tokens"),
    ],
)
def test_what_is_not_understood_is_refused(
    folder: Path, tmp_path: Path, file: str, change: Callable[[dict[str, Any]], object], named: str
) -> None:
    changed(folder / file, change)
    with pytest.raises(ConfigError, match=named):
        to_gguf(folder, tmp_path / "tiny.gguf")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.json is missing"):
        to_gguf(tmp_path, tmp_path / "tiny.gguf")


def test_an_unknown_precision_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="q4"):
        to_gguf(folder, tmp_path / "tiny.gguf", "q4")  # type: ignore[arg-type]


def test_the_package_it_needs_is_named(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gguf", None)
    with pytest.raises(MissingExtra, match="gguf") as raised:
        to_gguf(folder, tmp_path / "tiny.gguf")
    assert "train" in str(raised.value)


@given(data=st.data())
def test_damaged_weights_are_never_read_past_their_end(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever is cut off or flipped: an error of ours, or weights of the shapes that the header names."""
    whole = (MODEL / "model.safetensors").read_bytes()[:6000]
    path = tmp_path_factory.mktemp("damaged") / "model.safetensors"
    cut = data.draw(st.integers(0, len(whole)))
    place = data.draw(st.integers(0, max(cut - 1, 0)))
    damaged = bytearray(whole[:cut])
    damaged[place : place + 1] = data.draw(st.binary(max_size=3))
    path.write_bytes(damaged)
    with pytest.raises(ConfigError):
        list(safetensors.tensors(path))


def test_sixteen_bits_of_either_kind_are_read(tmp_path: Path) -> None:
    header = {
        "a": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]},
        "b": {"dtype": "F16", "shape": [1, 1], "data_offsets": [4, 6]},
        "__metadata__": {"format": "pt"},
    }
    said = json.dumps(header).encode()
    path = tmp_path / "x.safetensors"
    path.write_bytes(len(said).to_bytes(8, "little") + said + b"\x80\x3f\x00\xc0" + b"\x00\x3c")
    assert [(name, weights.tolist()) for name, weights in safetensors.tensors(path)] == [
        ("a", [1.0, -2.0]),
        ("b", [[1.0]]),
    ]
