"""A model behind an endpoint: what is the same whatever protocol is spoken there."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import ClassVar, NamedTuple

from curta.errors import UnsupportedRequest
from curta.http import HTTPRequest
from curta.messages import JSON, Request, sha256
from curta.models.model import Facts, HTTPExchange, Model, Option


class Endpoint(NamedTuple):
    """Where a model is served. url: of the API (`https://host/v1`). model_id: the name the server knows it by.

    headers: what else to send. streams: whether an answer may arrive piece by piece.
    socket: the path of the Unix socket behind which it is, as for `HTTPRequest`.
    """

    url: str
    model_id: str
    key: str | None = None
    headers: Mapping[str, str] = MappingProxyType({})
    streams: bool = True
    socket: str = ""

    def __repr__(self) -> str:
        """Without the key, and without headers, which may hold one."""
        return f"Endpoint({self.url!r}, {self.model_id!r})"

    def address(self, path: str, *, without: str = "", query: str = "") -> str:
        """The URL of `path` below the API's; a query of its own (`?api-version=...`) stays where it belongs.

        without: an ending of the API's URL that `path` says again.
        """
        base, _, own = self.url.partition("?")
        base = base.rstrip("/").removesuffix(path).rstrip("/").removesuffix(without).rstrip("/")
        queries = "&".join(filter(None, (query, own)))
        return f"{base}{path}?{queries}" if queries else f"{base}{path}"

    @property
    def host(self) -> str:
        return self.url.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2]

    @property
    def is_openai(self) -> bool:
        return self.host.endswith(("api.openai.com", ".openai.azure.com"))


class Served(ABC):
    """A model behind an endpoint. A subclass says how its protocol writes requests and reads answers.

    key: called when an answer is asked for; returns the key, or None where the server wants none, or raises MissingKey.
    """

    options: ClassVar[tuple[Option, ...]]

    def __init__(self, name: str, facts: Facts, endpoint: Endpoint, key: Callable[[], str | None]) -> None:
        self.name = name
        self.facts = facts
        self.endpoint = endpoint
        self.key = key

    def exchange(self, request: Request, *, stream: bool = True) -> HTTPExchange:
        """What to send, and who understands the answer. Raises UnsupportedRequest and MissingKey."""
        _refuse_what_is_known_not_to_work(self.name, self.facts, request)
        key = self.key()
        endpoint = self.endpoint._replace(key=key.strip() if key else None)
        return self._exchange(request, endpoint, stream and endpoint.streams)

    @staticmethod
    @abstractmethod
    def _exchange(request: Request, endpoint: Endpoint, stream: bool) -> HTTPExchange:
        """What to send, and who understands the answer. Raises UnsupportedRequest for what cannot be carried."""


def place(model: Model) -> str | None:
    """A digest, hex, of where a model is served and what it is called there, or of the file it is.

    None for one that is neither behind an address nor in a file.

    A digest, for an address may hold a password, and the log has it.
    """
    if not isinstance(model, Served):
        return getattr(model, "place", None)
    return sha256(f"{model.endpoint.url}\n{model.endpoint.model_id}".encode())[:16]


def _refuse_what_is_known_not_to_work(name: str, facts: Facts, request: Request) -> None:
    if request.schema is not None and facts.schema is False:
        raise UnsupportedRequest(f"{name} cannot follow a schema.", then="Choose another model with -m.")
    if request.tools and facts.tools is False:
        raise UnsupportedRequest(f"{name} cannot call tools.", then="Choose another model with -m.")


def post(
    endpoint: Endpoint, address: str, body: Mapping[str, JSON], authorization: Mapping[str, str], stream: bool
) -> HTTPRequest:
    """The HTTP request that sends `body` as JSON."""
    accepted = "text/event-stream" if stream else "application/json"
    headers = {"content-type": "application/json", "accept": accepted, **authorization, **endpoint.headers}
    data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return HTTPRequest("POST", address, headers, data, whole=not stream, socket=endpoint.socket)


def bearer(endpoint: Endpoint) -> dict[str, str]:
    """The header in which most servers expect the key."""
    return {"authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
