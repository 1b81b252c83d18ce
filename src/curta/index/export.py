"""An index taken elsewhere: as lines of JSON, as a table (Parquet), as SQL that `psql` loads, or into a database.

All are streams: a document at a time. Of lines of JSON an index can be made again, vectors included (`restoring.py`).
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from curta import config
from curta.errors import UsageError
from curta.index.kept import Kept, Piece
from curta.index.stores.lexemes import numbers

if TYPE_CHECKING:
    from curta.index.adding import Event
    from curta.index.stores.store import Store

FORMS = ("jsonl", "parquet", "pgvector")


def lines(store: "Store", form: str = "jsonl", model: str | None = None) -> Iterator[str]:
    """The text of an export, in pieces: JSON, a document on each line, or SQL.

    model: as for `model_of`. Raises UsageError, MissingExtra.
    """
    chosen = model_of(store, model)
    if form not in FORMS:
        raise UsageError(f"An index cannot be exported as {form!r}.", then=f"There is: {', '.join(FORMS)}.")
    if form == "parquet":
        raise UsageError("A Parquet file is no text.", then="Name the file to write: -o FILE")
    if form == "pgvector":
        from curta.index.stores.script import script

        yield from script(store, chosen)
        return
    for each in store.kept(chosen):
        yield line(each, chosen) + "\n"


def write(store: "Store", path: str | os.PathLike[str], form: str = "jsonl", model: str | None = None) -> None:
    """Write an export to a file, which is there in whole or not at all. Raises as `lines` does, and ConfigError."""
    if form == "parquet":
        from curta.index.export_parquet import write as write_table

        write_table(store, Path(path), model_of(store, model))
        return
    with config.replacing(Path(path)) as file:
        file.writelines(lines(store, form, model))


def into(store: "Store", url: str, model: str | None = None) -> "Iterator[Event]":
    """Copy the index into a database, under its name. An Event for each document. Raises IndexFileError."""
    from curta.index.restoring import copy
    from curta.index.stores import address
    from curta.index.stores.postgres import PostgresIndex

    with PostgresIndex(store.name, address.parse(url), create=True) as there:
        yield from copy(store, there, model_of(store, model))


def model_of(store: "Store", model: str | None) -> str | None:
    """The model whose vectors go along: `model`, else the one with the most, if any. Raises UsageError."""
    have = [each.model for each in store.models()]
    if model is not None and model not in have:
        raise UsageError(
            f"The index {store.name} has no vectors of {model}.",
            why=f"It has those of {', '.join(have)}." if have else "It has none at all.",
        )
    return model or next(iter(have), None)


def line(kept: Kept, model: str | None) -> str:
    """A document as JSON. Its vectors are written as 16-bit floats have digits, and not through a list of objects."""
    row, document = kept.row, kept.document
    described = {
        "uri": row.uri,
        "title": row.title,
        "sha256": row.sha256,
        "language": row.language,
        "trust": document.trust,
        "metadata": row.metadata,
        "spans": [span.to_dict() for span in document.spans],
        "text": document.text,
        "model": model,
    }
    passages = ", ".join(_passage(each) for each in kept.pieces)
    return f'{json.dumps(described, ensure_ascii=False)[:-1]}, "passages": [{passages}]}}'


def _passage(piece: Piece) -> str:
    where = json.dumps({"start": piece.start, "end": piece.end, "header": piece.header}, ensure_ascii=False)
    return f'{where[:-1]}, "vector": {"null" if piece.vector is None else numbers(piece.vector)}}}'
