"""A server on 127.0.0.1 that speaks OpenAI's chat completions, well and badly. The model's name says how.

    hello echo schema tools reasoning refusal filtered length empty     answers
    whole no-done drip endless                                          answers in an unusual way
    error-STATUS flaky-STATUS quota                                     HTTP errors; `flaky` fails only twice
    cut cut-early garbage html nothing error-in-stream stall            broken answers

Embeddings are in `embeddings.py`, with models of their own.
`server.script("first", Failure(500), "third")` overrules all that for the next requests, in order.
Every body is validated by the types of the official `openai` package; one that does not fit is answered with 400.
In its own process: `python -m tests.servers.openai` prints its URL and serves until its standard input ends.
"""

import json
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.servers import embeddings
from tests.servers.quiet import QuietServer
from tests.servers.replies import Bytes, Replies

CREATED = 1_700_000_000


@dataclass(frozen=True)
class Answer:
    """A proper answer. calls: (name, arguments) of each tool call. cached, thought: tokens in the usage."""

    text: str = ""
    reasoning: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    refusal: str = ""
    finish: str = "stop"
    cached: int = 0
    thought: int = 0


@dataclass(frozen=True)
class Failure:
    """An HTTP error."""

    status: int
    message: str = "The server says no."
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recorded:
    """A request as it was received. Header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: Any


class OpenAIServer:
    """A context manager: `with OpenAIServer() as server: ... server.url ...`.

    key: when set, requests without it are answered with 401.
    requests: what was received; received: set by the first. connections: how many were opened. release: ends a stall.
    disconnected: set when a client left in the middle of an answer.
    """

    def __init__(self, key: str | None = None) -> None:
        self.key = key
        self.requests: list[Recorded] = []
        self.connections = 0
        self.received = threading.Event()
        self.release = threading.Event()
        self.disconnected = threading.Event()
        self.failures: Counter[str] = Counter()
        self._script: deque[Answer | Failure | Bytes] = deque()
        self._http = QuietServer(_handler(self))

    @property
    def url(self) -> str:
        return f"{self._http.address}/v1"

    def script(self, *answers: "str | Answer | Failure | Bytes") -> None:
        """What to answer to the next requests, in order, whatever model they name."""
        self._script.extend(Answer(answer) if isinstance(answer, str) else answer for answer in answers)

    def next(self, body: Mapping[str, Any]) -> "Answer | Failure | Bytes":
        """What to answer to `body`."""
        return self.scripted() or _by_name(self, body)

    def scripted(self) -> "Answer | Failure | Bytes | None":
        return self._script.popleft() if self._script else None

    def __enter__(self) -> "OpenAIServer":
        self._http.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._http.__exit__()


# What each model answers


def _by_name(server: OpenAIServer, body: Mapping[str, Any]) -> Answer | Failure | Bytes:
    model = body["model"]
    if model in ANSWERS:
        return ANSWERS[model]
    if model in MADE:
        return MADE[model](body)
    kind, _, status = model.partition("-")
    if kind == "flaky" and server.failures[model] >= 2:
        return HELLO
    if kind in ("error", "flaky") and status.isdigit():
        server.failures[model] += 1
        return Failure(int(status), headers={"retry-after": "0"})
    return Failure(404, f"The model `{model}` does not exist.", "model_not_found")


def _echo(body: Mapping[str, Any]) -> Answer:
    """A summary of what was sent: roles, texts, and the names of the other fields."""
    said = [f"{message['role']}: {_flat(message.get('content'))}" for message in body["messages"]]
    return Answer("\n".join([*said, f"fields: {', '.join(sorted(body.keys() - {'messages'}))}"]))


def _programmer(body: Mapping[str, Any]) -> Answer:
    """Forgets the header of a table at first, and mends that when it is told what came of it."""
    told = any(message["role"] == "assistant" for message in body["messages"])
    return Answer(f"The sum of the second column.\n\n```python\n{_MENDED if told else _FORGETFUL}```\n")


def _reader(body: Mapping[str, Any]) -> Answer:
    """Answers from documents in claims with quotations; it makes up the second, also when it is told so."""
    return Answer(json.dumps({"answer": _CLAIMS, "found": True}))


_CLAIMS = [
    {
        "claim": "Donors paid for it in 2022, the Harbour Fund the largest part.",
        "quote": "The new roof of the boathouse was paid for by the Harle Harbour Fund, which gave 30,000 pounds",
        "passage": 2,
    },
    {"claim": "It was sponsored by a bank.", "quote": "a bank of the county has agreed to sponsor", "passage": 1},
]
_FORGETFUL = """\
total = 0
for line in open("sales.csv"):
    total += int(line.split(",")[1])
print(total)
"""
_MENDED = """\
import csv

with open("sales.csv") as file:
    total = sum(int(row["sales"]) for row in csv.DictReader(file))
print(total)
with open("total.txt", "w") as file:
    file.write(f"{total}\\n")
"""


def _flat(content: Any) -> str:
    if isinstance(content, list):
        return " ".join(part.get("text") or f"<{part['type']}>" for part in content)
    return content or ""


def _follow_schema(body: Mapping[str, Any]) -> Answer | Failure:
    form = body.get("response_format", {})
    if form.get("type") != "json_schema":
        return Failure(400, "This model wants a response_format with a json_schema.")
    return Answer(json.dumps(_instance(form["json_schema"]["schema"])))


def _instance(schema: Mapping[str, Any]) -> Any:
    """The simplest value the schema allows."""
    if "enum" in schema:
        return schema["enum"][0]
    made: dict[str, Any] = {"string": "text", "integer": 1, "number": 1.5, "boolean": True, "null": None}
    if schema.get("type") == "object":
        return {name: _instance(inner) for name, inner in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        return [_instance(schema.get("items", {"type": "string"}))]
    return made[schema.get("type", "string")]


def _call_tools(body: Mapping[str, Any]) -> Answer:
    """Calls every tool once; when results are there, answers with them."""
    results = [_flat(message["content"]) for message in body["messages"] if message["role"] == "tool"]
    if results:
        return Answer("The tools said: " + "; ".join(results))
    tools = [tool["function"] for tool in body.get("tools", [])]
    calls = tuple((tool["name"], json.dumps(_instance(tool["parameters"]))) for tool in tools)
    return Answer(calls=calls, finish="tool_calls")


def _quota(_: Mapping[str, Any]) -> Failure:
    message = "You exceeded your current quota, please check your plan and billing details."
    return Failure(429, message, "insufficient_quota", {"x-should-retry": "false"})


def _chunk(**delta: Any) -> bytes:
    return _event({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})


def _event(value: Any) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


HELLO = Answer("Hello, wörld! 👋🏽")
ANSWERS: dict[str, Answer | Failure | Bytes] = {
    "hello": HELLO,
    "whole": HELLO,
    "no-done": HELLO,
    "drip": HELLO,
    "reasoning": Answer("42", reasoning="Six times seven.", thought=4, cached=3),
    "refusal": Answer(refusal="I cannot help with that."),
    "filtered": Answer("It is", finish="content_filter"),
    "length": Answer("A very long", finish="length"),
    "empty": Answer(),
    "endless": Answer("again " * 10_000),
    "cut": Bytes(_chunk(content="Half an ans"), cut=True),
    "cut-early": Bytes(b"", cut=True),
    "garbage": Bytes(b"\x00\xff\xfe\x1b]52;c;AAAA\x07 garbage\n\n"),
    "html": Bytes(b"<!doctype html><title>Welcome</title>", "text/html"),
    "nothing": Bytes(b""),
    "error-in-stream": Bytes(_chunk(content="Half") + _event({"error": {"message": "Overloaded.", "code": 503}})),
    "stall": Bytes(_chunk(content="Half"), stall=True),
}
MADE = {
    "programmer": _programmer,
    "reader": _reader,
    "echo": _echo,
    "schema": _follow_schema,
    "tools": _call_tools,
    "gpt-5-mini": _call_tools,
    "quota": _quota,
}


# The protocol


def _usage(answer: Answer, body: Mapping[str, Any]) -> dict[str, Any]:
    prompt = sum(len(_flat(message.get("content")).split()) for message in body["messages"])
    completion = len(answer.text.split()) + answer.thought
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": answer.cached},
        "completion_tokens_details": {"reasoning_tokens": answer.thought},
    }


def _frame(body: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": CREATED, "model": f"{body['model']}-2026-01-01"}


def _calls(answer: Answer) -> list[dict[str, Any]]:
    return [
        {"id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for n, (name, arguments) in enumerate(answer.calls)
    ]


def _whole(answer: Answer, body: Mapping[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer.text or None, "refusal": answer.refusal or None}
    if answer.reasoning:
        message["reasoning_content"] = answer.reasoning
    if answer.calls:
        message["tool_calls"] = _calls(answer)
    choice = {"index": 0, "message": message, "finish_reason": answer.finish, "logprobs": None}
    return {**_frame(body, "chat.completion"), "choices": [choice], "usage": _usage(answer, body)}


def _deltas(answer: Answer) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    yield from ({"reasoning_content": piece} for piece in _pieces(answer.reasoning))
    yield from ({"refusal": piece} for piece in _pieces(answer.refusal))
    yield from ({"content": piece} for piece in _pieces(answer.text))
    for n, call in enumerate(_calls(answer)):
        arguments = call["function"]["arguments"]
        yield {"tool_calls": [{**call, "index": n, "function": {"name": call["function"]["name"], "arguments": ""}}]}
        for piece in (arguments[:5], arguments[5:]):
            yield {"tool_calls": [{"index": n, "function": {"arguments": piece}}]}


def _pieces(text: str) -> list[str]:
    """`text` in words, spaces kept."""
    words = text.split(" ")
    return [f"{word} " for word in words[:-1]] + [word for word in words[-1:] if word]


def _events(answer: Answer, body: Mapping[str, Any]) -> Iterator[bytes]:
    frame = {**_frame(body, "chat.completion.chunk"), "usage": None}
    for delta in _deltas(answer):
        yield _event({**frame, "choices": [{"index": 0, "delta": delta, "finish_reason": None, "logprobs": None}]})
    yield _event({**frame, "choices": [{"index": 0, "delta": {}, "finish_reason": answer.finish, "logprobs": None}]})
    if (body.get("stream_options") or {}).get("include_usage"):
        yield _event({**frame, "choices": [], "usage": _usage(answer, body)})
    if body["model"] != "no-done":
        yield b"data: [DONE]\n\n"


@cache
def _adapters() -> dict[bool, Any]:
    from openai.types.chat import completion_create_params as params
    from pydantic import TypeAdapter

    forms = (params.CompletionCreateParamsNonStreaming, params.CompletionCreateParamsStreaming)
    return {streams: TypeAdapter(form) for streams, form in zip((False, True), forms, strict=True)}


def complaint(body: Mapping[str, Any]) -> str:
    """What the official types have against `body`; empty when it fits."""
    from openai.types.chat import completion_create_params as params
    from pydantic import ValidationError

    if unknown := body.keys() - params.CompletionCreateParamsStreaming.__annotations__.keys() - _base_fields():
        return f"Unrecognized request argument supplied: {', '.join(sorted(unknown))}"
    try:
        _consume(_adapters()[bool(body.get("stream"))].validate_python(body))
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:3])
    return ""


def _base_fields() -> set[str]:
    from openai.types.chat import completion_create_params as params

    return set(params.CompletionCreateParamsBase.__annotations__)


def _consume(value: Any) -> None:
    """pydantic validates an `Iterable` only while it is read."""
    if isinstance(value, Mapping):
        for inner in value.values():
            _consume(inner)
    elif hasattr(value, "__iter__") and not isinstance(value, (str, bytes)):
        for inner in value:
            _consume(inner)


def _handler(server: OpenAIServer) -> type[Replies]:
    """A request handler for `server`: http.server makes one instance for each connection."""

    class Handler(Replies):
        release = server.release

        def setup(self) -> None:
            super().setup()
            server.connections += 1

        def do_GET(self) -> None:
            self._record(None)
            models = [{"id": name, "object": "model", "created": CREATED, "owned_by": "tests"} for name in ANSWERS]
            self.send_json(200, {"object": "list", "data": models})

        def do_POST(self) -> None:
            try:
                body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))))
            except ValueError:
                return self._fail(Failure(400, "The body is not JSON."))
            self._record(body)
            if failure := self._objection(body):
                return self._fail(failure)
            with suppress(ConnectionError):
                return self._embed(body) if self._is_embedding else self._answer(server.next(body), body)
            server.disconnected.set()
            self.close_connection = True
            return None

        def _record(self, body: Any) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.requests.append(Recorded(self.path, headers, body))
            server.received.set()

        def _objection(self, body: Any) -> Failure | None:
            given = self.headers.get("authorization", "")
            if server.key and given != f"Bearer {server.key}":
                return Failure(401, f"Incorrect API key provided: {given.removeprefix('Bearer ')}.", "invalid_api_key")
            if self.path.partition("?")[0] not in ("/v1/chat/completions", *embeddings.PATHS):
                return Failure(404, f"Invalid URL (POST {self.path})")
            why = embeddings.complaint(body) if self._is_embedding else complaint(body)
            return Failure(400, why, "invalid_request_error") if why else None

        @property
        def _is_embedding(self) -> bool:
            return self.path.partition("?")[0] in embeddings.PATHS

        def _embed(self, body: Mapping[str, Any]) -> None:
            scripted = server.scripted() or (None if embeddings.known(body["model"]) else _by_name(server, body))
            if isinstance(scripted, Failure):
                return self._fail(scripted)
            if isinstance(scripted, Bytes):
                return self.send_raw(scripted)
            if refused := embeddings.refusal(body):
                return self._fail(Failure(*refused))
            before = sum(each.path == self.path for each in server.requests) - 1
            return self.send_json(200, embeddings.answer(body, before))

        def _answer(self, answer: Answer | Failure | Bytes, body: Mapping[str, Any]) -> None:
            if isinstance(answer, Failure):
                self._fail(answer)
            elif isinstance(answer, Bytes):
                self.send_raw(answer)
            elif body.get("stream") and body["model"] != "whole":
                self.send_events(_events(answer, body), 3 if body["model"] == "drip" else 1 << 20)
            else:
                self.send_json(200, _whole(answer, body))

        def _fail(self, failure: Failure) -> None:
            error = {"message": failure.message, "type": "error", "param": None, "code": failure.code}
            self.send_json(failure.status, {"error": error}, failure.headers)

    return Handler


def main() -> None:
    with OpenAIServer() as server:
        print(server.url, flush=True)  # noqa: T201
        sys.stdin.read()


if __name__ == "__main__":
    main()
