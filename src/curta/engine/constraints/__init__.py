"""What an answer may be, said so that the engine can write nothing else: grammars for schemas, quotations and tools.

Rules:
1. Nothing here fails open. Where a grammar does not compile, the engine answers without any constraint and says nothing
   (llama.cpp #19051). So only what is known to compile goes into one, the rest is refused by its name, and whoever
   sends a grammar checks the answer against what it was made from.
2. A grammar may allow less than what was asked for, never more.
3. Pure functions: values in, text out. Nothing here knows an engine, a model or a wire.

Which file for what: `json_values.py` JSON that follows a schema, with `patterns.py` its regular expressions,
`formats.py` its formats and `recursion.py` what refers to itself; `quotable.py` what of Documents can be quoted,
`quotations.py` answers that quote nothing else; `tool_calls.py` a tool's call or an answer, in one JSON form.

The grammars are llguidance's: Lark with `%json` and `%regex` (github.com/guidance-ai/llguidance, docs/syntax.md).
"""
