"""Wires: the protocols of providers, sans-I/O. Requests become bytes, bytes become events.

Rules:
1. Nothing here opens a socket, waits, or keeps anything between two answers.
2. A Document becomes text here and nowhere earlier (`curta.models.rendering`).
3. What a protocol cannot carry is refused by name before anything is sent.
4. A provider's own sentence is passed on, cleaned: short, on one line, without the key.
5. What a provider wants back unchanged goes back to that provider and model only (`kept.py`).

One file per protocol: `openai_chat` (chat completions, spoken by nearly every server), `openai_responses`, `anthropic`
(messages), `gemini` (generateContent), `ollama` (its own). What protocols share: `served.py` (a model behind an
endpoint), `decoding.py` (bytes to JSON objects), `sse.py` (server-sent events), `fields.py` (believing what a server
sends only as far as it has the right form), `parts.py` (documents, words and attachments of a request), `kept.py`,
`options.py` (options against what a wire declares), `schemas.py` (JSON schemas in each dialect), `failures.py` (what a
provider's error means).

May import the ground and `curta.models.model`, `curta.models.rendering`.
"""

WIRES = {
    "openai_chat": ("curta.models.wires.openai_chat", "OpenAIChat"),
    "openai_responses": ("curta.models.wires.openai_responses", "OpenAIResponses"),
    "anthropic": ("curta.models.wires.anthropic", "Anthropic"),
    "gemini": ("curta.models.wires.gemini", "Gemini"),
}
"""Name of a wire -> the module and the class that speak it, imported when a model needs it."""
