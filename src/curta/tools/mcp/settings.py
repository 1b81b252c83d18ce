"""What is kept of a server: how to reach it, what it may see, and what the user agreed to."""

import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from curta.errors import ConfigError, MissingKey, ServerError
from curta.tools.mcp.listing import Change, Listed, compare

TIMEOUT = 60.0
BEARER = "Authorization"
"""The header in which a key goes as `Bearer KEY`; in any other it goes as it is."""

INHERITED = ("LANG", "LC_ALL", "TMPDIR", "TZ")
"""Variables every server gets, beside those the package `mcp` holds for harmless (HOME, PATH, SHELL, TERM, USER)."""


_REACHED = ("command", "folder", "environment", "url", "headers", "approval", "timeout")


class Agreed(NamedTuple):
    """A tool the user agreed to, and the name under which a model is told of it."""

    listed: Listed
    offered: str


class Server(NamedTuple):
    """A server the user added.

    command, folder: the words that start it, and where it runs; empty for one that is reached by `url`.
    environment: variables it gets: name -> the name of the saved key it holds, or None for the user's own value.
    headers: header -> the name of the saved key it carries.
    approval: whether the user is asked before each call. timeout: seconds to wait for a connection, and for a call.
    seen: what it listed when last asked, where that is not what was agreed to.
    """

    name: str
    command: tuple[str, ...] = ()
    folder: str = ""
    environment: Mapping[str, str | None] = {}
    url: str = ""
    headers: Mapping[str, str] = {}
    approval: bool = True
    timeout: float = TIMEOUT
    tools: tuple[Agreed, ...] = ()
    seen: tuple[Listed, ...] | None = None

    @property
    def where(self) -> str:
        """Where it is: its command, or its address without anything secret."""
        from curta.http import HTTPRequest

        return HTTPRequest("POST", self.url).shown_url() if self.url else " ".join(self.command)

    @property
    def reach(self) -> str:
        """All that a connection depends on: equal for servers that can share one."""
        return repr(self._replace(tools=(), seen=None, approval=True))

    @property
    def changes(self) -> dict[str, Change]:
        """The tools that wait for the user to agree, and how they differ."""
        return {} if self.seen is None else compare((each.listed for each in self.tools), self.seen)

    @property
    def usable(self) -> tuple[Agreed, ...]:
        """The tools that may be called: agreed to, and still the same."""
        changes = self.changes
        return tuple(each for each in self.tools if each.listed.name not in changes)

    def offers(self, name: str) -> bool:
        """Whether a model is told of one of its tools under `name`."""
        return any(each.offered == name for each in self.tools)

    def describe(self) -> dict[str, Any]:
        """As JSON for a person or a program to look at; keys by their names alone."""
        changes = self.changes
        agreed = {each.listed.name: each.offered for each in self.tools}
        new = [each for each in self.seen or () if each.name not in agreed]
        tools = [
            {
                "name": tool.name,
                "offered": agreed.get(tool.name),
                "state": changes.get(tool.name, "agreed"),
                "description": tool.description,
                "parameters": tool.parameters,
                "claims": tool.claims,
                "sha256": tool.sha256,
            }
            for tool in (*(each.listed for each in self.tools), *new)
        ]
        kept = {field: getattr(self, field) for field in _REACHED}
        return {"name": self.name, "where": self.where, **kept, "tools": tools}

    def to_dict(self) -> dict[str, Any]:
        """As `mcp.json` has it; the name is the key there."""
        kept = {field: value for field in _REACHED if (value := getattr(self, field)) not in ((), {}, "")}
        tools = [{"offered": each.offered, **each.listed.said} for each in self.tools]
        return {**kept, "tools": tools} | ({} if self.seen is None else {"seen": [each.said for each in self.seen]})

    @classmethod
    def from_dict(cls, name: str, kept: Mapping[str, Any]) -> "Server":
        """What `to_dict` described. Raises ConfigError for anything else."""
        try:
            tools = tuple(Agreed(Listed.of(tool), tool["offered"]) for tool in kept["tools"])
            seen = tuple(map(Listed.of, kept["seen"])) if "seen" in kept else None
            rest = {field: kept[field] for field in cls._fields if field in kept}
            return cls(name, **{**rest, "command": tuple(kept.get("command", ())), "tools": tools, "seen": seen})
        except (KeyError, TypeError, AttributeError) as error:
            raise ConfigError(
                f"mcp.json does not describe the server {name}: {error!r}.",
                then=f"Add it again: `curta tools rm-server {name}`, then `curta tools add-server`.",
            ) from error


def environment(server: Server, harmless: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of its process. Raises ServerError and MissingKey for what is not there."""
    inherited = {name: value for name in INHERITED if (value := os.environ.get(name))}
    return {**harmless, **inherited, **dict(_named(server))}


def _named(server: Server) -> Iterator[tuple[str, str]]:
    for name, key in server.environment.items():
        if key is not None:
            yield name, _saved(key, server)
        elif (value := os.environ.get(name)) is not None:
            yield name, value
        else:
            raise ServerError(f"The server {server.name} was promised the variable {name}, which is not set.")


def headers(server: Server) -> dict[str, str]:
    """The headers that carry its keys. Raises MissingKey."""
    keys = {header: _saved(key, server) for header, key in server.headers.items()}
    return {header: f"Bearer {key}" if header == BEARER else key for header, key in keys.items()}


def _saved(key: str, server: Server) -> str:
    from curta.models import keys

    if (value := keys.saved().get(key)) is None:
        raise MissingKey(
            f"The server {server.name} needs the saved key {key}, which is not there.", then=f"curta keys set {key}"
        )
    return value
