"""A server of OpenAI's protocols for any model: it answers in the form that was asked for.

Chat completions, responses (which `llm` asks for models that reason), embeddings and the list of models, at one URL.
Bodies are validated by the types of the official `openai` package.
"""

import base64
import hashlib
import json
import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.servers import openai as chat
from tests.servers.openai import Answer
from tests.servers.openai_responses import ResponsesProtocol
from tests.servers.quiet import QuietServer

CODE = "Here it is:\n\n```python\nprint('first')\n```\n\nand\n\n```python\nprint('last')\n```\n"
RESPONSES = ResponsesProtocol()
MODELS = ("gpt-4o", "gpt-5.6-luna", "any-model")


@dataclass(frozen=True)
class Sent:
    """A request for an answer, in either protocol."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def is_response(self) -> bool:
        return self.path.endswith("/responses")

    @property
    def messages(self) -> list[Mapping[str, Any]]:
        given: list[Mapping[str, Any]] = self.body.get("input" if self.is_response else "messages", [])
        return [{"role": "user", "content": given}] if isinstance(given, str) else given

    @property
    def last(self) -> str:
        """The text of the last message; what is no text as `<its type>`."""
        return _flat(self.messages[-1].get("content", self.messages[-1].get("output")))

    @property
    def system(self) -> str:
        """All that was said to the model as instructions."""
        said = [_flat(each["content"]) for each in self.messages if each.get("role") in ("system", "developer")]
        return "\n".join([*([self.body["instructions"]] if self.body.get("instructions") else []), *said])

    @property
    def streamed(self) -> bool:
        return bool(self.body.get("stream"))

    @property
    def said(self) -> str:
        """The text of all messages."""
        return "\n".join(_flat(each.get("content", each.get("output"))) for each in self.messages)

    @property
    def turns(self) -> int:
        return sum(each.get("role") == "user" for each in self.messages)

    @property
    def tools(self) -> list[str]:
        return [tool.get("name") or tool.get("function", tool).get("name", tool["type"]) for tool in _list(self.body)]

    @property
    def results(self) -> list[str]:
        """What tools have said."""
        if self.is_response:
            return RESPONSES.results(self.body)
        return [_flat(each["content"]) for each in self.messages if each["role"] == "tool"]

    @property
    def schema(self) -> Mapping[str, Any] | None:
        if self.is_response:
            return RESPONSES.schema(self.body)
        form = self.body.get("response_format", {})
        return form["json_schema"]["schema"] if form.get("type") == "json_schema" else None

    def field(self, name: str) -> Any:
        """What is sent as `name`: one of the above, or a field of the body, or a header."""
        if name in ("last", "path", "streamed", "system", "said", "turns", "tools", "schema"):
            return getattr(self, name)
        return self.body[name] if name in self.body else self.headers.get(name.lower())


def _list(body: Mapping[str, Any]) -> list[Any]:
    return body.get("tools") or []


def _flat(content: Any) -> str:
    if isinstance(content, list):
        return " ".join(part.get("text") or f"<{_kind(part)}>" for part in content)
    return str(content or "")


def _kind(part: Mapping[str, Any]) -> str:
    """The name of a part that is no text, the same in both protocols."""
    return str(part["type"]).removeprefix("input_").removesuffix("_url")


class AnyModelServer:
    """A context manager: `with AnyModelServer() as server: ... server.url ... server.requests`."""

    def __init__(self) -> None:
        self.requests: list[Sent] = []
        self._http = QuietServer(_handler(self))

    @property
    def url(self) -> str:
        return f"{self._http.address}/v1"

    def __enter__(self) -> "AnyModelServer":
        self._http.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.__exit__()


def answer(sent: Sent) -> Answer:
    """JSON where a schema was sent, tool calls where tools were, code for a function, else the last words again."""
    if sent.results and sent.messages[-1].get("role") != "user":
        return Answer("The tools said: " + "; ".join(sent.results))
    if sent.schema is not None:
        return Answer(json.dumps(filled(chat._instance(sent.schema))))
    if functions := _functions(sent):
        calls = tuple((name, json.dumps(chat._instance(parameters))) for name, parameters in functions)
        return Answer(calls=calls, finish="tool_calls")
    said = CODE if "function" in sent.last.lower() else f"You said: {sent.last}"
    return Answer(said, reasoning="It is asked for names." if sent.is_response else "")


def _functions(sent: Sent) -> Iterator[tuple[str, Any]]:
    found = [tool.get("function", tool) for tool in _list(sent.body) if tool["type"] == "function"]
    return [(each["name"], each.get("parameters") or {"type": "object"}) for each in found]


def filled(value: Any) -> Any:
    """`value` with two elements in each list of one."""
    if isinstance(value, dict):
        return {name: filled(each) for name, each in value.items()}
    return value * 2 if isinstance(value, list) and len(value) == 1 else value


def vector(text: str, size: int = 16) -> list[float]:
    """A direction for a text: texts that share words point the same way, more or less."""
    values = [0.0] * size
    for word in text.lower().split():
        values[hashlib.sha256(word.encode()).digest()[0] % size] += 1.0
    return values


def _plain(value: Any) -> Any:
    """`value` without fields that are null, and with those that OpenAI's server does without but not its types."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _plain(each) for name, each in value.items() if name == "content" or each is not None}
    if kept.get("type") == "input_image":
        return {"detail": "auto", **kept}
    return {"strict": None, **kept} if kept.get("type") == "function" and "parameters" in kept else kept


def _embeddings(body: Mapping[str, Any]) -> dict[str, Any]:
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    vectors = [vector(str(text)) for text in texts]
    if body.get("encoding_format") == "base64":
        coded: list[Any] = [base64.b64encode(struct.pack(f"<{len(each)}f", *each)).decode() for each in vectors]
    else:
        coded = vectors
    data = [{"object": "embedding", "index": n, "embedding": each} for n, each in enumerate(coded)]
    return {"object": "list", "data": data, "model": body["model"], "usage": {"prompt_tokens": 1, "total_tokens": 1}}


def _handler(server: AnyModelServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

        def do_GET(self) -> None:
            models = [{"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "us"} for name in MODELS]
            self._whole(200, {"object": "list", "data": models})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with suppress(ConnectionError):
                if self.path.endswith("/embeddings"):
                    return self._whole(200, _embeddings(body))
                return self._answer(Sent(self.path, headers, body))
            self.close_connection = True
            return None

        def _answer(self, sent: Sent) -> None:
            server.requests.append(sent)
            body = _plain(sent.body)
            why = RESPONSES.complaint(body) if sent.is_response else chat.complaint(body)
            if why:
                return self._whole(400, {"error": {"message": why, "type": "invalid_request_error", "code": None}})
            said, model = answer(sent), sent.body["model"]
            if sent.body.get("stream"):
                events = RESPONSES.events(said, model, sent.body) if sent.is_response else chat._events(said, sent.body)
                return self._stream(events)
            if sent.is_response:
                return self._whole(200, RESPONSES.whole(said, model, sent.body))
            return self._whole(200, chat._whole(said, sent.body))

        def _stream(self, events: Iterator[bytes]) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for data in (*events, b""):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()

        def _whole(self, status: int, value: Mapping[str, Any]) -> None:
            data = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler
