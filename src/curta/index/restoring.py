"""An index made again, vectors included: from the lines of JSON that `export` writes, or from another index.

A document is cut into passages as ever, and its vectors are taken over when the passages are the same. They are not
when another version of Curta cut them; then that is said, and they are to be embedded anew.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from curta.errors import CurtaError, IndexFileError, SourceError
from curta.index.adding import Event
from curta.index.documents import laid_out
from curta.messages import JSON, Document, Span
from curta.sources import files

if TYPE_CHECKING:
    from curta.index.kept import Kept
    from curta.index.stores.store import Store

BATCH = 100


class Saved(NamedTuple):
    """A document as it was in an index: where its passages are, and their vectors, None for those without one."""

    document: Document
    metadata: Mapping[str, JSON] | None
    passages: Sequence[tuple[int, int]]
    vectors: Sequence[Sequence[float] | None]
    model: str | None


def copy(source: "Store", to: "Store", model: str | None = None) -> Iterator[Event]:
    """Put every document of one index into another, with its vectors of `model`. An Event for each."""
    yield from restore(to, (_of_kept(each, model) for each in source.kept(model)))


def restore(store: "Store", saved: "Iterable[Saved | Event]") -> Iterator[Event]:
    """Put documents with their vectors into an index. An Event for each, those that are Events already included."""
    remaining = iter(saved)
    while batch := list(islice(remaining, BATCH)):
        with store.writing():
            events = [each if isinstance(each, Event) else _written(store, each) for each in batch]
        yield from events


def read(path: Path) -> "Iterator[Saved | Event]":
    """What is in a file of an export; an Event for a line that is none of it.

    Raises SourceError for what cannot be read, and for a file whose first line shows that it is no export.
    """
    rows = _rows(path)
    first = next(rows, None)
    if first is None or (isinstance(first, Event) and first.why == _NO_DOCUMENT):
        raise SourceError(
            f"{path} is no export of an index.",
            why="It is empty." if first is None else "Its first line is no document.",
            then="`curta index export NAME` writes one. `curta index add` takes other files.",
        )
    return chain([first], rows)


def _rows(path: Path) -> "Iterator[Saved | Event]":
    with files.opened(str(path)) as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _of_line(line, f"{path}, line {number}")


def _written(store: "Store", saved: Saved) -> Event:
    whole = len(saved.passages) == 1
    same = [(chunk.start, chunk.end) for chunk, _ in laid_out(saved.document, whole).pieces] == [*saved.passages]
    try:
        written = store.upsert(saved.document, metadata=saved.metadata, whole=whole)
        if saved.model and same:
            pairs = zip(written.chunks, saved.vectors, strict=True)
            store.put_vectors(saved.model, ((chunk, vector) for chunk, vector in pairs if vector is not None))
    except IndexFileError:
        raise
    except CurtaError as error:
        return Event("failed", saved.document.uri, str(error))
    lost = not same and any(vector is not None for vector in saved.vectors)
    return Event(written.status, saved.document.uri, _CUT_OTHERWISE if lost else "")


_NO_DOCUMENT = "It is no document as `curta index export` writes it."
_CUT_OTHERWISE = "Its passages are others here, so its vectors were left out."


def _of_kept(kept: "Kept", model: str | None) -> Saved:
    metadata: Any = kept.row.metadata
    places = [(each.start, each.end) for each in kept.pieces]
    return Saved(kept.document, metadata, places, [each.vector for each in kept.pieces], model)


def _of_line(line: bytes, place: str) -> Saved | Event:
    try:
        row = json.loads(line)
        spans = tuple(Span(**each) for each in row["spans"])
        document = Document(row["text"], row["uri"], row["title"], spans, row["trust"])
        places = [(each["start"], each["end"]) for each in row["passages"]]
        saved = Saved(document, row["metadata"], places, [each["vector"] for each in row["passages"]], row["model"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return Event("failed", place, _NO_DOCUMENT)
    if row.get("sha256") != document.sha256:
        return Event("failed", document.uri, "It was changed after it was exported: its hash is another one.")
    return saved
