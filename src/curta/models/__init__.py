"""Voices: whatever can answer a request.

What lives here: what a model is (`model.py`), which models there are and how a name finds one (`registry.py`), keys
(`keys.py`), the protocols of providers (`wires/`, sans-I/O), how a Document reads inside a prompt (`rendering.py`), and
the built-in model that answers with verbatim spans only (`extractive/`).

Rules:
1. A wire never opens a socket: it encodes a request to bytes and decodes bytes to events. `curta.http` carries them.
2. A model never prints, never logs and never changes a request. It yields events.
3. What a model cannot do it refuses by name (`UnsupportedRequest`); nothing is half-obeyed.

May import the ground (`messages`, `events`, `errors`, `config`, `http`, `text`). Not `store`, not `sources`.
"""
