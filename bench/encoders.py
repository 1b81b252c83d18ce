"""A sentence encoder run by the engine: is it the model that it was, and what does a sentence cost.

The model is all-MiniLM-L6-v2 (see `_minilm`: it has to be installed), converted to 16 bits by `_minilm_gguf`. The
reference is the same model computed by numpy, in 32 bits. The engine computes in one thread; its CPU time is counted.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

from bench import _minilm
from curta.engine import process
from curta.models.embedding.embedder import Vector
from curta.models.embedding.local import LocalEmbedder
from tests.tiny.fixtures import held
from tests.tiny.sentences import facts, text

SENTENCES, COMPARED = 400, 20


def is_possible() -> bool:
    return _minilm.weights() is not None and find_spec("xllamacpp") is not None and find_spec("gguf") is not None


def rows() -> list[dict[str, Any]]:
    random = Random(3)
    sentences = list(dict.fromkeys(text(facts(random, 2)) for _ in range(SENTENCES)))
    with _encoder() as encoder:
        return list(_measured(encoder, sentences))


@contextmanager
def _encoder() -> Iterator[LocalEmbedder]:
    """The model, in a home of its own, computed in one thread."""
    from bench._minilm_gguf import converted

    folder = _minilm.weights()
    assert folder is not None
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"CURTA_HOME": f"{home}/home", "CURTA_ENGINE_THREADS": "1"}
        try:
            file = held("minilm", converted(folder, Path(home) / "minilm.gguf"))
            yield LocalEmbedder(file._replace(kind="embedding", context=512))
        finally:
            process.stop()


def _measured(encoder: LocalEmbedder, sentences: list[str]) -> Iterator[dict[str, Any]]:
    folder = _minilm.weights()
    assert folder is not None
    reference = _minilm.MiniLM(folder)
    list(encoder.embed(sentences[:1]))
    (running,) = process.running()
    before = _cpu(running.address.process)
    vectors = [vector for vector in encoder.embed(sentences) if isinstance(vector, Vector)]
    ours = _cpu(running.address.process) - before
    expected = list(reference.embed(sentences[:COMPARED]))
    alike = sorted(_cosine(one, other) for one, other in zip(vectors, expected, strict=False))
    yield {"what": "least cosine to the reference, 16 bits", "curta": f"{alike[0]:.7f}", "target": ">= 0.999997"}
    yield {
        "what": "sentences per CPU second",
        "curta": round(len(vectors) / ours),
        "note": f"texts of two sentences, {len(sentences[0].split())} words",
    }
    memory = process.running()[0].memory
    yield {"what": "memory of the engine, MiB", "curta": round(memory / 2**20) if memory else None, "target": "<= 100"}


def _cosine(one: Vector, other: Vector) -> float:
    first, second = one.unit(), other.unit()
    assert first is not None
    assert second is not None
    return float(sum(a * b for a, b in zip(first, second, strict=True)))


def _cpu(process_id: int) -> float:
    """Seconds that a process has computed."""
    tasks = Path(f"/proc/{process_id}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
