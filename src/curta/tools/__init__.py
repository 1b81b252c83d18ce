"""Functions a model may call.

Rules:
1. A tool is a `Function`: what the model is told, and the code that does it. Who provides it does not matter to whom
   runs it.
2. Whatever a tool does (raise, hang, return a flood), its call has a result: a failed one with a sentence.
3. What a model writes is read as JSON, checked against the signature, and never evaluated.

function.py  what a tool is             signature.py  a Python signature as a schema, a model's arguments as values
toolbox.py   classes of tools           forms.py      each type as a schema
code.py      `--functions`              running.py    a round of calls
finding.py   tools by their names       results.py    what a function returned, as the model gets it
builtin.py   the tools that come along  mcp/          servers that provide tools
sandboxed.py a model's own programs     asker.py      whose call a tool is answering

May import `sandbox`, `models`, `store`, `sources` and the ground.
"""

from curta.tools.finding import Provided, available, find, find_again, find_all, named, of, provided
from curta.tools.function import Function, by_name
from curta.tools.toolbox import Toolbox

__all__ = [
    "Function",
    "Provided",
    "Toolbox",
    "available",
    "by_name",
    "find",
    "find_again",
    "find_all",
    "named",
    "of",
    "provided",
]
