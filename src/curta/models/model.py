"""What a model is: a name, facts, and a way to turn a request into an exchange that yields events.

A new kind of model implements `Model`. One that is reached over HTTP returns an `HTTPExchange` from `exchange()`: the
bytes to send and a decoder for the bytes that come back. One that computes here returns a `LocalExchange`; one whose
server must be started first, a `PreparedExchange`.
`curta.models.exchange` drives either, from sync or async code, so no model is written twice.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

from curta.errors import ModelError
from curta.events import Event
from curta.messages import Request
from curta.models.prices import Price as Price

if TYPE_CHECKING:
    from curta.http import HTTPRequest


class Facts(NamedTuple):
    """What is known of a model before it is asked. None means: not known.

    where: where the words go: "this computer" or a host name.
    context: the context window in tokens. longest: the longest answer it can give, in tokens, reasoning included.
    modalities: what it reads besides text (`image`, `audio`, `pdf`).
    training_data: what is known of the texts it learnt from.
    bytes: its size on disk. parameters: how many it has.
    """

    where: str
    context: int | None = None
    modalities: tuple[str, ...] = ()
    schema: bool | None = None
    tools: bool | None = None
    price: Price | None = None
    licence: str | None = None
    training_data: str | None = None
    longest: int | None = None
    bytes: int | None = None
    parameters: int | None = None

    def to_dict(self) -> dict[str, Any]:
        return {**self._asdict(), "price": self.price.to_dict() if self.price else None}


class Option(NamedTuple):
    """An option a model takes with `-o NAME VALUE`."""

    name: str
    type: type
    help: str
    default: Any = None


class Decoder(Protocol):
    """Turns the bytes of one answer into events. Never blocks, never reads ahead."""

    def feed(self, data: bytes) -> Iterable[Event]:
        """The events that `data` completes. Raises BrokenAnswer for bytes that are not of the protocol."""

    def close(self) -> Iterable[Event]:
        """The events that the end of the bytes completes. Raises BrokenAnswer when the answer is not whole."""

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> ModelError:
        """The error that an HTTP status of 400 or more with this body means."""


class HTTPExchange(NamedTuple):
    """One answer over HTTP: what to send, and who understands what comes back."""

    request: "HTTPRequest"
    decoder: Decoder


class LocalExchange(NamedTuple):
    """One answer computed in this process."""

    events: Iterable[Event]


class PreparedExchange(NamedTuple):
    """One answer over HTTP by a server that has to be found or started first.

    prepare: called when the exchange is driven; it may take its time, and says what to send.
    meant: turns an error of the connection into what it means for this server.
    """

    prepare: Callable[[], HTTPExchange]
    meant: Callable[[ModelError], ModelError]


Exchange: TypeAlias = HTTPExchange | PreparedExchange | LocalExchange


class Model(Protocol):
    """Whatever can answer.

    name: what `-m` takes.
    options: the options it takes; any other is refused.
    """

    @property
    def name(self) -> str: ...

    @property
    def facts(self) -> Facts: ...

    @property
    def options(self) -> tuple[Option, ...]: ...

    def exchange(self, request: Request, *, stream: bool = True) -> Exchange:
        """Begin an answer. Nothing is sent before the exchange is driven.

        Raises UnsupportedRequest for what this model cannot do, MissingKey when it needs a key and has none.
        """
