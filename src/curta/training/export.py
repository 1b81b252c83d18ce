"""A model folder of Hugging Face's layout becomes one GGUF file, which llama.cpp and all that is built on it can run.

Plain Llama models with byte-level BPE, whoever trained the tokenizer. What has to be right, and gives no error when it
is not: the rows of the query and key tables in ggml's order, the name of the way words are cut, which tokens are marks.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from curta.errors import ConfigError, MissingExtra, UsageError
from curta.training import architecture, safetensors, vocabulary
from curta.training.architecture import Architecture
from curta.training.safetensors import Weights
from curta.training.vocabulary import Vocabulary

if TYPE_CHECKING:
    from gguf import GGMLQuantizationType, GGUFWriter

Precision = Literal["f32", "f16", "q8_0"]
PRECISIONS: tuple[Precision, ...] = ("f32", "f16", "q8_0")

BLOCK = 32
"""Q8_0 keeps this many numbers of a row together; tables with other rows stay 16-bit."""


def to_gguf(
    folder: Path,
    target: Path,
    precision: Precision = "f16",
    *,
    name: str | None = None,
    licence: str | None = None,
    embeds: bool = False,
) -> Path:
    """Write the model in `folder` as the GGUF file `target`; nothing is left there when it goes wrong.

    precision: `f32`, `f16`, or `q8_0` (8-bit integers with a scale for every 32; vectors stay 32-bit).
    name: what the model calls itself; else the name of the folder. licence: an SPDX id, kept in the file.
    embeds: it is to make vectors, the mean of those of a text's tokens, instead of words.
    Raises MissingExtra without the package `gguf`, ConfigError for a model that cannot be converted.
    """
    if precision not in PRECISIONS:
        raise UsageError(f"No precision is called {precision!r}", then=f"Choose one of {', '.join(PRECISIONS)}.")
    shape = architecture.read(vocabulary.read_json(folder / "config.json"), folder / "config.json")
    words = vocabulary.read(folder)
    partial = target.with_name(f".{target.name}.{os.getpid()}.incomplete")
    writer = _writer(partial)
    try:
        _describe(writer, shape, name or folder.resolve().name, licence, precision)
        if embeds:
            _make_embedding(writer)
        _add_vocabulary(writer, shape, words)
        _add_weights(writer, folder, shape, precision)
        _write(writer)
        os.replace(partial, target)
    finally:
        writer.close()
        partial.unlink(missing_ok=True)
    return target


def _writer(path: Path) -> "GGUFWriter":
    try:
        from gguf import GGUFWriter
    except ImportError as error:
        raise MissingExtra("Writing GGUF files needs the package gguf", extra="train") from error
    return GGUFWriter(path, "llama", use_temp_file=True)


def _write(writer: "GGUFWriter") -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _describe(writer: "GGUFWriter", shape: Architecture, name: str, licence: str | None, precision: Precision) -> None:
    from gguf import LlamaFileType, RopeScalingType

    kinds = {
        "f32": LlamaFileType.ALL_F32,
        "f16": LlamaFileType.MOSTLY_F16,
        "q8_0": LlamaFileType.MOSTLY_Q8_0,
    }
    writer.add_name(name)
    if licence:
        writer.add_license(licence)
    writer.add_file_type(kinds[precision])
    writer.add_block_count(shape.layers)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_feed_forward_length(shape.inner_width)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_value_heads)
    writer.add_key_length(shape.head_width)
    writer.add_value_length(shape.head_width)
    writer.add_layer_norm_rms_eps(shape.norm_epsilon)
    writer.add_rope_dimension_count(shape.head_width)
    writer.add_rope_freq_base(shape.rope_base)
    if shape.rope_factor != 1:
        writer.add_rope_scaling_type(RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(shape.rope_factor)
    writer.add_vocab_size(shape.vocabulary)


def _make_embedding(writer: "GGUFWriter") -> None:
    from gguf import PoolingType

    writer.add_pooling_type(PoolingType.MEAN)


def _add_vocabulary(writer: "GGUFWriter", shape: Architecture, words: Vocabulary) -> None:
    from gguf import TokenType

    texts, kinds = [], []
    for number in range(shape.vocabulary):
        token = words.tokens.get(number)
        texts.append(token.text if token else f"[PAD{number}]")
        if not token:
            kinds.append(TokenType.UNUSED)
        elif token.special:
            kinds.append(TokenType.CONTROL)
        else:
            kinds.append(TokenType.USER_DEFINED if token.added else TokenType.NORMAL)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(words.cut)
    writer.add_token_list(texts)
    writer.add_token_types(kinds)
    writer.add_token_merges(words.merges)
    writer.add_add_bos_token(words.starts_with_bos)
    if shape.bos is not None:
        writer.add_bos_token_id(shape.bos)
    if shape.eos is not None:
        writer.add_eos_token_id(shape.eos)
        writer.add_eot_token_id(shape.eos)  # llama.cpp would guess which of several marks ends a turn
    if words.template:
        writer.add_chat_template(words.template)


def _add_weights(writer: "GGUFWriter", folder: Path, shape: Architecture, precision: Precision) -> None:
    missing = _wanted(shape)
    for name, weights in _weights(folder):
        if name not in missing:
            raise ConfigError(f"{folder}: nobody expects the weights {name!r} in a Llama model of this shape")
        given = missing.pop(name)
        _add(writer, given, _in_order(name, weights, shape), precision)
    if missing:
        raise ConfigError(f"{folder} lacks weights: {', '.join(list(missing)[:3])} ({len(missing)} in all)")


def _wanted(shape: Architecture) -> dict[str, str]:
    """The tensors that a model of this shape consists of: Hugging Face's names and ggml's."""
    from gguf import MODEL_ARCH, get_tensor_name_map

    inside = ["input_layernorm", "post_attention_layernorm"]
    inside += [f"self_attn.{one}_proj" for one in "qkvo"] + [f"mlp.{one}_proj" for one in ("gate", "up", "down")]
    parts = [f"model.layers.{layer}.{part}" for layer in range(shape.layers) for part in inside]
    parts += ["model.embed_tokens", "model.norm"] + ([] if shape.tied else ["lm_head"])
    names = get_tensor_name_map(MODEL_ARCH.LLAMA, shape.layers)
    return {f"{part}.weight": f"{names.get_name(part)}.weight" for part in parts}


def _weights(folder: Path) -> Iterator[tuple[str, Weights]]:
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise ConfigError(f"{folder} holds no .safetensors file", then="Save the model's weights as safetensors.")
    for path in files:
        yield from safetensors.tensors(path)


def _in_order(name: str, weights: Weights, shape: Architecture) -> Weights:
    """The rows as ggml rotates them: Hugging Face pairs the halves of a head, ggml neighbours."""
    heads = {"q_proj": shape.heads, "k_proj": shape.key_value_heads}.get(name.split(".")[-2])
    if heads is None:
        return weights
    rows, columns = weights.shape
    return weights.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def _add(writer: "GGUFWriter", name: str, weights: Weights, precision: Precision) -> None:
    import numpy as np
    from gguf import quantize

    kind = _kind(weights, precision)
    if kind.name == "Q8_0":
        writer.add_tensor(name, quantize(weights, kind), raw_dtype=kind)
    else:
        writer.add_tensor(name, weights.astype(np.float16 if kind.name == "F16" else np.float32))


def _kind(weights: Weights, precision: Precision) -> "GGMLQuantizationType":
    """How one tensor is kept."""
    from gguf import GGMLQuantizationType as Kind

    if weights.ndim == 1 or precision == "f32":
        return Kind.F32
    if precision == "q8_0" and weights.shape[-1] % BLOCK == 0:
        return Kind.Q8_0
    return Kind.F16
