"""What the `config.json` of a model folder says, as far as a Llama has it."""

from pathlib import Path
from typing import Any, NamedTuple

from curta.errors import ConfigError


class Architecture(NamedTuple):
    """The shape of a Llama model. Lengths are counts of numbers (`width`), of tokens (`context`), of tables."""

    layers: int
    width: int
    inner_width: int
    heads: int
    key_value_heads: int
    head_width: int
    vocabulary: int
    context: int
    norm_epsilon: float
    rope_base: float
    rope_factor: float
    """How much positions are stretched; 1 for not at all."""
    tied: bool
    """Whether the table of words in is the table of words out."""
    bos: int | None
    eos: int | None


def read(config: dict[str, Any], path: Path) -> Architecture:
    """The architecture in the decoded `config`. ConfigError for what the converter does not know to be right."""
    _must_be_llama(config, path)
    try:
        return _architecture(config, path)
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise ConfigError(f"{path} lacks what a Llama model needs: {error}") from error


def _must_be_llama(config: dict[str, Any], path: Path) -> None:
    named = config.get("architectures")
    if named != ["LlamaForCausalLM"]:
        raise ConfigError(f"{path}: the architecture is {named}", then="Only LlamaForCausalLM can be converted.")
    unusual = [name for name in ("attention_bias", "mlp_bias", "quantization_config") if config.get(name)]
    if config.get("hidden_act", "silu") != "silu":
        unusual.append("hidden_act")
    if unusual:
        raise ConfigError(f"{path}: {', '.join(unusual)} cannot be converted", then="Only plain Llama models can.")


def _architecture(config: dict[str, Any], path: Path) -> Architecture:
    heads, width = int(config["num_attention_heads"]), int(config["hidden_size"])
    base, factor = _rope(config, path)
    return Architecture(
        layers=int(config["num_hidden_layers"]),
        width=width,
        inner_width=int(config["intermediate_size"]),
        heads=heads,
        key_value_heads=int(config.get("num_key_value_heads") or heads),
        head_width=int(config.get("head_dim") or width // heads),
        vocabulary=int(config["vocab_size"]),
        context=int(config["max_position_embeddings"]),
        norm_epsilon=float(config.get("rms_norm_eps", 1e-6)),
        rope_base=base,
        rope_factor=factor,
        tied=bool(config.get("tie_word_embeddings", False)),
        bos=_token(config.get("bos_token_id")),
        eos=_token(config.get("eos_token_id")),
    )


def _rope(config: dict[str, Any], path: Path) -> tuple[float, float]:
    """Base and stretch of the positions: `rope_parameters` of transformers 5, or the two fields before it."""
    told = config.get("rope_parameters") or {**(config.get("rope_scaling") or {})}
    kind = told.get("rope_type", told.get("type", "default"))
    if kind not in ("default", "linear"):
        raise ConfigError(f"{path}: positions of kind {kind!r} cannot be converted", then="Only default and linear.")
    base = told.get("rope_theta", config.get("rope_theta", 10000.0))
    return float(base), float(told["factor"]) if kind == "linear" else 1.0


def _token(told: Any) -> int | None:
    """A token id; of several, the first."""
    first = told[0] if isinstance(told, list) and told else told
    return None if first is None or isinstance(first, list) else int(first)
