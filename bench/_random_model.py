"""A model of random weights, as large as asked, for what does not depend on what is said."""

from pathlib import Path
from typing import Any

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
WIDTH, LAYERS, HEADS, GROUPS, INNER, CONTEXT = 512, 18, 8, 4, 2048, 2048
"""About 76 million weights with the vocabulary: 81 MB in 8 bits."""


def make(path: Path) -> Path:
    """Write the model to `path` in Q8_0, the vocabulary one token for each byte."""
    import gguf
    import numpy as np

    random = np.random.default_rng(0)
    writer = gguf.GGUFWriter(path, "llama")
    tokens = ["<|pad|>", "<|im_start|>", "<|im_end|>", *_bytes(), *(f"filler{number}" for number in range(6000))]
    writer.add_name("random")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(GROUPS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_file_type(7)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([3] * 3 + [1] * (len(tokens) - 3))
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)

    def weights(name: str, rows: int, columns: int) -> None:
        values = (random.standard_normal((rows, columns)) * 0.02).astype(np.float32)
        kind = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)

    weights("token_embd.weight", len(tokens), WIDTH)
    for layer in range(LAYERS):
        for name, (rows, columns) in _shapes().items():
            weights(f"blk.{layer}.{name}.weight", rows, columns)
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.ones(WIDTH, np.float32))
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    _write(writer)
    return path


def _shapes() -> dict[str, tuple[int, int]]:
    narrow = WIDTH // HEADS * GROUPS
    attention = {"attn_q": WIDTH, "attn_k": narrow, "attn_v": narrow, "attn_output": WIDTH}
    inner = {"ffn_gate": (INNER, WIDTH), "ffn_up": (INNER, WIDTH), "ffn_down": (WIDTH, INNER)}
    return {**{name: (rows, WIDTH) for name, rows in attention.items()}, **inner}


def _bytes() -> list[str]:
    """The characters that stand for bytes in a byte-level vocabulary (GPT-2's)."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return [chr(byte) for byte in shown] + [chr(256 + number) for number in range(256 - len(shown))]


def _write(writer: Any) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
