"""What a GGUF file says of itself, as far as it is kept with its name."""

from pathlib import Path
from typing import NamedTuple

from curta.engine import gguf
from curta.engine.files.held import Kind

_ENCODERS = {"bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "modern-bert", "neo-bert", "t5encoder"}


class Facts(NamedTuple):
    """kind: what the model is for. context: in tokens, None when the file does not say. licence: empty likewise."""

    kind: Kind
    context: int | None
    licence: str


def described(path: Path) -> Facts:
    """What the file at `path` says. Raises BadModelFile."""
    file = gguf.read(path)
    architecture = file.text("general.architecture")
    embeds = architecture in _ENCODERS or bool(file.number(f"{architecture}.pooling_type"))
    kind: Kind = "embedding" if embeds else "chat"
    return Facts(kind, file.number(f"{architecture}.context_length"), file.text("general.license")[:60])
