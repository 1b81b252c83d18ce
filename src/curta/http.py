"""The only file that talks HTTP: requests as values, one retry policy, one table of errors, a sync and an async driver.

Rules:
1. Nothing here prints or logs; who wants to say "waiting 3 s" passes `on_retry`. Keys never enter a repr or an error.
2. What to do (retry? which error?) is decided by functions both drivers share; the drivers only send, wait and close.
3. `httpx2` is imported when the first request is made: it costs more than the rest of a start. For the same reason
   small values here are named tuples: a frozen dataclass takes a millisecond to define, a named tuple a sixth of it.

Proxies (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY) and certificates (SSL_CERT_FILE, SSL_CERT_DIR) come from the
environment. What goes to this computer never passes a proxy, whatever the environment says.
"""

import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeAlias, TypeVar

from curta.errors import (
    BrokenAnswer,
    ConfigError,
    CurtaError,
    ModelError,
    SourceError,
    SourceNotFound,
    SourceTooLarge,
    TimedOut,
    Unreachable,
    UsageError,
)

if TYPE_CHECKING:
    import asyncio
    import ssl

    import httpx2

ATTEMPTS = 5
BASE_DELAY = 0.5
LONGEST_DELAY = 30.0
LONGEST_RETRY_AFTER = 60.0
REDIRECTS = 10
WHOLE_READ = 600.0
LANE = 8  # requests at once of one client, see _Lanes
TRANSIENT = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})

sleep: Callable[[float], None] = time.sleep
"""How the sync driver waits between attempts. A seam: tests put a function here that returns at once."""


async def async_sleep(seconds: float) -> None:
    """How the async driver waits between attempts. A seam like `sleep`."""
    import asyncio

    await asyncio.sleep(seconds)


# Requests


@dataclass(frozen=True, slots=True, repr=False)
class HTTPRequest:
    """One request, ready to be sent.

    headers may hold a key: they are never logged or shown. `shown_headers()` and the repr have secrets masked.
    whole: the answer comes when all of it is made, so its first byte may be long in coming.
    socket: the path of the Unix socket behind which the host is; empty for one behind a port.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = False
    socket: str = ""

    def shown_headers(self) -> dict[str, str]:
        """The headers with every secret masked."""
        return {name: "****" if _is_secret(name) else value for name, value in self.headers.items()}

    def shown_url(self) -> str:
        """The URL without a password and with secret parameters masked."""
        address, question, query = self.url.partition("?")
        scheme, slashes, rest = address.partition("://")
        authority, slash, path = rest.partition("/")
        parameters = "&".join(map(_shown_parameter, query.split("&")))
        return f"{scheme}{slashes}{authority.rpartition('@')[2]}{slash}{path}{question}{parameters}"

    def __repr__(self) -> str:
        return f"HTTPRequest({self.method} {self.shown_url()} {self.shown_headers()} body of {len(self.body)} bytes)"


def _is_secret(name: str) -> bool:
    """True for authorization, x-api-key, api-key, x-goog-api-key, cookie and whatever sounds like them."""
    return any(word in name.lower() for word in ("auth", "key", "cookie", "token", "secret", "password"))


def _shown_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    return f"{name}{equals}{'****' if value and _is_secret(name) else value}"


class Timeouts(NamedTuple):
    """Seconds to wait. connect: for a connection. read: for the next byte, so a long answer that flows never ends."""

    connect: float = 10.0
    read: float = 120.0

    @classmethod
    def configured(cls, *, whole: bool = False) -> "Timeouts":
        """The defaults, overridden by CURTA_CONNECT_TIMEOUT and CURTA_TIMEOUT. Raises ConfigError for no number.

        whole: for an answer that comes at once, when all of it is made.
        """
        read = WHOLE_READ if whole else cls().read
        return cls(_seconds("CURTA_CONNECT_TIMEOUT", cls().connect), _seconds("CURTA_TIMEOUT", read))


def _seconds(variable: str, default: float) -> float:
    text = os.environ.get(variable, "")
    try:
        value = float(text) if text else default
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ConfigError(f"{variable} is not a number of seconds: {text!r}.", then=f"Unset it, or set {variable}=120.")
    return value


# The retry policy


class Retry(NamedTuple):
    """What a face can say while it waits: "waiting 3 s (429), attempt 2 of 5".

    attempt: the number of the attempt to come. delay: seconds until it.
    """

    delay: float
    reason: str
    attempt: int
    attempts: int = ATTEMPTS

    def __str__(self) -> str:
        return f"waiting {self.delay:.2g} s ({self.reason}), attempt {self.attempt} of {self.attempts}"


OnRetry: TypeAlias = Callable[[Retry], None]


def next_delay(
    attempt: int, outcome: int | Exception, headers: Mapping[str, str], rand: Callable[[], float]
) -> float | None:
    """Seconds to wait before the next attempt; None when there should be none.

    attempt: how many have been made. outcome: the HTTP status, or the error of a request nothing was received for.
    headers: of the answer, names in lower case. rand: uniform on [0, 1).
    Exponential backoff with full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015),
    unless the host says when: then that, and None when it is more than a minute away.
    """
    if attempt >= ATTEMPTS or not _is_transient(outcome, headers):
        return None
    asked = retry_after(headers)
    if asked is None:
        return rand() * min(LONGEST_DELAY, BASE_DELAY * 2.0 ** (attempt - 1))
    return asked if asked <= LONGEST_RETRY_AFTER else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds the host asks to wait (`retry-after-ms`, or `retry-after` in seconds or as a date), if it does."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "")
    seconds = _number(text)
    return _seconds_until(text, headers.get("date", "")) if seconds is None else seconds


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def _seconds_until(date: str, now: str) -> float | None:
    """From `now` (by the host's own clock, else by ours) to `date`, both HTTP dates."""
    from email.utils import parsedate_to_datetime

    try:
        then = parsedate_to_datetime(date).timestamp()
        return max(0.0, then - (parsedate_to_datetime(now).timestamp() if now else time.time()))
    except (ValueError, OverflowError):
        return None


def _is_transient(outcome: int | Exception, headers: Mapping[str, str]) -> bool:
    """`x-should-retry` is how OpenAI and Anthropic overrule their own status."""
    if isinstance(outcome, Exception):
        return _may_pass(outcome)
    said = headers.get("x-should-retry", "")
    return said == "true" or (said != "false" and outcome in TRANSIENT)


def _may_pass(error: Exception) -> bool:
    """Not a late answer, which may be under way and paid for, nor what another attempt cannot change."""
    import socket
    import ssl

    import httpx2

    if not isinstance(error, (httpx2.NetworkError, httpx2.ConnectTimeout, httpx2.RemoteProtocolError)):
        return False
    if (unknown := _cause(error, socket.gaierror)) is not None:
        return unknown.errno == socket.EAI_AGAIN
    refused_here = _refused(error) and _is_loopback(error.request.url.host)
    return not refused_here and _cause(error, ssl.SSLCertVerificationError) is None


def _refused(error: BaseException) -> bool:
    """Whether nobody listens there: a Unix socket without a server may be gone altogether."""
    return _cause(error, ConnectionRefusedError) is not None or _cause(error, FileNotFoundError) is not None


def _cause(error: BaseException, kind: type[OSError]) -> OSError | None:
    """The error of `kind` that led to `error`."""
    todo: list[BaseException | None] = [error]
    for reason in todo:
        if isinstance(reason, kind):
            return reason
        if reason is not None:
            todo += [reason.__cause__, reason.__context__, *getattr(reason, "exceptions", ())]
    return None


class _Policy:
    """The attempts of one request: says how long to wait, or raises what the failure means."""

    def __init__(self, on_retry: OnRetry | None) -> None:
        self.attempt = 0
        self.on_retry = on_retry

    def after_status(self, status: int, headers: Mapping[str, str]) -> float | None:
        """Seconds until the next attempt; None when this answer is the one to give."""
        return self._next(status, headers, str(status))

    def after_error(self, error: Exception) -> float:
        """Seconds until the next attempt. Raises a ModelError when there is none."""
        meant = translated(error, begun=False)
        delay = self._next(error, {}, meant.why.rstrip(".") or "no answer")
        if delay is None:
            raise meant from error
        return delay

    def _next(self, outcome: int | Exception, headers: Mapping[str, str], reason: str) -> float | None:
        from random import random

        self.attempt += 1
        delay = next_delay(self.attempt, outcome, headers, random)
        if delay is not None and self.on_retry:
            self.on_retry(Retry(delay, reason, self.attempt + 1))
        return delay


# Errors


def translated(error: Exception, *, begun: bool) -> ModelError:
    """What an error of httpx2 means to the user, before or (`begun`) in the middle of an answer."""
    import httpx2

    host = error.request.url.netloc.decode("ascii") if isinstance(error, httpx2.RequestError) else "The host"
    if isinstance(error, httpx2.ConnectTimeout):
        return Unreachable(f"No connection to {host}.", why="It did not react in time.", then=_advice(error))
    if isinstance(error, httpx2.TimeoutException):
        return TimedOut(
            f"{host} stopped answering.",
            why="Nothing came for too long.",
            then="Try again, or wait longer: set CURTA_TIMEOUT to a number of seconds.",
        )
    if isinstance(error, (httpx2.ReadError, httpx2.RemoteProtocolError, httpx2.DecodingError)):
        if begun and not isinstance(error, httpx2.DecodingError):
            return BrokenAnswer(
                f"The answer of {host} was cut off.", why="The connection ended early.", then="Try again."
            )
        return BrokenAnswer(f"{host} sent no proper answer.", why=_reason(error), then="Try again.")
    return Unreachable(f"No connection to {host}.", why=_reason(error), then=_advice(error))


def _reason(error: Exception) -> str:
    import socket
    import ssl

    if _refused(error):
        return "The connection was refused."
    if _cause(error, ConnectionResetError):
        return "It closed the connection."
    if _cause(error, socket.gaierror):
        return "There is no host of this name, or no network."
    if _cause(error, ssl.SSLCertVerificationError):
        return f"Its TLS certificate was not accepted: {_cause(error, ssl.SSLCertVerificationError)}."
    return f"{error}." if str(error) else ""


def _advice(error: Exception) -> str:
    import ssl

    import httpx2

    if isinstance(error, httpx2.ProxyError):
        return "The connection goes through a proxy: check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY."
    if _cause(error, ssl.SSLCertVerificationError):
        return "If you trust it (or a proxy that inspects TLS), set SSL_CERT_FILE to its certificate."
    if isinstance(error, httpx2.RequestError) and _is_loopback(error.request.url.host):
        return "Is the server running?"
    return "Check the address and the network; behind a proxy, set HTTPS_PROXY."


# Clients: one pool of connections for each process (and event loop) and way to the net


class _Way(NamedTuple):
    """What a pool of connections depends on. Changes of the environment and forks lead to a new pool."""

    process: int
    loopback: bool
    plain: bool
    environment: tuple[tuple[str, str], ...]
    socket: str = ""

    @classmethod
    def to(cls, url: "httpx2.URL", socket: str = "") -> "_Way":
        from urllib.request import getproxies

        loopback = bool(socket) or _is_loopback(url.host)
        proxies = {} if loopback else getproxies()
        certificates = {name: os.environ.get(name, "") for name in ("SSL_CERT_FILE", "SSL_CERT_DIR")}
        plain = url.scheme == "http" and not proxies
        return cls(os.getpid(), loopback, plain, tuple(sorted({**proxies, **certificates}.items())), socket)

    def settings(self) -> dict[str, Any]:
        """Arguments for a client, one that keeps no cookies. Raises ConfigError for certificates of no use."""
        from http.cookiejar import CookieJar, DefaultCookiePolicy

        import httpx2

        return {
            "trust_env": not self.loopback,
            "verify": self.tls(),
            "limits": httpx2.Limits(max_connections=None, max_keepalive_connections=20),
            "headers": {"user-agent": _user_agent()},
            "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        }

    def tls(self) -> "ssl.SSLContext":
        """Reading the certificates of all authorities takes longer than importing httpx2: only where TLS is spoken."""
        import ssl

        import httpx2

        if self.plain:
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            return httpx2.create_ssl_context()
        except OSError as error:
            names = " and ".join(name for name, value in self.environment if name.startswith("SSL_CERT") and value)
            raise ConfigError(f"Cannot read the certificates in {names}.", why=str(error)) from error


_clients: "dict[_Way, httpx2.Client]" = {}
_async_clients: "dict[tuple[int, _Way], _Lanes]" = {}


def client_settings(url: str) -> dict[str, Any]:
    """Arguments for a client of httpx2 that somebody else drives: proxies, certificates and headers for `url`.

    Raises UsageError for what is no web address, ConfigError for certificates of no use.
    """
    return _Way.to(_parsed(url)).settings()


def is_this_computer(url: str) -> bool:
    """Whether what is sent to `url` stays on this computer. Raises UsageError for what is no web address."""
    return _is_loopback(_parsed(url).host)


def _client(url: "httpx2.URL", socket: str) -> "httpx2.Client":
    import httpx2

    way = _Way.to(url, socket)
    if way not in _clients:
        with _configuring():
            transport = httpx2.HTTPTransport(verify=way.tls(), uds=socket) if socket else None
            _clients.setdefault(way, httpx2.Client(**way.settings(), transport=transport))
    return _clients[way]


@asynccontextmanager
async def _async_client(url: "httpx2.URL", socket: str) -> "AsyncIterator[httpx2.AsyncClient]":
    """A client of this event loop, for one request."""
    import asyncio

    key = (id(loop := asyncio.get_running_loop()), way := _Way.to(url, socket))
    if key not in _async_clients or _async_clients[key].loop is not loop:
        with _configuring():
            _async_clients[key] = _Lanes(loop, way)
        await _async_clients[key].keep(key)
    lane = _async_clients[key].free()
    lane.busy += 1
    try:
        yield lane.client
    finally:
        lane.busy -= 1


class _Lane:
    """A client, and how many requests it is busy with."""

    def __init__(self, client: "httpx2.AsyncClient") -> None:
        self.client = client
        self.busy = 0


class _Lanes:
    """The clients of an event loop. They end with it, as an async generator does (`loop.shutdown_asyncgens`).

    Several, where many requests are made at once: for each, the pool of a client looks at all of its connections.
    """

    def __init__(self, loop: "asyncio.AbstractEventLoop", way: _Way) -> None:
        self.loop = loop
        self._settings = way.settings()
        self._way = way
        self._lanes: list[_Lane] = []
        self._keeper: AsyncIterator[None] | None = None

    def free(self) -> _Lane:
        import httpx2

        for lane in self._lanes:
            if lane.busy < LANE:
                return lane
        with _configuring():
            socket = self._way.socket
            transport = httpx2.AsyncHTTPTransport(verify=self._way.tls(), uds=socket) if socket else None
            self._lanes.append(_Lane(httpx2.AsyncClient(**self._settings, transport=transport)))
        return self._lanes[-1]

    async def keep(self, key: tuple[int, _Way]) -> None:
        self._keeper = self._kept(key)
        await anext(self._keeper)

    async def _kept(self, key: tuple[int, _Way]) -> AsyncIterator[None]:
        try:
            yield
        finally:
            if _async_clients.get(key) is self:
                del _async_clients[key]
            for lane in self._lanes:
                await lane.client.aclose()


@contextmanager
def _configuring() -> Iterator[None]:
    """Turns what httpx2 thinks of the proxies in the environment into a ConfigError."""
    import httpx2

    try:
        yield
    except (ImportError, ValueError, httpx2.InvalidURL) as error:
        raise ConfigError(
            "The proxy set in the environment cannot be used.",
            why=f"{error}.",
            then="Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY.",
        ) from error


@lru_cache(maxsize=64)
def _is_loopback(host: str) -> bool:
    """This computer; 0.0.0.0 is how many a local server names itself."""
    from ipaddress import ip_address

    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return (address := ip_address(host)).is_loopback or address.is_unspecified
    except ValueError:
        return False


def _user_agent() -> str:
    from curta import __version__

    return f"curta/{__version__}"


@lru_cache(maxsize=64)
def _parsed(url: str) -> "httpx2.URL":
    import httpx2

    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise UsageError(f"Not a URL: {HTTPRequest('GET', url).shown_url()!r}.", why=f"{error}.") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise UsageError(
            f"Not a web address: {HTTPRequest('GET', url).shown_url()!r}.",
            then="It has to begin with http:// or https://.",
        )
    return parsed


def _built(request: HTTPRequest, url: "httpx2.URL", timeouts: Timeouts) -> dict[str, Any]:
    """Arguments for `build_request`. Raises ConfigError for a header that HTTP does not allow, without showing it."""
    import httpx2

    for name, value in request.headers.items():
        if not (value.isascii() and value.strip().isprintable()):
            raise ConfigError(
                f"The header {name} holds a character that HTTP does not allow.",
                then="If it is a key, set it again; it may have been copied with something around it.",
            )
    waits = httpx2.Timeout(timeouts.read, connect=timeouts.connect, pool=None)
    return {
        "method": request.method,
        "url": url,
        "headers": {name: value.strip() for name, value in request.headers.items()},
        "content": request.body or None,
        "timeout": waits,
    }


# Streaming


Chunks = TypeVar("Chunks", Iterator[bytes], AsyncIterator[bytes])


class Reply(NamedTuple, Generic[Chunks]):
    """The beginning of an answer, and its bytes as they come (decompressed). Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    chunks: Chunks


@contextmanager
def stream(
    request: HTTPRequest, *, timeouts: Timeouts | None = None, on_retry: OnRetry | None = None
) -> Iterator[Reply[Iterator[bytes]]]:
    """Send `request`, again while that may help and nothing of an answer has come, and give what comes back.

    Leaving the block early (an exception, Ctrl-C, a closed generator) closes the connection at once.
    Raises Unreachable, TimedOut or BrokenAnswer; a status of 400 or more is not an error here.
    """
    import httpx2

    client = _client(url := _parsed(request.url), request.socket)
    policy = _Policy(on_retry)
    arguments = _built(request, url, timeouts or Timeouts.configured(whole=request.whole))
    while True:
        try:
            response = client.send(client.build_request(**arguments), stream=True)
        except httpx2.RequestError as error:
            sleep(policy.after_error(error))
            continue
        with closing(response):
            delay = policy.after_status(response.status_code, response.headers)
            if delay is None:
                yield Reply(response.status_code, dict(response.headers), _chunks(response))
                return
        sleep(delay)


@asynccontextmanager
async def astream(
    request: HTTPRequest, *, timeouts: Timeouts | None = None, on_retry: OnRetry | None = None
) -> AsyncIterator[Reply[AsyncIterator[bytes]]]:
    """`stream` for async code; cancelling the task closes the connection at once."""
    import httpx2

    policy, url = _Policy(on_retry), _parsed(request.url)
    arguments = _built(request, url, timeouts or Timeouts.configured(whole=request.whole))
    while True:
        async with _async_client(url, request.socket) as client:
            try:
                response = await client.send(client.build_request(**arguments), stream=True)
            except httpx2.RequestError as error:
                delay = policy.after_error(error)
            else:
                async with aclosing(response):
                    after = policy.after_status(response.status_code, response.headers)
                    if after is None:
                        yield Reply(response.status_code, dict(response.headers), _achunks(response))
                        return
                    delay = after
        await async_sleep(delay)


def _chunks(response: "httpx2.Response") -> Iterator[bytes]:
    with _reading():
        yield from response.iter_bytes()


async def _achunks(response: "httpx2.Response") -> AsyncIterator[bytes]:
    with _reading():
        async for chunk in response.aiter_bytes():
            yield chunk


@contextmanager
def _reading() -> Iterator[None]:
    import httpx2

    try:
        yield
    except httpx2.RequestError as error:
        raise translated(error, begun=True) from error


# Fetching a source


class Fetched(NamedTuple):
    """What was found at `url`, which is where redirects led. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


def fetch(url: str, *, max_bytes: int, timeout: float = 30.0) -> Fetched:
    """What is at `url`, following redirects. For loaders.

    max_bytes: of the body, decompressed. timeout: seconds without a byte.
    Raises SourceNotFound (404, 410), SourceTooLarge, and SourceError for whatever else stands in the way.
    """
    waits = Timeouts(min(timeout, Timeouts().connect), timeout)
    try:
        for _ in range(REDIRECTS + 1):
            with stream(HTTPRequest("GET", url), timeouts=waits) as reply:
                if not (target := redirection(reply, url)):
                    return Fetched(reply.status, reply.headers, _body(reply, url, max_bytes), url)
            url = target
    except (ModelError, UsageError) as error:
        raise SourceError(error.what, why=error.why, then=error.then) from error
    raise SourceError(f"{url} redirects in circles.", why=f"{REDIRECTS} redirects led to no page.")


def redirection(reply: Reply[Iterator[bytes]], url: str) -> str:
    """Where the answer sends us, if it does. A page of the net may not send us into this computer or its network."""
    if reply.status not in (301, 302, 303, 307, 308) or "location" not in reply.headers:
        return ""
    source, target = _parsed(url), _parsed(str(_parsed(url).join(reply.headers["location"])))
    if _is_private(target.host) and not _is_private(source.host):
        raise SourceError(
            f"{source.host} redirects to {target.host}, an address of this computer's own network.",
            then="If you mean that address, name it yourself.",
        )
    return str(target)


def is_private(url: str) -> bool:
    """Whether `url` names an address of this computer or its own network. Names are not looked up."""
    return _is_private(_parsed(url).host)


def _is_private(host: str) -> bool:
    from ipaddress import ip_address

    try:
        return not ip_address(host).is_global
    except ValueError:
        return _is_loopback(host)


def _body(reply: Reply[Iterator[bytes]], url: str, max_bytes: int) -> bytes:
    url = HTTPRequest("GET", url).shown_url()
    if reply.status >= 300:
        raise _failed(reply.status, url)
    body, size = [], 0
    for chunk in reply.chunks:
        size += len(chunk)
        if size > max_bytes:
            raise SourceTooLarge(f"{url} is larger than {max_bytes:,} bytes.")
        body.append(chunk)
    return b"".join(body)


def _failed(status: int, url: str) -> CurtaError:
    if status in (404, 410):
        return SourceNotFound(f"There is nothing at {url}.", why=f"The host answered {status}.")
    if status in (401, 403):
        return SourceError(f"{url} is not open to everybody.", why=f"The host answered {status}.")
    return SourceError(f"Cannot read {url}.", why=f"The host answered {status}.", then="Try again later.")
