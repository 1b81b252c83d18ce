"""Wires: the protocols of providers, sans-I/O. Requests become bytes, bytes become events.

Rules:
1. Nothing here opens a socket, waits, or keeps anything between two answers.
2. A Document becomes text here and nowhere earlier (`curta.models.rendering`).
3. What a protocol cannot carry is refused by name before anything is sent.
4. A provider's own sentence is passed on, cleaned: short, on one line, without the key.

One file per protocol: `openai_chat` (chat completions, spoken by nearly every server). What protocols share: `sse.py`
(server-sent events), `options.py` (options against what a wire declares), `schemas.py` (JSON schemas in the strict
dialect), `failures.py` (what an HTTP error of a provider means).

May import the ground and `curta.models.model`, `curta.models.rendering`.
"""
