"""The log of `llm` 0.32 and later: `turns` that point into a chain of `messages` with `parts`."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from curta.llm_home.generation import Generation, Row
from curta.llm_home.parts import (
    attachment_of,
    call_of,
    fragment_of,
    moment,
    read_json,
    result_of,
    ulid,
    usage_of,
)
from curta.llm_home.past_call import Contents, PastCall, past_call, words_of
from curta.messages import Message, Part, Reasoning, Text, Tool

_AT_ONCE = 500

_CHAIN = """
WITH RECURSIVE chain (hash, parent, role) AS (
    SELECT hash, parent_hash, role FROM messages WHERE hash = ?
    UNION SELECT messages.hash, messages.parent_hash, messages.role
    FROM chain JOIN messages ON messages.hash = chain.parent)
SELECT hash, role FROM chain
"""
"""From the last message to the first. UNION, not UNION ALL: a chain tied into a ring comes to an end."""

_TOOLS = """
SELECT tools.name, tools.description, tools.input_schema FROM turn_tools JOIN tools ON tools.id = turn_tools.tool_id
WHERE turn_tools.turn_id = ? ORDER BY tools.id
"""


class _Stored(NamedTuple):
    """A part as its row has it."""

    message: str
    type: str
    text: str | None
    payload: dict[str, Any]


class Turns(Generation):
    table, conversation, search = "turns", "thread_id", "turn_search_fts"

    def select(self, simple: bool) -> str:
        known = self.database.tables
        searched = "turn_search" in known and not simple
        has_schemas = "schemas" in known and not simple
        return (
            "SELECT turns.id, turns.thread_id, turns.model, turns.resolved_model, turns.options_json,"
            " turns.input_tokens, turns.output_tokens, turns.token_details, turns.duration_ms, turns.datetime_utc,"
            " turns.parent_message_hash, turns.tip_message_hash,"
            f" {'schemas.content' if has_schemas else 'NULL'},"
            f" {'turn_search.prompt, turn_search.response' if searched else 'NULL, NULL'}, {int(searched)}"
            " FROM turns"
            + (" LEFT JOIN schemas ON schemas.id = turns.schema_id" if has_schemas else "")
            + (" LEFT JOIN turn_search ON turn_search.turn_id = turns.id" if searched else "")
        )

    def matching(self) -> str:
        return (
            "turns.id IN (SELECT turn_id FROM turn_search WHERE id IN"
            " (SELECT rowid FROM turn_search_fts WHERE turn_search_fts MATCH ?))"
        )

    def words(self) -> str:
        if "turn_search" in self.database.tables:
            text = "coalesce(prompt, '') || char(10) || coalesce(response, '')"
            return f"(SELECT {text} FROM turn_search WHERE turn_id = turns.id)"
        own = "(turns.parent_message_hash, turns.tip_message_hash)"
        return f"(SELECT group_concat(text, char(10)) FROM parts WHERE type = 'text' AND message_hash IN {own})"

    def call(self, row: Row) -> PastCall:
        id, thread, model, resolved, options, tokens_in, tokens_out, details, duration, started, *rest = row
        parent, tip, schema, prompt, response, searched = rest
        usage = usage_of(tokens_in, tokens_out, details)

        def read() -> Contents:
            return self._contents(id, parent, tip)

        if not searched:
            contents = read()
            prompt = words_of(contents.sent[-1].parts) if contents.sent and contents.sent[-1].role == "user" else ""
            response = contents.answer.text if contents.answer else ""
        return past_call(
            self.database.path,
            read,
            {"options": read_json(options, {}), "schema": read_json(schema, {}) or None},
            id=ulid(id),
            conversation_id=ulid(thread or id),
            model=model or "",
            resolved_model=resolved,
            prompt=(prompt or "").strip(),
            response=response or "",
            started=moment(started, id),
            duration_ms=duration if isinstance(duration, int) else None,
            input_tokens=usage.input,
            output_tokens=usage.output,
            cached_tokens=usage.cached,
            reasoning_tokens=usage.reasoning,
        )

    def _contents(self, id: str, parent: str | None, tip: str | None) -> Contents:
        chain = self.database.rows(_CHAIN, (tip or parent,))[::-1]
        hashes = [hash for hash, _ in chain]
        parts = self._parts(hashes)
        messages = [(hash, _role(role), tuple(parts.get(hash, ()))) for hash, role in chain]
        sent_until = hashes.index(parent) + 1 if parent in hashes else 0
        sent = tuple(Message(role, each) for _, role, each in messages[:sent_until] if each)
        said = tuple(part for _, _, each in messages[sent_until:] for part in each)
        return Contents(sent, Message("assistant", said) if said else None, self._tools(id))

    def _tools(self, turn: str) -> tuple[Tool, ...]:
        if not {"turn_tools", "tools"} <= self.database.tables:
            return ()
        return tools_of(self.database.rows(_TOOLS, (turn,)))

    def _parts(self, hashes: list[str]) -> dict[str, list[Part]]:
        stored = [part for some in _batches(hashes) for part in self._stored(some)]
        fragments = self._fragments({ref for part in stored for ref in _fragments_in(part)})
        attachments = self._attachments({id for part in stored for id in _attachments_in(part)})
        found: dict[str, list[Part]] = {}
        for number, part in enumerate(stored):
            found.setdefault(part.message, []).extend(_built(part, fragments, attachments, f"call_{number}"))
        return found

    def _stored(self, hashes: list[str]) -> list[_Stored]:
        rows = self.database.rows(
            "SELECT message_hash, type, text, payload FROM parts"
            f" WHERE message_hash IN ({', '.join('?' * len(hashes))}) ORDER BY message_hash, position",
            hashes,
        )
        return [_Stored(hash, kind, text, read_json(payload, {})) for hash, kind, text, payload in rows]

    def _fragments(self, wanted: set[int]) -> dict[int, Part]:
        rows = self._by_id("id, content, source, hash", "fragments", wanted)
        return {id: fragment_of(content, source, hash) for id, content, source, hash in rows}

    def _attachments(self, wanted: set[str]) -> dict[str, Part]:
        rows = self._by_id("id, type, path, url, content", "attachments", wanted)
        return {row[0]: attachment_of(*row) for row in rows}

    def _by_id(self, columns: str, table: str, wanted: Iterable[Any]) -> list[Row]:
        return [
            row
            for some in _batches(sorted(wanted))
            for row in self.database.rows(f"SELECT {columns} FROM {table} WHERE id IN ({_marks(some)})", some)
        ]


def tools_of(rows: list[Row]) -> tuple[Tool, ...]:
    return tuple(Tool(name or "", description or "", read_json(schema, {})) for name, description, schema in rows)


def _built(part: _Stored, fragments: dict[int, Part], attachments: dict[str, Part], fallback: str) -> list[Part]:
    """A stored part as parts: a text that borrows fragments is words and Documents beside each other."""
    if part.type == "text":
        return _text(part, fragments)
    if part.type == "reasoning":
        return [Reasoning(part.text or str(part.payload.get("text") or ""))] if part.text else []
    if part.type == "tool_call":
        return [call_of(part.payload, fallback)]
    carried = tuple(attachments[id] for id in _attachments_in(part) if id in attachments)
    if part.type == "tool_result":
        return [result_of(part.payload, carried, fallback)]
    return list(carried)


def _text(part: _Stored, fragments: dict[int, Part]) -> list[Part]:
    if part.text is not None:
        return [Text(part.text)] if part.text else []
    found: list[Part] = []
    for piece in _pieces(part):
        if isinstance(piece.get("literal"), str) and piece["literal"].strip():
            found.append(Text(piece["literal"].strip("\n")))
        elif piece.get("fragment") in fragments:
            found.append(fragments[piece["fragment"]])
    return found


def _pieces(part: _Stored) -> list[dict[str, Any]]:
    pieces = part.payload.get("text_ref")
    return [piece for piece in pieces if isinstance(piece, dict)] if isinstance(pieces, list) else []


def _fragments_in(part: _Stored) -> list[int]:
    return [piece["fragment"] for piece in _pieces(part) if isinstance(piece.get("fragment"), int)]


def _attachments_in(part: _Stored) -> list[str]:
    one, many = part.payload.get("attachment"), part.payload.get("attachments")
    named = [one] if part.type == "attachment" else many if isinstance(many, list) else []
    return [each["id"] for each in named if isinstance(each, dict) and isinstance(each.get("id"), str)]


def _role(role: str) -> Any:
    return role if role in ("system", "user", "assistant", "tool") else "user"


def _batches(values: list[Any]) -> Iterable[list[Any]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))


def _marks(values: list[Any]) -> str:
    return ", ".join("?" * len(values))
