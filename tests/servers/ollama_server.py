"""A server on 127.0.0.1 that speaks Ollama's protocol, and cuts what is longer than its context, as Ollama does.

It answers with how many words of the prompt it has read; the model's name says what else: `thinker` can think, `caller`
calls the tool it was given, `deaf` takes no heed of `num_ctx`, `broken` stops in the middle, `odd` sends no JSON.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.servers.quiet import QuietServer
from tests.servers.replies import Replies

DEFAULT_CONTEXT = 4096
TRAINED = 32_768
MODELS = ("pelican:latest", "thinker:1b", "caller:1b", "deaf:1b", "broken:1b", "odd:1b")


class OllamaServer:
    """A context manager. requests: the bodies of chats, in order. A token is a word here."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self._http = QuietServer(_handler(self))

    @property
    def address(self) -> str:
        """Host and port, as OLLAMA_HOST has them."""
        return self._http.address.partition("://")[2]

    def __enter__(self) -> "OllamaServer":
        self._http.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.__exit__()


def _lines(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    name = body["model"].partition(":")[0]
    context = DEFAULT_CONTEXT if name == "deaf" else body.get("options", {}).get("num_ctx", DEFAULT_CONTEXT)
    sent = sum(len(message["content"].split()) for message in body["messages"])
    read = min(sent, context)
    frame = {"model": body["model"], "created_at": "2026-11-01T00:00:00Z"}
    if body.get("think"):
        yield {**frame, "message": {"role": "assistant", "content": "", "thinking": "Hm."}, "done": False}
    if name == "caller" and body["messages"][-1]["role"] != "tool":
        function = {"name": body["tools"][0]["function"]["name"], "arguments": {"name": "Ben"}}
        yield {**frame, "message": {"role": "assistant", "content": "", "tool_calls": [{"function": function}]}}
    elif body.get("format"):
        yield {**frame, "message": {"role": "assistant", "content": f'{{"read": {read}}}'}, "done": False}
    else:
        for piece in ("I read ", f"{read} words.", " 👋🏽"):
            yield {**frame, "message": {"role": "assistant", "content": piece}, "done": False}
    if name != "broken":
        counts = {"prompt_eval_count": read, "eval_count": 3}
        yield {**frame, "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop", **counts}


def _handler(server: OllamaServer) -> type[Replies]:
    class Handler(Replies):
        def do_GET(self) -> None:
            listed = [{"name": name, "model": name, "size": 10} for name in MODELS]
            self.send_json(200 if self.path == "/api/tags" else 404, {"models": listed})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if body["model"] not in MODELS:
                return self.send_json(404, {"error": f"model '{body['model']}' not found"})
            if self.path == "/api/show":
                thinks = ["thinking"] if body["model"].startswith("thinker") else []
                about = {"general.architecture": "llama", "llama.context_length": TRAINED}
                return self.send_json(200, {"model_info": about, "capabilities": ["completion", *thinks]})
            server.requests.append(body)
            odd = [b"pong\n"] if body["model"] == "odd:1b" else None
            return self.send_events(odd or [json.dumps(line).encode() + b"\n" for line in _lines(body)], 7)

    return Handler
