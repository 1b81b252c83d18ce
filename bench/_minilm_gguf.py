"""all-MiniLM-L6-v2 as a GGUF file: a sentence encoder of the kind BERT, as llama.cpp's own converter writes it."""

import json
from pathlib import Path

import numpy as np
from gguf import MODEL_ARCH, GGUFWriter, LlamaFileType, PoolingType, TokenType, get_tensor_name_map

from bench import _minilm

LEFT_OUT = ("pooler", "position_ids")


def converted(folder: Path, target: Path) -> Path:
    """The model in `folder`, of Hugging Face's layout, with 16-bit tables."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    writer = GGUFWriter(target, "bert")
    writer.add_name("all-MiniLM-L6-v2")
    writer.add_file_type(LlamaFileType.MOSTLY_F16)
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(PoolingType.MEAN)
    _vocabulary(writer, (folder / "vocab.txt").read_text(encoding="utf-8").split("\n"))
    _weights(writer, folder, config["num_hidden_layers"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


def _vocabulary(writer: GGUFWriter, words: list[str]) -> None:
    """Word pieces as llama.cpp has them: what begins a word is marked, instead of what goes on with one."""
    words = [word for word in words if word]
    special = {word for word in words if word.startswith("[") and word.endswith("]") and len(word) > 2}
    plain = [word if word in special else word[2:] if word.startswith("##") else f"▁{word}" for word in words]
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(plain)
    writer.add_token_types([TokenType.CONTROL if word in special else TokenType.NORMAL for word in words])
    writer.add_token_type_count(2)
    number = {word: place for place, word in enumerate(words)}
    writer.add_bos_token_id(number["[CLS]"])
    writer.add_eos_token_id(number["[SEP]"])
    writer.add_sep_token_id(number["[SEP]"])
    writer.add_unk_token_id(number["[UNK]"])
    writer.add_pad_token_id(number["[PAD]"])
    writer.add_mask_token_id(number["[MASK]"])


def _weights(writer: GGUFWriter, folder: Path, layers: int) -> None:
    names = get_tensor_name_map(MODEL_ARCH.BERT, layers)
    for name, weights in _minilm.tensors(folder / "model.safetensors").items():
        if any(part in name for part in LEFT_OUT):
            continue
        new = names.get_name(name.removeprefix("bert."), try_suffixes=(".weight", ".bias"))
        assert new is not None, name
        exact = weights.ndim == 1 or "token_types" in new or "position_embd" in new
        writer.add_tensor(new, weights.astype(np.float32 if exact else np.float16))
