"""Tools of MCP servers: programs and web addresses that say what they can do, and do it when a model calls.

What lives here: `servers` (the servers the user added, kept in `mcp.json`; adding, agreeing, removing; their tools as
Functions), `settings` (what is kept of one), `listing` (what a server says of a tool, its pin, what changed since it
was agreed to), `naming` (names that every provider takes), `connection` (the connections of this process, in a thread
of their own), `link` (one of them), `stdio` with `stderr`, and `web` (the two ways to a server), `results` (what a call
gave, as parts).

Rules:
1. Nothing a server says is believed. Its descriptions are a stranger's text, its annotations are claims: shown, never
   relied on. A model is told what the user agreed to, never what a server says now.
2. A tool is pinned by the hash of all the server says of it. Before the first call of a connection the server is asked
   again; a tool that differs is not called until the user has agreed to it (`curta tools trust NAME`).
3. A server gets no more than it was given: a small environment, the variables and keys the user named. Keys are stored
   by their names. A command is a list of words, never a shell's line.
4. The package `mcp` is imported when a server is spoken to, not before: it costs more than all of Curta.

May import the ground, `text`, `http`, `models.keys`, and `tools.function`.
"""
