"""Servers of models that run on this computer beside Curta: Ollama, LM Studio, llama-server.

Their models are `ollama/NAME`, `lmstudio/NAME`, `llama-server/NAME`. They are looked for when models are listed, and
when a name was found nowhere else; no prompt waits for that. `CURTA_LOCAL_SERVERS=off` keeps Curta from looking.
Some of them cut what is too long for them and say nothing. What a server says it has read is compared with what it was
sent, and a difference is told.
"""

import json
import os
from collections.abc import Callable
from typing import Any, NamedTuple

from curta import errors
from curta.errors import ModelError, PromptTooLong, Unreachable
from curta.events import Event, UsageReport
from curta.http import HTTPRequest, Retry, Timeouts, stream
from curta.messages import JSON, Request
from curta.models.forecast import forecast
from curta.models.model import Decoder, Exchange, Facts, HTTPExchange, Model, PreparedExchange, Price
from curta.models.passing import Passing
from curta.models.wires import ollama
from curta.models.wires.openai_chat import OpenAIChat
from curta.models.wires.served import Endpoint, bearer

OFF = "CURTA_LOCAL_SERVERS"
_QUICK = Timeouts(connect=0.2, read=1.0)
_PATIENT = Timeouts(connect=2.0, read=30.0)
_LONGEST_LIST = 4 << 20


class Server(NamedTuple):
    """A kind of server. variables: where its address is named, else `port` on this computer.

    models: the path of its list of models, the names in it by the keys `list` and `id`.
    """

    name: str
    title: str
    port: int
    variables: tuple[str, ...]
    path: str
    models: str
    list: str
    id: str

    @property
    def url(self) -> str:
        """Of its API."""
        named = next((value for name in self.variables if (value := os.environ.get(name, ""))), "")
        host, port = _parted(named, self.port)
        if self.name == "llama-server" and (own := os.environ.get("LLAMA_ARG_PORT", "")).isdigit():
            port = int(own)
        scheme = "https" if named.startswith("https://") else "http"
        return f"{scheme}://{host}:{port}{self.path}"


SERVERS = {
    server.name: server
    for server in (
        Server("ollama", "Ollama", 11434, ("OLLAMA_HOST",), "", "/api/tags", "models", "name"),
        Server("lmstudio", "LM Studio", 1234, ("LMSTUDIO_BASE_URL",), "/v1", "/models", "data", "id"),
        Server("llama-server", "llama-server", 8080, ("LLAMA_ARG_HOST",), "/v1", "/models", "data", "id"),
    )
}


def _parted(named: str, port: int) -> tuple[str, int]:
    """Host and port of `HOST`, `HOST:PORT`, `:PORT` or a URL; an address that means "every" means this computer."""
    authority = named.partition("://")[2] or named
    host, _, told = authority.partition("/")[0].rpartition(":")
    if not told.isdigit():
        host, told = (f"{host}:{told}" if host else told), ""
    own = host in ("", "0.0.0.0", "[::]", "::")
    return ("127.0.0.1" if own else host), int(told) if told else port


def is_named(name: str) -> bool:
    """Whether a model's name begins with that of a server."""
    server, slash, model = name.partition("/")
    return bool(slash and model) and server in SERVERS


def model(name: str, key: Callable[[], str | None]) -> Model:
    """The model `SERVER/NAME`; it may not be there, which its server says when it is asked."""
    server = SERVERS[name.partition("/")[0]]
    make = Ollama if server.name == "ollama" else Watched
    return make(name, facts(server), Endpoint(server.url, name.partition("/")[2]), key)


def facts(server: Server) -> Facts:
    """What is known of every model of a server."""
    from curta.models.registry import where

    place = where(server.url)
    return Facts(where=place, price=Price(0.0, 0.0, date="") if place == "this computer" else None)


def listed() -> dict[str, list[str]]:
    """Server -> its models, of the servers that answer."""
    if os.environ.get(OFF) == "off":
        return {}
    found = {name: _names(server) for name, server in SERVERS.items()}
    return {name: names for name, names in found.items() if names}


def holding(name: str) -> list[str]:
    """The models of servers that are called `name`, but for their server, or for a tag like `:latest`."""
    return [
        f"{server}/{each}" for server, names in listed().items() for each in names if name in (each, each.split(":")[0])
    ]


def _names(server: Server) -> list[str]:
    try:
        told = _fetched(HTTPRequest("GET", f"{server.url}{server.models}"), _QUICK)
        return [each[server.id] for each in told[server.list] if each[server.id].isprintable()]
    except (ModelError, LookupError, TypeError, AttributeError):
        return []


def _fetched(request: HTTPRequest, timeouts: Timeouts) -> dict[str, Any]:
    """The JSON object at an address, asked for once. Raises a ModelError."""

    def give_up(retry: Retry) -> None:
        raise Unreachable(f"{request.shown_url()} does not answer.", why=f"{retry.reason}.")

    said = b""
    with stream(request, timeouts=timeouts, on_retry=give_up) as reply:
        for chunk in reply.chunks:
            said += chunk
            if len(said) > _LONGEST_LIST:
                break
    try:
        value = json.loads(said) if reply.status == 200 else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Unreachable(f"{request.shown_url()} answers something else.")
    return value


# Models


class Watched(OpenAIChat):
    """A model of a server that may cut a prompt: what it says it has read is compared with what was sent."""

    def exchange(self, request: Request, *, stream: bool = True) -> HTTPExchange:
        exchange = super().exchange(request, stream=stream)
        return exchange._replace(decoder=_watching(exchange.decoder, self, request))


class Ollama:
    """A model of Ollama. It is told how much context the prompt takes: by default it would cut what is longer."""

    options = ollama.OPTIONS

    def __init__(self, name: str, facts: Facts, endpoint: Endpoint, key: Callable[[], str | None]) -> None:
        self.name, self.facts = name, facts
        self._endpoint, self._key = endpoint, key

    def exchange(self, request: Request, *, stream: bool = True) -> Exchange:
        """Raises UnsupportedRequest, and when it is driven PromptTooLong."""
        endpoint = self._endpoint._replace(key=self._key())
        ollama.encode(request, endpoint, stream, SMALLEST, thinks=False)  # what it cannot carry is refused at once

        def prepare() -> HTTPExchange:
            known = _shown(endpoint)
            context = _context(self, request, known.context)
            asked = ollama.encode(request, endpoint, stream, context, known.thinks)
            return HTTPExchange(asked, _watching(ollama.Decoder(endpoint), self, request, context))

        return PreparedExchange(prepare, lambda error: error)


SMALLEST = 8192
"""Tokens of context that Ollama is asked for at least: for another number it loads the model anew."""
ANSWER = 2048
FEWEST = 3.5
"""The estimate of tokens is never that many times too high, but for what is short."""
SHORT = 500
"""Tokens: no server has so little room that it would cut this."""


class _Known(NamedTuple):
    """What Ollama says of a model. context: tokens, None when it does not say."""

    context: int | None
    thinks: bool


def _shown(endpoint: Endpoint) -> _Known:
    body = json.dumps({"model": endpoint.model_id}).encode()
    headers = {"content-type": "application/json", **bearer(endpoint)}
    try:
        told = _fetched(HTTPRequest("POST", endpoint.address("/api/show"), headers, body), _PATIENT)
    except ModelError:
        return _Known(None, thinks=False)  # the answer that is asked for next says what is wrong
    about = told.get("model_info")
    lengths = (
        [value for key, value in about.items() if key.endswith(".context_length")] if isinstance(about, dict) else []
    )
    context = lengths[0] if lengths and isinstance(lengths[0], int) else None
    return _Known(context, thinks="thinking" in (told.get("capabilities") or ()))


def _context(model: Model, request: Request, most: int | None) -> int:
    """How much context to ask for. Raises PromptTooLong for a prompt that the model has surely no room for."""
    expected = forecast(model, request)
    if most is not None and expected.input > FEWEST * most:
        least = int(expected.input / FEWEST)
        raise PromptTooLong(
            f"The prompt has {least:,} tokens at least; {model.name} has room for {most:,}.",
            tokens=least,
            room=most,
            then="Send less (curta ask finds the passages), or choose a model with a larger context.",
        )
    needed = (expected.most_input or expected.input) + ANSWER
    wanted = max(SMALLEST, 1 << (needed - 1).bit_length())
    return wanted if most is None else min(wanted, most)


def _watching(decoder: Decoder, model: Model, request: Request, context: int | None = None) -> Passing:
    """A decoder that tells when a server says that it has read much less than it was sent.

    context: tokens that it was told to have room for.
    """
    room = request.options.get("num_ctx", context)

    def see(event: Event) -> Event:
        if isinstance(event, UsageReport) and event.input:
            _compare(model, forecast(model, request).input, event.input, room)
        return event

    return Passing(decoder, see)


def _compare(model: Model, sent: int, read: int, room: JSON) -> None:
    full = isinstance(room, int) and read >= room - 1
    if full or (sent > SHORT and read * FEWEST < sent):
        errors.tell(
            f"Careful: of about {sent:,} tokens {model.name} says it read {read:,}. The rest was cut off, as a rule the"
            " beginning. Give its server a larger context, or send less."
        )
