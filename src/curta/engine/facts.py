"""What a model file says of the model in it, and how much memory that will need.

Reading a file of a large vocabulary takes a tenth of a second, so what was read is kept by the SHA-256 of the file.
"""

from typing import TYPE_CHECKING, NamedTuple

from curta import config
from curta.engine.files.held import ModelFile
from curta.errors import BadModelFile

if TYPE_CHECKING:
    from curta.engine import gguf

FILE = "local_facts.json"
VERSION = 2
"""Of what is kept: raised when more is read."""
BATCH = 512
"""How many tokens of a prompt the engine takes at once (`n_ubatch`)."""
FIXED = 48 << 20
"""Bytes: the process of the engine before it has a model."""


class ModelFacts(NamedTuple):
    """What a model file says of its model.

    context: tokens it was trained for; None when it does not say. parameters: how many weights.
    quantisation: of most of the weights, `Q4_K_M`. tokenizer: its kind. template: how messages become a prompt, empty
    for a model that only goes on writing. per_token: bytes of cache for each token of context.
    working: bytes for what is computed. end: the token that ends a turn.
    """

    architecture: str
    name: str
    context: int | None
    parameters: int
    quantisation: str
    tokenizer: str
    template: str
    licence: str
    per_token: int
    working: int
    end: int | None

    @property
    def calls_tools(self) -> bool:
        """Whether its template has a place for tools; without one the engine would leave them out and say nothing."""
        return "tools" in self.template

    @property
    def thinks(self) -> bool:
        """Whether its template has thinking that can be switched on."""
        return "enable_thinking" in self.template


def facts(file: ModelFile) -> ModelFacts:
    """What `file` says of its model. Raises BadModelFile, also when it is no longer the file that was verified."""
    _check_is_the_same(file)
    kept = config.read(FILE).get(file.sha256)
    if isinstance(kept, dict) and kept.get("version") == VERSION:
        return ModelFacts(**{name: kept[name] for name in ModelFacts._fields})
    from curta.engine import gguf

    found = of(gguf.read(file.path))
    with config.changing(FILE) as all_:
        all_[file.sha256] = {"version": VERSION, **found._asdict()}
    return found


def _check_is_the_same(file: ModelFile) -> None:
    try:
        there = file.path.stat().st_size
    except OSError as error:
        raise BadModelFile(
            f"The file of {file.name} is not there: {file.path}.",
            why=f"{error.strerror}.",
            then=f"Get it again, or forget it: curta models rm {file.name}",
        ) from error
    if there != file.bytes:
        raise BadModelFile(
            f"{file.path} is not the file that was verified as {file.name}.",
            why=f"It had {file.bytes:,} bytes and has {there:,}.",
            then=f"curta models verify {file.name}",
        )


def of(file: "gguf.GGUF") -> ModelFacts:
    """What the metadata of a file says. Raises BadModelFile when they do not say what kind of model it is."""
    architecture = file.text("general.architecture")
    if not architecture or len(architecture) > 64 or not architecture.isprintable():
        raise BadModelFile("The file does not say of which architecture its model is.", then="Get another file.")
    return ModelFacts(
        architecture=architecture,
        name=file.text("general.name")[:200],
        context=file.number(f"{architecture}.context_length"),
        parameters=sum(tensor.elements for tensor in file.tensors),
        quantisation=_quantisation(file),
        tokenizer=file.text("tokenizer.ggml.model")[:64],
        template=file.text("tokenizer.chat_template"),
        licence=file.text("general.license")[:200],
        per_token=_bytes_per_token(file, architecture),
        working=_working(file, architecture),
        end=file.number("tokenizer.ggml.eos_token_id"),
    )


def _bytes_per_token(file: "gguf.GGUF", architecture: str) -> int:
    """Bytes of a token in the cache of keys and values, which are numbers of 16 bits.

    Layers with a window of their own, or with a state instead of a cache, need less: this is the most.
    """

    def numbers(key: str) -> tuple[int, ...]:
        return file.numbers(f"{architecture}.{key}")

    layers = file.number(f"{architecture}.block_count") or 0
    heads = numbers("attention.head_count") or (1,)
    groups = numbers("attention.head_count_kv") or heads
    width = (file.number(f"{architecture}.embedding_length") or 0) // max(heads[0], 1)
    key = file.number(f"{architecture}.attention.key_length") or width
    value = file.number(f"{architecture}.attention.value_length") or width
    groups_of_all = sum(groups[:layers]) if len(groups) > 1 else groups[0] * layers
    return 2 * groups_of_all * (key + value)


def _working(file: "gguf.GGUF", architecture: str) -> int:
    """Bytes for a batch: its scores over the vocabulary, and the states between layers."""
    vocabulary = file.length("tokenizer.ggml.tokens") or 0
    width = file.number(f"{architecture}.embedding_length") or 0
    wide = max(file.numbers(f"{architecture}.feed_forward_length"), default=0)
    return 4 * BATCH * (vocabulary + 6 * width + 2 * wide)


def _quantisation(file: "gguf.GGUF") -> str:
    """As the file names it, else the type that most weights have."""
    named = file.number("general.file_type")
    if named in FILE_TYPES:
        return FILE_TYPES[named]
    weights: dict[int, int] = {}
    for tensor in file.tensors:
        weights[tensor.type] = weights.get(tensor.type, 0) + tensor.elements
    return f"type {max(weights, key=lambda each: weights[each])}" if weights else ""


FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S",
    12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS",
    20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M",
    28: "IQ2_S", 29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4",
}  # fmt: skip
"""`llama_ftype` of llama.cpp."""


def memory(file: ModelFile, known: ModelFacts, context: int) -> int:
    """Bytes that the engine needs for `file` with `context` tokens, about."""
    return file.bytes + known.per_token * context + known.working + FIXED
