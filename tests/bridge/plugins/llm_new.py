"""A plugin as they are written since llm 0.32: it reads `prompt.messages` and yields events."""

import json

import llm
from llm.parts import StreamEvent
from pydantic import Field


class Options(llm.Options):
    temperature: float | None = Field(description="How daring.", ge=0, le=2, default=None)
    tag: str | None = Field(description="A word.", default=None)
    loud: bool = Field(description="In capitals.", default=False)


class Mirror(llm.Model):
    """Says as JSON what it was given."""

    model_id = "mirror"
    can_stream = True
    supports_schema = True
    supports_tools = True
    attachment_types = frozenset({"image/png", "audio/wav"})
    Options = Options

    def execute(self, prompt, stream, response, conversation):
        said = {
            "messages": [message.to_dict() for message in prompt.messages],
            "prompt": prompt.prompt,
            "system": prompt.system,
            "schema": prompt.schema,
            "tools": [tool.name for tool in prompt.tools],
            "options": prompt.options.model_dump(exclude_none=True),
            "stream": stream,
        }
        response.set_resolved_model("mirror-2026-01-01")
        response.set_usage(input=10, output=3, details={"input_tokens_details": {"cached_tokens": 4}})
        yield StreamEvent(type="text", chunk=json.dumps(said))


class Thinker(llm.Model):
    """Thinks, signs its thoughts, and wants them back."""

    model_id = "thinker"
    can_stream = True

    def execute(self, prompt, stream, response, conversation):
        yield StreamEvent(type="reasoning", chunk="Let me ")
        yield StreamEvent(type="reasoning", chunk="think.")
        yield StreamEvent(type="reasoning", chunk="", provider_metadata={"signature": "s1gned"})
        back = [part.to_dict() for message in prompt.messages for part in message.parts if message.role == "assistant"]
        yield StreamEvent(type="text", chunk=json.dumps(back) if back else "First.")


class Caller(llm.Model):
    """Wants the tool `add` called, and says what came of it."""

    model_id = "caller"
    can_stream = True
    supports_tools = True

    def execute(self, prompt, stream, response, conversation):
        last = prompt.messages[-1]
        if last.role == "tool":
            yield " and ".join(f"{part.name} said {part.output}" for part in last.parts)
            return
        yield StreamEvent(type="text", chunk="One moment.")
        yield StreamEvent(type="tool_call_name", chunk="add", tool_call_id="c1")
        yield StreamEvent(type="tool_call_args", chunk='{"a": 1, ', tool_call_id="c1")
        yield StreamEvent(type="tool_call_args", chunk='"b": 2}', tool_call_id="c1")
        response.add_tool_call(llm.ToolCall(name="add", arguments={"a": 1, "b": 2}, tool_call_id="c1"))
        response.add_tool_call(llm.ToolCall(name="add", arguments={"a": 3, "b": 4}, tool_call_id="c2"))


class Nameless(llm.Model):
    """Streams calls without ids, as some providers do, and searches the web on its own."""

    model_id = "nameless"
    can_stream = True
    supports_tools = True

    def execute(self, prompt, stream, response, conversation):
        yield StreamEvent(type="tool_call_name", chunk="web_search", server_executed=True, tool_call_id="s1")
        yield StreamEvent(type="tool_result", chunk="found", server_executed=True, tool_call_id="s1")
        for a in (1, 2):
            yield StreamEvent(type="tool_call_name", chunk="add")
            yield StreamEvent(type="tool_call_args", chunk=json.dumps({"a": a, "b": 0}))
            response.add_tool_call(llm.ToolCall(name="add", arguments={"a": a, "b": 0}))


@llm.hookimpl
def register_models(register):
    register(Mirror(), aliases=("looking-glass",))
    register(Thinker())
    register(Caller())
    register(Nameless())
