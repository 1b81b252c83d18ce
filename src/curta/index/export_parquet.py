"""An index as a Parquet file, by the package `pyarrow` (extra `parquet`): a row for each passage."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curta import config
from curta.errors import MissingExtra
from curta.index.kept import Kept

if TYPE_CHECKING:
    from curta.index.stores.store import Store

ROWS_AT_ONCE = 2000


def write(store: "Store", path: Path, model: str | None) -> None:
    """Write every passage with its vector of `model`. Raises MissingExtra, ConfigError."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtra(
            "Parquet is written by the package pyarrow, which is not installed.", extra="parquet"
        ) from error
    text, number, vector = pyarrow.string(), pyarrow.int64(), pyarrow.list_(pyarrow.float32())
    schema = pyarrow.schema(
        [("uri", text), ("title", text), ("sha256", text), ("language", text), ("metadata", text), ("start", number),
         ("end", number), ("header", text), ("text", text), ("model", text), ("vector", vector)]
    )  # fmt: skip
    rows = (row for each in store.kept(model) for row in _rows(each, model))
    with (
        config.replacing(path) as file,
        open(file.fileno(), "wb", closefd=False) as binary,
        pyarrow.parquet.ParquetWriter(binary, schema) as writer,
    ):
        while some := list(islice(rows, ROWS_AT_ONCE)):
            writer.write_table(pyarrow.Table.from_pylist(some, schema=schema))


def _rows(kept: Kept, model: str | None) -> Iterator[dict[str, Any]]:
    row, document = kept.row, kept.document
    of_document = {"uri": row.uri, "title": row.title, "sha256": row.sha256, "language": row.language, "model": model}
    of_document["metadata"] = None if row.metadata is None else json.dumps(row.metadata, ensure_ascii=False)
    for each in kept.pieces:
        where = {"start": each.start, "end": each.end, "header": each.header}
        yield {**of_document, **where, "text": document.text[each.start : each.end], "vector": each.vector}
