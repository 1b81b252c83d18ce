"""Embedding models: texts (or bytes) in, vectors out.

Rules:
1. One bad item is a value (`EmbedError`), never an exception: the other items of a run get their vectors. An exception
   means that no item could have been embedded: no key, no network, no such model.
2. Prefixes that a model wants before queries and documents belong to the model, not to whoever calls it.
3. A wire never opens a socket (`openai.py` writes and reads bytes), and asking is written once: `asking.py` is a
   generator that yields what to send, `driving.py` has one sync and one async driver for it.

embedder.py   the nouns: Vector, EmbedError, Prefixes, Used, the protocol Embedder
described.py  what is known of an embedding model, and where it is kept: the catalogue, the user's own `embedders.json`
openai.py     the wire: `/v1/embeddings`, as OpenAI and most servers speak it      pictures.py  with pictures
asking.py     batches; what is done with an item that a server refuses, or that is too long for the model
local.py      one whose file is on this computer
served.py     an embedder behind a URL          plugged.py  one of a plugin, or of a plugin of the user's `llm`
driving.py    runs what `asking` wants, from sync or async code

Which embedder a name means: `curta.models.embedders`. May import what `curta.models` may.
"""
