"""What `llm` keeps in its log beside calls: fragments with names, and schemas."""

from typing import Any

from curta.llm_home import LOG, location
from curta.llm_home.database import ForeignDatabase
from curta.llm_home.parts import fragment_of, read_json
from curta.messages import Document

_FRAGMENT = "SELECT fragments.content, fragments.source, fragments.hash FROM fragments"
_ALIASED = "LEFT JOIN fragment_aliases AS named ON named.fragment_id = fragments.id WHERE named.alias = ?"


def fragment(name: str) -> Document | None:
    """The fragment with this alias, or whose hash begins so."""
    found = _rows({"fragments", "fragment_aliases"}, f"{_FRAGMENT} {_ALIASED}", name)
    if not found and len(name) >= 6:
        found = _rows({"fragments"}, f"{_FRAGMENT} WHERE hash >= ? AND hash < ? LIMIT 2", name, name + "g")
    return fragment_of(*found[0]) if len(found) == 1 else None


def aliases() -> dict[str, Document]:
    """Alias -> the fragment it stands for."""
    query = (
        "SELECT alias, content, source, hash FROM fragment_aliases JOIN fragments ON fragments.id = fragment_id"
        " ORDER BY alias"
    )
    return {row[0]: fragment_of(*row[1:]) for row in _rows({"fragments", "fragment_aliases"}, query)}


def schemas() -> dict[str, dict[str, Any]]:
    """The id `llm` has for a schema -> the schema."""
    rows = _rows({"schemas"}, "SELECT id, content FROM schemas ORDER BY id")
    return {id: schema for id, content in rows if (schema := read_json(content, {}))}


def _rows(tables: set[str], query: str, *values: str) -> list[tuple[Any, ...]]:
    path = location() / LOG
    if not path.is_file():
        return []
    database = ForeignDatabase(path)
    return database.rows(query, values) if tables <= database.tables else []
