"""The half of the bridge that runs under the user's own `llm`: asked in JSON lines, it answers in JSON lines.

Rules:
1. Nothing here imports Curta. It is started by the interpreter of the user's `llm`, as the package `llm_side`, and uses
   the standard library and `llm` alone: Python 3.9 and `llm` 0.26 are enough, 0.36 is the newest it was tried with.
2. One question at a time. A second one waits; whoever wants two answers at once starts two processes.
3. What a plugin prints goes to stderr; the descriptors of the protocol are out of its reach.

channel.py  the protocol: questions, answers, cancellation    serving.py   the main loop
plugins.py  loading plugins, finding what they register        listing.py   what they offer
history.py  messages as old and as new plugins read them       asking.py    one answer of a model
arriving.py its events                                         extras.py    tools, embeddings, loaders
"""

from .serving import main

__all__ = ["main"]
