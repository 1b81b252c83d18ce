"""A model server for any name: it answers in the form that was asked for, so that a command line can be judged."""

import json
from collections.abc import Mapping
from typing import Any

from tests.servers.openai import ANSWERS, MADE, Answer, Bytes, Failure, OpenAIServer

CODE = "Here it is:\n\n```python\nprint('first')\n```\n\nand\n\n```python\nprint('last')\n```\n"


class AnyModelServer(OpenAIServer):
    """Answers whatever model is named: with JSON, with a tool call, with code, or by saying the last words again."""

    def next(self, body: Mapping[str, Any]) -> Answer | Failure | Bytes:
        if body["model"] in ANSWERS or body["model"] in MADE:
            return super().next(body)
        if body.get("response_format", {}).get("type") == "json_schema":
            answer = MADE["schema"](body)
            assert isinstance(answer, Answer)
            return Answer(json.dumps(filled(json.loads(answer.text))))
        if body.get("tools"):
            return MADE["tools"](body)
        said = last_words(body)
        return Answer(CODE if "function" in said.lower() else f"You said: {said}")


def filled(value: Any) -> Any:
    """`value` with two elements in each list of one."""
    if isinstance(value, dict):
        return {name: filled(each) for name, each in value.items()}
    return value * 2 if isinstance(value, list) and len(value) == 1 else value


def last_words(body: Mapping[str, Any]) -> str:
    """The text of the last message that was sent."""
    content = body["messages"][-1].get("content") or ""
    if isinstance(content, list):
        return " ".join(part.get("text") or f"<{part['type']}>" for part in content)
    return str(content)
