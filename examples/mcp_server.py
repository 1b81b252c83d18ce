"""A small MCP server to try: `curta tools add-server text -- python examples/mcp_server.py` (needs `mcp`)."""

from collections import Counter

from mcp.server import MCPServer

server = MCPServer("text")


@server.tool()
def count_words(text: str) -> int:
    """How many words a text has."""
    return len(text.split())


@server.tool()
def frequent_words(text: str, most: int = 5) -> list[str]:
    """The words that stand most often in a text."""
    return [word for word, _ in Counter(text.lower().split()).most_common(most)]


if __name__ == "__main__":
    server.run()
