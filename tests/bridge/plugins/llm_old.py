"""A plugin as they were written before llm 0.32: it reads `prompt.prompt` and `conversation.responses`, prints, yields
strings."""

import json
import sys

import llm


class Old(llm.Model):
    model_id = "old"
    can_stream = True
    supports_tools = True
    attachment_types = frozenset({"image/png"})

    def execute(self, prompt, stream, response, conversation):
        sys.stdout.write("a plugin that prints\n")
        said = []
        for earlier in conversation.responses if conversation else []:
            said.append({"system": earlier.prompt.system, "user": earlier.prompt.prompt})
            said[-1]["results"] = [[each.name, each.output] for each in earlier.prompt.tool_results]
            said[-1]["images"] = [len(each.content) for each in earlier.prompt.attachments]
            said.append({"assistant": earlier.text_or_raise()})
            said[-1]["calls"] = [[each.name, each.arguments] for each in earlier.tool_calls_or_raise()]
        said.append({"system": prompt.system, "user": prompt.prompt})
        said[-1]["results"] = [[each.name, each.output] for each in prompt.tool_results]
        said[-1]["images"] = [len(each.content) for each in prompt.attachments]
        response.response_json = {"choices": [{"finish_reason": "length"}]}
        text = json.dumps(said)
        yield from (text[i : i + 40] for i in range(0, len(text), 40))


class Alone(llm.Model):
    """Answers one question at a time."""

    model_id = "alone"
    supports_conversation = False

    def execute(self, prompt, stream, response, conversation):
        yield "streamed" if stream else "whole"


@llm.hookimpl
def register_models(register):
    register(Old())
    register(Alone())
