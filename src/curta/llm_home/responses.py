"""The log of `llm` up to 0.31: a row of `responses` for each call, its conversation put together from earlier rows."""

from collections.abc import Iterator
from typing import Any

from curta.llm_home.generation import Generation, Row
from curta.llm_home.parts import attachment_of, call_of, fragment_of, moment, read_json, result_of, ulid, usage_of
from curta.llm_home.past_call import Contents, PastCall, past_call
from curta.llm_home.turns import tools_of
from curta.messages import Message, Part, Reasoning, Text, Tool, system

_ADDED_LATER = ("resolved_model", "input_tokens", "output_tokens", "token_details", "reasoning")

_SAID = (
    "SELECT id, prompt, system, response, {reasoning} FROM responses WHERE conversation_id = ? AND id <= ? ORDER BY id"
)

_FRAGMENTS = """
SELECT fragments.content, fragments.source, fragments.hash FROM {table} AS used
JOIN fragments ON fragments.id = used.fragment_id WHERE used.response_id = ? ORDER BY used."order"
"""

_ATTACHMENTS = """
SELECT attachments.id, attachments.type, attachments.path, attachments.url, attachments.content
FROM prompt_attachments AS used JOIN attachments ON attachments.id = used.attachment_id
WHERE used.response_id = ? ORDER BY used."order"
"""

_RESULT_ATTACHMENTS = """
SELECT attachments.id, attachments.type, attachments.path, attachments.url, attachments.content
FROM tool_results_attachments AS used JOIN attachments ON attachments.id = used.attachment_id
WHERE used.tool_result_id = ? ORDER BY used."order"
"""

_TOOLS = """
SELECT tools.name, tools.description, tools.input_schema FROM tool_responses
JOIN tools ON tools.id = tool_responses.tool_id WHERE tool_responses.response_id = ? ORDER BY tools.id
"""


class Responses(Generation):
    table, conversation, search = "responses", "conversation_id", "responses_fts"

    def also(self) -> list[str]:
        """A response that is a turn as well is read as the turn, which says more."""
        return ["responses.id NOT IN (SELECT id FROM turns)"] if "turns" in self.database.tables else []

    def select(self, simple: bool) -> str:
        known = self.database.columns("responses")
        later = {name: f"responses.{name}" if name in known else "NULL" for name in _ADDED_LATER}
        has_schemas = "schema_id" in known and "schemas" in self.database.tables and not simple
        return (
            "SELECT responses.id, responses.conversation_id, responses.model, {resolved_model},"
            " responses.options_json, {input_tokens}, {output_tokens}, {token_details}, responses.duration_ms,"
            " responses.datetime_utc, responses.prompt, responses.response, "
        ).format(**later) + (
            "schemas.content FROM responses LEFT JOIN schemas ON schemas.id = responses.schema_id"
            if has_schemas
            else "NULL FROM responses"
        )

    def matching(self) -> str:
        return "responses.rowid IN (SELECT rowid FROM responses_fts WHERE responses_fts MATCH ?)"

    def words(self) -> str:
        return "(coalesce(responses.prompt, '') || char(10) || coalesce(responses.response, ''))"

    def call(self, row: Row) -> PastCall:
        id, conversation, model, resolved, options, tokens_in, tokens_out, details, duration, started, *rest = row
        prompt, response, schema = rest
        usage = usage_of(tokens_in, tokens_out, details)
        return past_call(
            self.database.path,
            lambda: self._contents(id, conversation),
            {"options": read_json(options, {}), "schema": read_json(schema, {}) or None},
            id=ulid(id),
            conversation_id=ulid(conversation or id),
            model=model or "",
            resolved_model=resolved,
            prompt=prompt or "",
            response=response or "",
            started=moment(started, id),
            duration_ms=duration if isinstance(duration, int) else None,
            input_tokens=usage.input,
            output_tokens=usage.output,
            cached_tokens=usage.cached,
            reasoning_tokens=usage.reasoning,
        )

    def _contents(self, id: str, conversation: str | None) -> Contents:
        messages = list(self._said(id, conversation))
        answer = messages.pop() if messages and messages[-1].role == "assistant" else None
        return Contents(tuple(messages), answer, self._tools(id))

    def _said(self, id: str, conversation: str | None) -> Iterator[Message]:
        """Everything said in the conversation up to the answer of this call, each message as Curta has them."""
        reasoning = "reasoning" if "reasoning" in self.database.columns("responses") else "NULL"
        query = _SAID.format(reasoning=reasoning)
        if conversation is None:
            query = query.replace("conversation_id = ?", "? IS NULL").replace("id <= ?", "id = ?")
        instructions = ""
        for each, prompt, told, response, thought in self.database.rows(query, (conversation, id)):
            told = "\n\n".join([*(part.text for part in self._fragments("system_fragments", each)), told or ""]).strip()
            if told and told != instructions:
                instructions = told
                yield system(told)
            if results := self._results(each):
                yield Message("tool", tuple(results))
            if asked := self._asked(each, prompt):
                yield Message("user", asked)
            if answered := self._answered(each, response, thought):
                yield Message("assistant", answered)

    def _asked(self, id: str, prompt: str | None) -> tuple[Part, ...]:
        attached = [attachment_of(*row) for row in self._rows("prompt_attachments", _ATTACHMENTS, id)]
        return (*self._fragments("prompt_fragments", id), *attached, *((Text(prompt),) if prompt else ()))

    def _answered(self, id: str, response: str | None, thought: str | None) -> tuple[Part, ...]:
        query = "SELECT name, arguments, tool_call_id FROM tool_calls WHERE response_id = ? ORDER BY id"
        calls = [
            call_of(dict(zip(("name", "arguments", "tool_call_id"), row, strict=True)), _pair(row[0], number))
            for number, row in enumerate(self._rows("tool_calls", query, id))
        ]
        thoughts = (Reasoning(thought),) if thought else ()
        return (*thoughts, *((Text(response),) if response else ()), *calls)

    def _results(self, id: str) -> list[Part]:
        exception = "exception" if "exception" in self.database.columns("tool_results") else "NULL"
        query = (
            f"SELECT id, name, output, tool_call_id, {exception} FROM tool_results WHERE response_id = ? ORDER BY id"
        )
        return [self._result(row, number) for number, row in enumerate(self._rows("tool_results", query, id))]

    def _result(self, row: Row, number: int) -> Part:
        id, name, output, call, exception = row
        payload = {"name": name, "output": output, "tool_call_id": call, "exception": exception}
        attached = self._rows("tool_results_attachments", _RESULT_ATTACHMENTS, id)
        return result_of(payload, tuple(attachment_of(*each) for each in attached), _pair(name, number))

    def _tools(self, id: str) -> tuple[Tool, ...]:
        return tools_of(self._rows("tool_responses", _TOOLS, id))

    def _fragments(self, table: str, id: str) -> list[Any]:
        return [fragment_of(*row) for row in self._rows(table, _FRAGMENTS.format(table=table), id)]

    def _rows(self, table: str, query: str, id: Any) -> list[Row]:
        """The rows of a query about one response; none where this file is older than the table."""
        return self.database.rows(query, (id,)) if table in self.database.tables else []


def _pair(name: str | None, number: int) -> str:
    """An id for a call that has none and for its result: the same tool at the same place in the list."""
    return f"call_{number}_{name or ''}"
