"""The servers the user added, in `mcp.json`: adding, agreeing, removing; and their tools, as Functions for a chain.

What a server listed when the user agreed is kept, so that a prompt knows its tools without speaking to it. A server is
started, or reached, when a model calls the first of its tools.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from curta import config
from curta.errors import ServerError, ToolChanged, UsageError
from curta.messages import JSON, Part, Tool
from curta.tools.function import Function
from curta.tools.mcp import naming
from curta.tools.mcp.listing import Change, Listed, compare, differences
from curta.tools.mcp.settings import BEARER, TIMEOUT, Agreed, Server

if TYPE_CHECKING:
    from mcp_types import CallToolResult

FILE = "mcp.json"


# What is kept


def names() -> list[str]:
    """The names of the servers."""
    return list(config.read(FILE))


def get(name: str) -> Server:
    """The server called `name`. Raises UsageError."""
    kept = config.read(FILE)
    if name not in kept:
        raise _unknown(name, kept)
    return Server.from_dict(name, kept[name])


def all_servers() -> list[Server]:
    return [Server.from_dict(name, kept) for name, kept in config.read(FILE).items()]


def provides(spec: str) -> bool:
    """Whether `spec` names a server, one of its tools as `SERVER/TOOL`, or a tool by the name a model is told."""
    kept = config.read(FILE)
    return spec.partition("/")[0] in kept or any(
        spec == tool["offered"] for each in kept.values() for tool in each["tools"]
    )


def remove(name: str) -> None:
    """Forget a server. Raises UsageError."""
    with config.changing(FILE) as kept:
        if name not in kept:
            raise _unknown(name, kept)
        del kept[name]


def _unknown(name: str, kept: Iterable[str]) -> UsageError:
    there = ", ".join(kept)
    return UsageError(
        f"There is no MCP server called {name!r}.",
        why=f"There is: {there}." if there else "",
        then="`curta tools servers` lists them; `curta tools add-server NAME -- COMMAND` adds one.",
    )


# Agreeing


class Proposal(NamedTuple):
    """What a server lists now, beside what the user agreed to before. `accept()` agrees to it."""

    server: Server
    now: tuple[Listed, ...]
    new: bool = False

    @property
    def changes(self) -> dict[str, Change]:
        return compare((each.listed for each in self.server.tools), self.now)

    def differences(self) -> list[str]:
        """The lines of a diff between both."""
        return list(differences((each.listed for each in self.server.tools), self.now))

    def accept(self) -> Server:
        """Agree to what was listed, exactly that, and keep it. Raises UsageError when the server came or went since."""
        with config.changing(FILE) as kept:
            if self.new:
                _require_free(self.server.name, kept)
            elif self.server.name not in kept:
                raise _unknown(self.server.name, kept)
            others = {
                tool["offered"] for name, each in kept.items() if name != self.server.name for tool in each["tools"]
            }
            server = self.server._replace(tools=_named(self.server, self.now, others), seen=None)
            kept[server.name] = server.to_dict()
        return server


def propose(
    name: str,
    command: Sequence[str] = (),
    *,
    url: str = "",
    environment: Mapping[str, str | None] | None = None,
    headers: Mapping[str, str] | None = None,
    approval: bool = True,
    timeout: float = TIMEOUT,
) -> Proposal:
    """Reach a server that is to be added, and say what it lists; `accept()` of it adds the server.

    command, environment, url, headers, approval, timeout: as `Server` has them; the command runs in today's folder.
    Raises UsageError for what cannot be a server, ServerError for one that does not answer.
    """
    import os

    server = Server(
        name,
        tuple(command),
        os.getcwd() if command else "",
        dict(environment or {}),
        url,
        dict(headers or {}),
        approval,
        timeout,
    )
    _check(server)
    return Proposal(server, _asked(server), new=True)


def review(name: str) -> Proposal:
    """Ask a server what it lists now, and keep in mind what differs from what was agreed to."""
    server = get(name)
    now = _asked(server)
    _remember(server, now)
    return Proposal(server, now)


def _check(server: Server) -> None:
    if not naming.is_server_name(server.name):
        raise UsageError(
            f"{server.name!r} cannot be the name of a server.",
            then="A letter, then letters without accents, digits, `_` or `-`; 32 at most.",
        )
    _require_free(server.name, names())
    if bool(server.command) == bool(server.url):
        raise UsageError(
            "A server is either a command or a URL.",
            then="curta tools add-server NAME -- COMMAND ARGUMENTS, or curta tools add-server NAME --url URL",
        )
    if server.url:
        _check_address(server)
    if not 0 < server.timeout < float("inf"):
        raise UsageError(f"{server.timeout} is no number of seconds to wait.")


def _require_free(name: str, kept: Iterable[str]) -> None:
    if name in kept:
        raise UsageError(f"There is a server called {name} already.", then=f"curta tools rm-server {name} removes it.")


def _check_address(server: Server) -> None:
    from curta import http

    http.client_settings(server.url)
    if server.where != server.url:
        raise UsageError(
            "The address holds a secret, which would be kept for everybody to read.",
            then="curta keys set NAME, then --key NAME, or --header HEADER NAME",
        )
    if server.headers and server.url.startswith("http://") and not http.is_this_computer(server.url):
        raise UsageError(
            "A key would travel to this address unencrypted, for everybody on the way to read.",
            then="Use its https:// address.",
        )


def _asked(server: Server) -> tuple[Listed, ...]:
    from curta.tools.mcp import connection

    return connection.listed(server)


def _named(server: Server, now: Iterable[Listed], others: Iterable[str]) -> tuple[Agreed, ...]:
    """Each tool with the name it is offered under: the one it had, else one that no tool of any server has."""
    had = {each.listed.name: each.offered for each in server.tools}
    taken = {*others, *had.values()}
    found = []
    for tool in now:
        offered = had.get(tool.name) or naming.offered(server.name, tool.name, taken)
        taken.add(offered)
        found.append(Agreed(tool, offered))
    return tuple(found)


def _remember(server: Server, now: tuple[Listed, ...]) -> None:
    """Keep what a server lists where it is not what was agreed to, so that the next prompt knows without asking."""
    with config.changing(FILE) as kept:
        if server.name not in kept:
            return
        current = Server.from_dict(server.name, kept[server.name])
        differs = compare((each.listed for each in current.tools), now)
        kept[server.name] = current._replace(seen=now if differs else None).to_dict()


# Tools


def functions(spec: str) -> list[Function]:
    """The tools of the server `spec`, or the one it names (see `provides`), as Functions. No server is spoken to.

    A tool that is not what the user agreed to is left out of a server's tools, and refused by name.
    Raises UsageError for a name that is not there, ToolChanged for a tool that waits for the user.
    """
    name, _, wanted = spec.partition("/")
    if not wanted and (owner := next((each for each in all_servers() if each.offers(name)), None)):
        name, wanted = owner.name, name
    server = get(name)
    if not wanted:
        return [_function(server, each) for each in server.usable]
    if found := [each for each in server.tools if wanted in (each.listed.name, each.offered)]:
        _require_agreement(server, found[0].listed.name, server.changes)
        return [_function(server, found[0])]
    _require_agreement(server, wanted, server.changes)
    raise UsageError(
        f"The server {name} has no tool called {wanted!r}.",
        why=f"It has: {', '.join(each.listed.name for each in server.tools) or 'none'}.",
    )


def left_out(specs: Iterable[str]) -> dict[str, list[str]]:
    """The tools that `functions` leaves out of the servers among `specs`, for they are not what was agreed to."""
    found = {}
    for server in all_servers():
        differing = [name for name, change in server.changes.items() if change != "new"]
        if server.name in specs and differing:
            found[server.name] = differing
    return found


def _require_agreement(server: Server, tool: str, changes: Mapping[str, Change]) -> None:
    said = {
        "changed": "is not what you agreed to: the server has changed what it says of it",
        "new": "is new: you have not agreed to it",
        "gone": "is gone: the server no longer lists it",
    }
    if change := changes.get(tool):
        raise ToolChanged(
            f"The tool {tool} of the server {server.name} {said[change]}.",
            why="It was not called.",
            then=f"To see what is different, and agree: curta tools trust {server.name}",
        )


def _function(server: Server, tool: Agreed) -> Function:
    listed = tool.listed

    async def call(**arguments: JSON) -> tuple[Part, ...]:
        from curta.tools.mcp import connection
        from curta.tools.mcp.results import parts

        result = await connection.call(server, listed.name, arguments, _checking(server, listed.name))
        return _succeeded(result, parts(result))

    told = Tool(tool.offered, listed.description, listed.parameters)
    return Function(told, call, f"mcp:{server.name}", asks=server.approval)


def _checking(server: Server, tool: str) -> Callable[[tuple[Listed, ...]], None]:
    def check(now: tuple[Listed, ...]) -> None:
        changes = compare((each.listed for each in server.tools), now)
        if changes or server.seen is not None:
            _remember(server, now)
        _require_agreement(server, tool, changes)

    return check


def _succeeded(result: "CallToolResult", found: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts of a call that went well. Raises ServerError, with the server's own words, for one that did not."""
    from curta.messages import Text

    if result.is_error:
        said = "\n".join(part.text for part in found if isinstance(part, Text))
        raise ServerError(said or "The server says that the call failed, and not why.")
    return found


# What a user writes


def promised(words: Iterable[str]) -> dict[str, str | None]:
    """Variables a server gets, as a user writes them: `NAME`, or `NAME=key:KEY` for a saved key. Raises UsageError."""
    found: dict[str, str | None] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not name.isidentifier() or (equals and not value.startswith("key:")):
            raise UsageError(
                f"--env takes NAME, or NAME=key:KEY for a saved key, not {name + equals + '...' * bool(value)!r}.",
                why="A value itself would be kept for everybody to read.",
                then=f"curta keys set KEY, then --env {name or 'NAME'}=key:KEY",
            )
        found[name] = value.removeprefix("key:") if equals else None
    return found


def carrying(key: str | None, others: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """Headers by the names of the saved keys they carry; `key` is that of the Authorization header."""
    return {**({BEARER: key} if key else {}), **dict(others)}
