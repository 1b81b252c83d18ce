"""Messages, documents and attachments as rows: each stored once, under its hash.

A message's parts are written as `messages.part_identity` describes them, except that a text is a number: so many
characters of the row's `text`, where the texts of a message stand with a line break between them. So a row holds all
that its hash covers, and the hash can be computed again from the row alone.
"""

import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from curta.errors import LogCorrupt
from curta.messages import (
    Attachment,
    Document,
    Message,
    Part,
    Span,
    Text,
    ToolResult,
    canonical,
    part_from_dict,
    part_identity,
    sha256,
)

_WORTH_COMPRESSING = 512
_LEVEL = 1  # a megabyte in about ten milliseconds; the request waits for it


class Node(NamedTuple):
    """A stored message as the next one in the chain needs to know it."""

    id: int | None
    hash: str
    landmark: int | None


ROOT = Node(None, "", None)


# Packing


def pack(text: str) -> str | bytes:
    """`text`, compressed where that makes it smaller."""
    if len(text) < _WORTH_COMPRESSING:
        return text
    plain = text.encode()
    packed = zlib.compress(plain, _LEVEL)
    return packed if len(packed) < len(plain) else text


def unpack(value: str | bytes) -> str:
    return value if isinstance(value, str) else zlib.decompress(value).decode()


def pack_json(value: Any) -> str | bytes:
    return pack(canonical(value).decode())


def unpack_json(value: str | bytes) -> Any:
    return json.loads(unpack(value))


def schema_of(parameters: str | bytes) -> str | None:
    """The canonical form of the schema that these packed parameters of a call ask for. Queries know it by this name."""
    schema = unpack_json(parameters).get("schema")
    return None if schema is None else canonical(schema).decode()


def calls_tool(parts: str | bytes | None, name: str | None) -> bool:
    """Whether a message with these packed parts calls the tool `name`; None: any. Queries know it by this name."""
    if parts is None:
        return False
    called = [part["name"] for part in unpack_json(parts) if isinstance(part, dict) and part["type"] == "tool_call"]
    return bool(called) if name is None else name in called


# Blobs and documents


def put_blob(connection: sqlite3.Connection, data: bytes) -> int:
    """The row id of these bytes, stored now unless they were already."""
    hash = bytes.fromhex(sha256(data))
    if row := connection.execute("SELECT id FROM blob WHERE hash = ?", (hash,)).fetchone():
        return int(row[0])
    packed = zlib.compress(data, _LEVEL) if len(data) >= _WORTH_COMPRESSING else data
    compressed = len(packed) < len(data)
    values = (hash, compressed, packed if compressed else data)
    return _inserted(connection.execute("INSERT INTO blob (hash, compressed, data) VALUES (?, ?, ?)", values))


def get_blob(connection: sqlite3.Connection, id: int) -> bytes:
    row = connection.execute("SELECT compressed, data FROM blob WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise _lost(f"blob {id}")
    return zlib.decompress(row[1]) if row[0] else bytes(row[1])


def put_document(connection: sqlite3.Connection, document: Document) -> int:
    """The row id of this document, stored now unless it was already."""
    hash = bytes.fromhex(document.sha256)
    if row := connection.execute("SELECT id FROM document WHERE hash = ?", (hash,)).fetchone():
        return int(row[0])
    spans = pack_json([span.to_dict() for span in document.spans])
    text = put_blob(connection, document.text.encode())
    values = (hash, document.uri, document.title, spans, document.trust, len(document.text), text)
    return _inserted(
        connection.execute(
            "INSERT INTO document (hash, uri, title, spans, trust, characters, text) VALUES (?, ?, ?, ?, ?, ?, ?)",
            values,
        )
    )


def get_document(connection: sqlite3.Connection, hash: str) -> Document:
    row = connection.execute(
        "SELECT uri, title, spans, trust, text FROM document WHERE hash = ?", (bytes.fromhex(hash),)
    ).fetchone()
    if row is None:
        raise _lost(f"document {hash}")
    uri, title, spans, trust, text = row
    return Document(
        get_blob(connection, text).decode(), uri, title, tuple(Span(**span) for span in unpack_json(spans)), trust
    )


class DocumentRecord(NamedTuple):
    """A document without its text."""

    uri: str
    title: str
    sha256: str
    characters: int


def document_record(connection: sqlite3.Connection, hash: str) -> DocumentRecord:
    """What there is to know of a document without reading its text."""
    query = "SELECT uri, title, characters FROM document WHERE hash = ?"
    row = connection.execute(query, (bytes.fromhex(hash),)).fetchone()
    if row is None:
        raise _lost(f"document {hash}")
    uri, title, characters = row
    return DocumentRecord(uri, title, hash, characters)


# Messages


def find_node(connection: sqlite3.Connection, hash: str) -> Node | None:
    """The stored message whose chain hash this is."""
    row = connection.execute(
        "SELECT id, role, parts IS NULL, landmark FROM message"
        " WHERE substr(hash, 1, 8) = substr(?1, 1, 8) AND hash = ?1",
        (bytes.fromhex(hash),),
    ).fetchone()
    return node(row[0], hash, *row[1:]) if row else None


def node(id: int, hash: str, role: str, plain: bool, landmark: int | None) -> Node:
    """A stored message as the parent of the next; a message that can carry documents is a landmark to it."""
    return Node(id, hash, id if role == "system" or not (plain or role == "assistant") else landmark)


def put_message(connection: sqlite3.Connection, parent: Node, hash: str, message: Message) -> Node:
    """Store `message`, whose chain hash is `hash`, as a child of `parent`."""
    text, parts = words_and_parts(message)
    id = _inserted(
        connection.execute(
            "INSERT INTO message (hash, parent, landmark, role, text, parts) VALUES (?, ?, ?, ?, ?, ?)",
            (bytes.fromhex(hash), parent.id, parent.landmark, message.role, text, parts),
        )
    )
    if parts is not None:
        _put_carried(connection, id, message.parts)
    return node(id, hash, message.role, parts is None, parent.landmark)


def words_and_parts(message: Message) -> tuple[str, str | bytes | None]:
    """A message as its row holds it."""
    texts = [part.text for part in message.parts if isinstance(part, Text)]
    if len(texts) == len(message.parts) == 1:
        return texts[0], None
    parts = [len(part.text) if isinstance(part, Text) else part_identity(part) for part in message.parts]
    return "\n".join(texts), pack_json(parts)


def identities(text: str, parts: str | bytes | None) -> list[dict[str, Any]]:
    """The parts of a row as `part_identity` describes them: what the message's hash covers."""
    if parts is None:
        return [{"type": "text", "text": text}]
    described, position = [], 0
    for part in unpack_json(parts):
        if isinstance(part, int):
            described.append({"type": "text", "text": text[position : position + part]})
            position += part + 1
        else:
            described.append(part)
    return described


def identity_hash(role: str, described: list[dict[str, Any]]) -> str:
    """`Message.sha256` of the message so described."""
    return sha256(canonical({"role": role, "parts": described}))


def build_message(connection: sqlite3.Connection, role: Any, text: str, parts: str | bytes | None) -> Message:
    """The message a row describes, with its documents and attachments."""
    return Message(role, tuple(_part(connection, part) for part in identities(text, parts)))


def chain_of(connection: sqlite3.Connection, tip: int | None) -> Iterator[Message]:
    """The whole conversation that ends in the message `tip`, from its beginning."""
    rows = connection.execute(
        "WITH RECURSIVE chain (id, parent, depth) AS ("
        " SELECT id, parent, 0 FROM message WHERE id = ?"
        " UNION ALL SELECT message.id, message.parent, depth + 1 FROM chain JOIN message ON message.id = chain.parent)"
        " SELECT role, text, parts FROM chain JOIN message USING (id) ORDER BY depth DESC",
        (tip,),
    ).fetchall()
    return (build_message(connection, *row) for row in rows)


def _put_carried(connection: sqlite3.Connection, message: int, parts: tuple[Part, ...]) -> None:
    """Store the documents and attachments among `parts` of the message with this row id."""
    for part in parts:
        if isinstance(part, Document):
            row = (message, put_document(connection, part))
            connection.execute("INSERT OR IGNORE INTO message_document VALUES (?, ?)", row)
        elif isinstance(part, Attachment) and part.data:
            row = (message, put_blob(connection, part.data))
            connection.execute("INSERT OR IGNORE INTO message_blob VALUES (?, ?)", row)
        elif isinstance(part, ToolResult):
            _put_carried(connection, message, part.parts)


def _part(connection: sqlite3.Connection, described: Mapping[str, Any]) -> Part:
    kind = described["type"]
    if kind == "document":
        return get_document(connection, described["sha256"])
    if kind == "attachment":
        return _attachment(connection, described)
    if kind == "tool_result":
        inner = tuple(_part(connection, part) for part in described["parts"])
        return ToolResult(described["id"], inner, described["failed"])
    return part_from_dict(described)


def _attachment(connection: sqlite3.Connection, described: Mapping[str, Any]) -> Attachment:
    url = described.get("url", "")
    row = connection.execute("SELECT id FROM blob WHERE hash = ?", (bytes.fromhex(described["sha256"]),)).fetchone()
    data = get_blob(connection, row[0]) if row else b""
    if not (row or url) and described["sha256"] != sha256(b""):
        raise _lost(f"attachment {described['sha256']}")
    return Attachment(described["media_type"], data, described["name"], url)


def _inserted(cursor: sqlite3.Cursor) -> int:
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _lost(what: str) -> LogCorrupt:
    return LogCorrupt(f"The log lacks {what}, which one of its messages refers to.", then="Restore a backup of log.db.")
