"""Models on one's own device: which model files there are, and the engine processes that run them.

Rules:
1. What is in a model file, or said by a hub, was written by somebody else: it is checked before it is used.
2. Nothing here sends a prompt anywhere: `curta.models` speaks with an engine process over the wire it knows.
3. This room imports the ground (`config`, `errors`, `messages`) and `http`, `text` and `schemas`, nothing else.

files: which model files there are; pull, adopt, verify, remove.
process: the engine processes that run them; start, find, end.
gguf.py  what a file says of itself     facts.py  what that means for its model     tokens.py  counting
"""
