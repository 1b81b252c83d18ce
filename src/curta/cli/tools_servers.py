"""`curta tools add-server` and its kin: MCP servers whose tools a model may call."""

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output
from curta.errors import CurtaError

if TYPE_CHECKING:
    from curta.tools.mcp.listing import Listed
    from curta.tools.mcp.servers import Proposal
    from curta.tools.mcp.settings import Server

COLOURS = {"agreed": "good", "changed": "bad", "new": "accent", "gone": "bad"}


@click.command(
    "add-server",
    help="""Add an MCP server, and agree to the tools it lists now.

    \b
    curta tools add-server time -- python examples/mcp_server.py
    curta tools add-server search --url https://mcp.example.com/mcp --key search""",
)
@click.argument("name")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND ARGUMENTS]")
@click.option("--url", default="", help="The address of one that is reached over HTTP.")
@click.option("--key", metavar="NAME", help="The saved key to send to the URL, as `Authorization: Bearer`.")
@click.option("--header", "headers", multiple=True, nargs=2, metavar="HEADER NAME", help="A saved key in a header.")
@click.option("--env", "variables", multiple=True, metavar="VARIABLE", help="A variable it gets; or VARIABLE=key:NAME.")
@click.option("--no-approval", is_flag=True, help="Do not ask me before each call of its tools.")
@click.option("--timeout", type=float, default=60.0, metavar="SECONDS", help="To connect, and for a call (60).")
def add_server(name: str, command: tuple[str, ...], **given: Any) -> None:
    from curta.cli.completion_names import refresh
    from curta.tools.mcp import servers

    proposal = servers.propose(
        name,
        command,
        url=given["url"],
        environment=servers.promised(given["variables"]),
        headers=servers.carrying(given["key"], given["headers"]),
        approval=not given["no_approval"],
        timeout=given["timeout"],
    )
    server = proposal.accept()
    refresh()
    for tool in server.tools:
        _show_tool(tool.listed, tool.offered)
    asked = "You are asked before each call." if server.approval else "They are called without asking you."
    output.note(f"Added {name}: {_count(server.tools)}, described by the server itself. {asked}", force=True)
    output.note(f"Try it: curta -T {name} 'A question'")


@click.command("servers", help="The MCP servers that were added: their tools, and what waits for you to agree.")
@click.option("--check", is_flag=True, help="Ask each what it lists now; exit 3 when one differs or does not answer.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_servers(check: bool, as_json: bool) -> int:
    from curta.tools.mcp import servers

    troubles = _checked(servers.names()) if check else {}
    found = servers.all_servers()
    if as_json:
        described = [{**each.describe(), "trouble": troubles.get(each.name)} for each in found]
        output.line(json.dumps(described, indent=2, ensure_ascii=False))
    else:
        for each in found:
            _show_server(each, troubles.get(each.name))
        if not found:
            output.note("No MCP servers were added. Add one: curta tools add-server NAME -- COMMAND")
    return 3 if check and (troubles or any(each.changes for each in found)) else 0


@click.command("rm-server", help="Forget an MCP server.")
@click.argument("name")
def rm_server(name: str) -> None:
    from curta.cli.completion_names import refresh
    from curta.tools.mcp import servers

    servers.remove(name)
    refresh()
    output.note(f"Removed {name}.")


@click.command("trust", help="Show what a server has changed since you agreed to its tools, and agree again.")
@click.argument("name")
@click.option("-y", "--yes", is_flag=True, help="Agree without being asked.")
def trust(name: str, yes: bool) -> int:
    from curta.cli.completion_names import refresh
    from curta.tools.mcp import servers

    proposal = servers.review(name)
    if not proposal.changes:
        output.note(f"{name} lists what you agreed to.")
        return 0
    _show_differences(proposal)
    if not yes and not _agrees():
        output.note("Nothing was agreed to. To agree: curta tools trust --yes " + name, force=True)
        return 5
    proposal.accept()
    refresh()
    output.note(f"You agreed to {_count(proposal.now)} of {name}.")
    return 0


SERVER_COMMANDS = (add_server, list_servers, rm_server, trust)


def _checked(names: Iterable[str]) -> dict[str, str]:
    """What stands in the way of each server that does not answer."""
    from curta.tools.mcp import servers

    troubles = {}
    for name in names:
        try:
            servers.review(name)
        except CurtaError as error:
            troubles[name] = str(error)
    return troubles


def _show_server(server: "Server", trouble: str | None) -> None:
    asking = "asks before each call" if server.approval else "asks for nothing"
    output.line((server.name, "bold"), "  ", (f"{server.where} · {asking}", "faint"))
    for tool in server.describe()["tools"]:
        state = tool["state"]
        output.line("  ", (f"{state:7}", COLOURS[state]), f"  {tool['offered'] or tool['name']}")
    if trouble:
        output.line("  ", (" ".join(trouble.split()), "bad"))
    if server.changes:
        output.line("  ", f"To look at what is different, and agree: curta tools trust {server.name}")


def _show_tool(tool: "Listed", offered: str) -> None:
    arguments = ", ".join(map(str, tool.parameters.get("properties", {})))
    output.line((offered, "bold"), f"({arguments})")
    output.prose("\n".join(f"  {line}" for line in tool.description.splitlines()))
    if tool.claims:
        output.line("  ", (f"It claims: {json.dumps(dict(tool.claims), ensure_ascii=False)}", "faint"))


def _show_differences(proposal: "Proposal") -> None:
    for line in proposal.differences():
        output.line((line, {"+": "good", "-": "bad"}.get(line[:1], "faint")))


def _agrees() -> bool:
    if not sys.stdin.isatty():
        return False
    return click.confirm("Agree to what it lists now?", err=True)


def _count(tools: Iterable[Any]) -> str:
    number = len(list(tools))
    return f"{number} tool{'s' * (number != 1)}"
