"""How many tokens a prompt has, told by the engine with the model's own tokenizer and template."""

import json
from typing import Any

from curta.engine.process.state import Address
from curta.errors import BrokenAnswer
from curta.http import HTTPRequest, stream

_LONGEST_ANSWER = 64 << 20


def of_prompt(address: Address, body: bytes) -> int:
    """How many the prompt of a chat completion has, with all that the template puts around the words.

    body: of the request for the completion.
    """
    return _whole(_asked(address, f"{address.url}/chat/completions/input_tokens", body), "input_tokens")


def of_text(address: Address, text: str) -> int:
    """How many `text` has by itself."""
    body = json.dumps({"content": text, "add_special": False}, ensure_ascii=False).encode()
    return len(_asked(address, f"{address.url.removesuffix('/v1')}/tokenize", body).get("tokens", ()))


def _asked(address: Address, url: str, body: bytes) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {address.key}", "content-type": "application/json"}
    with stream(HTTPRequest("POST", url, headers, body, whole=True, socket=address.socket)) as reply:
        said = b"".join(reply.chunks)
    try:
        value = json.loads(said[:_LONGEST_ANSWER])
    except ValueError:
        value = None
    if reply.status != 200 or not isinstance(value, dict):
        what = said[:300].decode("utf-8", "replace")
        raise BrokenAnswer(f"The engine of {address.name} cannot count tokens ({reply.status}).", why=what)
    return value


def _whole(value: dict[str, Any], name: str) -> int:
    found = value.get(name)
    if not isinstance(found, int):
        raise BrokenAnswer("The engine says no number of tokens.")
    return found
