"""A server on 127.0.0.1 for any provider's protocol. The model's name says how it answers.

    hello echo schema tools reasoning refusal length empty      answers
    whole drip                                                  answers in an unusual way
    error-STATUS flaky-STATUS                                   HTTP errors; `flaky` fails only twice
    cut garbage html nothing error-in-stream stall              broken answers

`server.script("first", Failure(500), "third")` overrules all that for the next requests, in order.
A `Protocol` says how requests are read and answers are written; every body is validated by the provider's own types.
"""

import json
import threading
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from tests.servers.openai import Answer, Failure, Recorded, _consume, _instance, _pieces
from tests.servers.quiet import QuietServer
from tests.servers.replies import Bytes, Replies

HELLO = Answer("Hello, wörld! 👋🏽")
ANSWERS: dict[str, Answer | Bytes] = {
    "hello": HELLO,
    "whole": HELLO,
    "drip": HELLO,
    "reasoning": Answer("42", reasoning="Six times seven.", thought=4, cached=3),
    "refusal": Answer(refusal="I cannot help with that.", finish="refused"),
    "length": Answer("A very long", finish="length"),
    "empty": Answer(),
    "garbage": Bytes(b"\x00\xff\xfe\x1b]52;c;AAAA\x07 garbage\n\n"),
    "html": Bytes(b"<!doctype html><title>Welcome</title>", "text/html"),
    "nothing": Bytes(b""),
}


class Protocol(ABC):
    """How one provider's requests are read and answers are written. base: what a client's base URL ends in."""

    base = ""

    @abstractmethod
    def key(self, headers: Mapping[str, str]) -> str: ...

    @abstractmethod
    def is_known(self, path: str) -> bool: ...

    def model(self, path: str, body: Mapping[str, Any]) -> str:
        return str(body.get("model"))

    def streams(self, path: str, body: Mapping[str, Any]) -> bool:
        return bool(body.get("stream"))

    @abstractmethod
    def complaint(self, body: Mapping[str, Any]) -> str:
        """What the official types have against `body`; empty when it fits."""

    @abstractmethod
    def said(self, body: Mapping[str, Any]) -> Iterable[str]:
        """`role: text` of each message."""

    @abstractmethod
    def schema(self, body: Mapping[str, Any]) -> Mapping[str, Any] | None: ...

    @abstractmethod
    def tools(self, body: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
        """The name and the parameters of each tool."""

    @abstractmethod
    def results(self, body: Mapping[str, Any]) -> list[str]:
        """What tools have said."""

    @abstractmethod
    def whole(self, answer: Answer, model: str, body: Mapping[str, Any]) -> dict[str, Any]: ...

    @abstractmethod
    def events(self, answer: Answer, model: str, body: Mapping[str, Any]) -> Iterator[bytes]: ...

    @abstractmethod
    def half(self) -> bytes:
        """A stream that has said `Half` and goes on."""

    @abstractmethod
    def error_event(self) -> bytes:
        """An error told in the middle of a stream: `Overloaded.`"""

    @abstractmethod
    def error(self, failure: Failure) -> dict[str, Any]: ...


class ProtocolServer:
    """A context manager: `with ProtocolServer(protocol) as server: ... server.url ...`.

    key: when set, requests without it are answered with 401. requests: what was received. release: ends a stall.
    """

    def __init__(self, protocol: Protocol, key: str | None = None) -> None:
        self.protocol = protocol
        self.key = key
        self.requests: list[Recorded] = []
        self.release = threading.Event()
        self._failures: Counter[str] = Counter()
        self._script: deque[Answer | Failure | Bytes] = deque()
        self._http = QuietServer(_handler(self))

    @property
    def url(self) -> str:
        return self._http.address + self.protocol.base

    def script(self, *answers: "str | Answer | Failure | Bytes") -> None:
        """What to answer to the next requests, in order, whatever model they name."""
        self._script.extend(Answer(answer) if isinstance(answer, str) else answer for answer in answers)

    def next(self, model: str, body: Mapping[str, Any]) -> Answer | Failure | Bytes:
        """What to answer to `body`."""
        return self._script.popleft() if self._script else self._by_name(model, body)

    def _by_name(self, model: str, body: Mapping[str, Any]) -> Answer | Failure | Bytes:
        half = self.protocol.half()
        broken = {
            "cut": Bytes(half, cut=True),
            "stall": Bytes(half, stall=True),
            "error-in-stream": Bytes(half + self.protocol.error_event()),
        }
        made = {"echo": self._echo, "schema": self._follow_schema, "tools": self._call_tools}
        kind, _, status = model.partition("-")
        if model in made:
            return made[model](body)
        if known := broken.get(model) or ANSWERS.get(model):
            return known
        if kind == "flaky" and self._failures[model] >= 2:
            return HELLO
        if kind in ("error", "flaky") and status.isdigit():
            self._failures[model] += 1
            return Failure(int(status), headers={"retry-after": "0"})
        return Failure(404, f"model: {model} is not found.", "not_found")

    def _echo(self, body: Mapping[str, Any]) -> Answer:
        return Answer("\n".join([*self.protocol.said(body), f"fields: {', '.join(sorted(body))}"]))

    def _follow_schema(self, body: Mapping[str, Any]) -> Answer | Failure:
        schema = self.protocol.schema(body)
        return Failure(400, "This model wants a schema.") if schema is None else Answer(json.dumps(_instance(schema)))

    def _call_tools(self, body: Mapping[str, Any]) -> Answer:
        """Thinks and calls every tool once; when results are there, answers with them."""
        if results := self.protocol.results(body):
            return Answer("The tools said: " + "; ".join(results))
        calls = tuple((name, json.dumps(_instance(parameters))) for name, parameters in self.protocol.tools(body))
        return Answer("Let me see.", reasoning="A tool knows.", calls=calls, finish="tool_calls")

    def __enter__(self) -> "ProtocolServer":
        self._http.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._http.__exit__()


def event(value: Mapping[str, Any], named: bool = True) -> bytes:
    """A server-sent event, with its type as its name."""
    name = f"event: {value['type']}\n".encode() if named else b""
    return name + b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def words(text: str) -> list[str]:
    """`text` in words, spaces kept."""
    return _pieces(text)


def fits(adapter: Any, body: Any) -> str:
    """What the types behind a pydantic `TypeAdapter` have against `body`; empty when it fits."""
    from pydantic import ValidationError

    try:
        _consume(adapter.validate_python(body))
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:3])
    return ""


def _handler(server: ProtocolServer) -> type[Replies]:
    protocol = server.protocol

    class Handler(Replies):
        release = server.release

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))))
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.requests.append(Recorded(self.path, headers, body))
            if failure := self._objection(headers, body):
                return self._fail(failure)
            with suppress(ConnectionError):
                return self._answer(body)
            self.close_connection = True
            return None

        def _objection(self, headers: Mapping[str, str], body: Any) -> Failure | None:
            if server.key and protocol.key(headers) != server.key:
                return Failure(401, f"invalid key: {protocol.key(headers)}", "authentication")
            if not protocol.is_known(self.path):
                return Failure(404, f"Nothing is at {self.path}.", "no_path")
            why = protocol.complaint(body)
            return Failure(400, why) if why else None

        def _answer(self, body: Mapping[str, Any]) -> None:
            model = protocol.model(self.path, body)
            answer = server.next(model, body)
            if isinstance(answer, Failure):
                self._fail(answer)
            elif isinstance(answer, Bytes):
                self.send_raw(answer)
            elif protocol.streams(self.path, body) and model != "whole":
                self.send_events(protocol.events(answer, model, body), 3 if model == "drip" else 1 << 20)
            else:
                self.send_json(200, protocol.whole(answer, model, body))

        def _fail(self, failure: Failure) -> None:
            self.send_json(failure.status, protocol.error(failure), failure.headers)

    return Handler
