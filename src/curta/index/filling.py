"""The chunks of an index that have no vector yet, embedded and kept, a batch at a time.

What is done is kept: a run that was stopped goes on where it stopped. A chunk that cannot be embedded is reported.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from curta.errors import WrongVectors
from curta.index.embedding import Run
from curta.models.embedders import EmbedError

if TYPE_CHECKING:
    from curta.index.stores.store import Store
    from curta.models.embedders import Embedder
    from curta.store import Log

BATCH = 500


class Filled(NamedTuple):
    """What came of a batch: how many vectors were kept, and why chunks (by id) have none."""

    kept: int
    failed: dict[int, str]


def fill(index: "Store", embedder: "Embedder", *, log: "Log | None" = None) -> Iterator[Filled]:
    """Embed all chunks that lack a vector of this model. Raises WrongVectors, ModelError."""
    _require_one_model(index, embedder.name)
    pending = index.pending(embedder.name)
    with Run(embedder, log=log, about=f"Embed the index {index.name}") as run:
        while batch := list(islice(pending, BATCH)):
            yield _batch(index, embedder, run, batch)


def _batch(index: "Store", embedder: "Embedder", run: Run, batch: Sequence[tuple[int, str]]) -> Filled:
    good: dict[int, Sequence[float]] = {}
    failed: dict[int, str] = {}
    for (chunk, _), vector in zip(batch, run.embed([text for _, text in batch]), strict=True):
        if isinstance(vector, EmbedError):
            failed[chunk] = str(vector)
        elif unit := vector.unit():
            good[chunk] = unit
        else:
            failed[chunk] = "Its vector has no direction."
    kept = index.put_vectors(embedder.name, good.items(), embedder.identity) if good else 0
    return Filled(kept, failed)


def _require_one_model(index: "Store", name: str) -> None:
    """Refuse to put the vectors of a second model into an index by the way: which one would then be searched?"""
    others = [each.model for each in index.models() if each.model != name]
    if others:
        raise WrongVectors(
            f"The index {index.name} was embedded with {others[0]}, not with {name}.",
            then=f"Go on with {others[0]}: curta index add {index.name} -m {others[0]}; or make another index.",
        )
